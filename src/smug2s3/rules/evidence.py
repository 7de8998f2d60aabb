"""The evidence for each file: proven and how, not available from SmugMug, or not proven and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from smug2s3.models import Entry, Known, Proof, StoredObject
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.proof import prove
from smug2s3.rules.verification import Difference


class State(StrEnum):
    """The state of a file, with what to do if it is not proven."""

    PROVEN = "proven"
    NOT_GIVEN = "not given"
    """SmugMug does not provide it, according to its listing."""
    NOT_MOVED = "not moved"
    """Not in the bucket yet, or not in its current version: a sync copies it."""
    MISSING = "missing"
    """It was stored, but is gone: a repair has it copied again."""
    DAMAGED = "different"
    """In the bucket, but with wrong bytes."""
    UNPROVEN = "unverifiable"
    """In the bucket, but nothing proves its bytes: reading it back does."""
    PENDING = "pending"
    """Its bytes are right, but its metadata in the bucket is outdated."""

    @property
    def kind(self) -> str:
        """The kind of ``Difference``: not copied and lost are both missing."""
        return State.MISSING.value if self is State.NOT_MOVED else self.value


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for one file."""

    state: State
    detail: str
    """How it is proven, or why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One object as recorded in the ledger, with what the bucket says of it in this verification."""

    key: str
    image_key: str
    """Empty for an `_album.json` or an archive file."""
    size: int
    md5: str
    etag: str
    proof: Proof
    crc64: str = ""
    listed: StoredObject | None
    looked: Evidence | None = None
    """The result of checking this object itself; overrules the listing."""

    @property
    def evidence(self) -> Evidence:
        """The evidence that the bucket has the recorded bytes."""
        if self.listed and not self.md5:
            return Evidence(State.DAMAGED, "not written again yet; `smug2s3 sync --sidecars xmp` does that")
        if self.looked:
            return self.looked
        if self.listed is None:
            return Evidence(State.MISSING, "not in the bucket")
        if self.listed.size != self.size:
            detail = f"{self.listed.size:,} bytes in the bucket instead of {self.size:,}"
            return Evidence(State.DAMAGED, detail)
        return self._by_etag(self.listed.etag)

    def _by_etag(self, etag: str) -> Evidence:
        if self.proof is Proof.WRONG:
            return Evidence(State.DAMAGED, f"its bytes were read back and do not have MD5 {self.md5}")
        if etag == self.md5:
            return Evidence(State.PROVEN, "the listed ETag is the MD5")
        if etag and etag == self.etag and self.proof.holds:
            return Evidence(State.PROVEN, f"{PROVEN_BY[self.proof]}, and the ETag is unchanged")
        if prove(etag, md5=self.md5, etags_are_md5=self.etag in ("", self.md5)) is None:
            return Evidence(State.DAMAGED, f"different bytes in the bucket (MD5 {etag} instead of {self.md5})")
        changed = "its ETag changed and" if etag != self.etag else "its ETag"
        return Evidence(
            State.UNPROVEN,
            (f"{changed} does not show whether the bytes are right; run verify with --deep to read them"),
        )


PROVEN_BY = {
    Proof.ETAG: "its ETag was its MD5",
    Proof.PARTS: "its ETag matched those of its parts",
    Proof.CHECKED: "the S3 server checked its MD5 on upload",
    Proof.READ: "it was read back and hashed",
}
"""How an object is proven while the bucket shows that it has not changed."""


def of_object(held: Held) -> Difference | None:
    """What is wrong with an object; ``None`` if it is proven."""
    evidence = held.evidence
    if evidence.state is State.PROVEN:
        return None
    return Difference(kind=evidence.state.kind, key=held.key, detail=evidence.detail)


def of_item(step: Step, entry: Entry | None, held: Held | None) -> Evidence:
    """The evidence for an item of a fresh listing.

    ``step`` is what ``plan_album`` would do with it: an item with anything left to do is not
    proven. ``entry`` and ``held`` are what the ledger and the bucket have of it.
    """
    return _JUDGED[step.action](step, entry, held)


def _not_given(step: Step, entry: Entry | None, _held: Held | None) -> Evidence:
    """Not available only if a sync has also asked for it separately: a listing may lack an address that exists."""
    asked = entry is not None and entry.state is Known.UNAVAILABLE and _serial(entry) == str(step.asset.serial)
    if asked:
        return Evidence(State.NOT_GIVEN, step.asset.unavailable)
    return Evidence(State.NOT_MOVED, f"not copied yet ({step.asset.unavailable})")


def _not_moved(_step: Step, entry: Entry | None, _held: Held | None) -> Evidence:
    if entry is None:
        return Evidence(State.NOT_MOVED, "on SmugMug, but never copied")
    if entry.stored:
        return Evidence(State.NOT_MOVED, "replaced on SmugMug since it was copied")
    if entry.state is Known.UNAVAILABLE:
        return Evidence(State.NOT_MOVED, f"available from SmugMug now, but not before ({entry.reason})")
    return Evidence(State.NOT_MOVED, entry.reason or "not copied yet")


def _moved(step: Step, _entry: Entry | None, held: Held | None) -> Evidence:
    asset = step.asset
    if held is None or held.image_key != asset.image_key:
        return Evidence(State.DAMAGED, "the ledger links it to another file's object")
    if asset.md5 and held.md5 != asset.md5:
        return Evidence(State.DAMAGED, f"the stored file has MD5 {held.md5}, but SmugMug lists {asset.md5}")
    return held.evidence


def _to_describe(step: Step, entry: Entry | None, held: Held | None) -> Evidence:
    evidence = _moved(step, entry, held)
    if evidence.state is not State.PROVEN:
        return evidence
    why = f" ({entry.reason})" if entry and entry.reason else ""
    return Evidence(State.PENDING, f"its metadata changed on SmugMug since it was copied{why}")


_JUDGED: dict[Action, Callable[[Step, Entry | None, Held | None], Evidence]] = {
    Action.MOVE: _not_moved,
    Action.SKIP: _moved,
    Action.DESCRIBE: _to_describe,
    Action.RENAME: _to_describe,
    Action.UNAVAILABLE: _not_given,
}


def of_album_file(current: str, recorded: str, held: Held | None) -> Evidence:
    """The evidence for an `_album.json`.

    ``current`` is the digest of its contents if written now, ``recorded`` of its contents when last written.
    """
    if held is None:
        return Evidence(State.NOT_MOVED, "not written yet")
    evidence = held.evidence
    if evidence.state is State.PROVEN and not recorded:
        return Evidence(State.PENDING, "not updated since the album was last listed")
    if evidence.state is State.PROVEN and current != recorded:
        return Evidence(State.PENDING, "the album's metadata changed on SmugMug since it was written")
    return evidence


def _serial(entry: Entry) -> str:
    return entry.identity.partition("|")[0]
