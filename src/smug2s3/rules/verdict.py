"""The verdict on an account: one value for sentence, exit code, JSON, certificate and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from smug2s3.models import Shown
from smug2s3.rules.evidence import State


class Kind(StrEnum):
    """Whether the SmugMug account may be cancelled."""

    SAFE = "safe"
    SAFE_WITHOUT = "safe_without"
    """Except for items that SmugMug does not provide, which the user has accepted."""
    NOT_SAFE = "not_safe"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the account may be cancelled, and a sentence with the reasons."""

    kind: Kind
    sentence: str

    @property
    def safe(self) -> bool:
        """Whether it may be cancelled."""
        return self.kind is not Kind.NOT_SAFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The input of the verdict: every item and every `_album.json`, by state."""

    full_access: bool
    counted: int | None = None
    """Items that SmugMug counts in the account."""
    items: Counter[State] = field(default_factory=Counter)
    """Items of the fresh listing by state, once for each album that lists them."""
    album_files: Counter[State] = field(default_factory=Counter)
    components: Counter[State] = field(default_factory=Counter)
    """Files in SmugMug Source, such as RAW, by state."""
    unasked: int = 0
    """Hints at such files, for which SmugMug was not asked."""
    unanswered: int = 0
    """Items for which SmugMug did not say which such files they have, though it was asked."""
    shown: Shown = field(default_factory=Shown)
    """Whether everything that SmugMug counts was listed."""
    account_count: str = ""
    """How the account's own count differs from that of its albums; empty if it does not."""
    strangers: int = 0
    """Objects not from smug2s3, with --strict."""
    accept_unavailable: bool = False
    accept_count: bool = False

    @property
    def listed(self) -> int:
        """The number of items SmugMug lists."""
        return self.items.total()

    @property
    def without(self) -> int:
        """The number of items and files that this program cannot copy, as far as SmugMug says which there are."""
        return self.items[State.NOT_GIVEN] + self.source_files_lacking

    @property
    def source_files_lacking(self) -> int:
        """Of those: files in SmugMug Source."""
        return self.components[State.NOT_GIVEN] + self.unasked


def verdict(case: Case) -> Verdict:
    """Safe only if each item and each `_album.json` is proven, or not available and accepted."""
    if obstacles := list(_obstacles(case)):
        return Verdict(Kind.NOT_SAFE, f"Not safe to cancel yet: {'; '.join(obstacles)}.")
    count = (
        f" {case.account_count[:1].upper()}{case.account_count[1:]}, which you accepted." if case.account_count else ""
    )
    proven = case.items[State.PROVEN]
    raw = case.components[State.PROVEN]
    beside = f" and {_count(raw, 'file')} of SmugMug Source (such as RAW)" if raw else ""
    if lacking := _lacking(case):
        others = f"{proven:,} others" if case.without else _count(proven, "item")
        return Verdict(
            Kind.SAFE_WITHOUT,
            f"Safe to cancel without {lacking} (listed above): all {others}{beside} that SmugMug lists are in the bucket, verified and with current metadata.{count}",
        )
    return Verdict(
        Kind.SAFE,
        f"Safe to cancel: all {_count(proven, 'item')}{beside} SmugMug lists are in the bucket, verified and with "
        f"current metadata.{count}",
    )


def _obstacles(case: Case) -> Iterator[str]:
    """The reasons why it is not safe, each with what to do."""
    if not case.full_access:
        yield "this sign-in sees only public albums (run `smug2s3 auth` to include the private ones)"
    yield from _not_shown(case)
    if case.shown.whole and not case.album_files.total() and case.counted != 0:
        yield "SmugMug lists no albums"
    for state, (what, advice) in _OPEN.items():
        if number := case.items[state] + case.components[state]:
            yield f"{_count(number, 'item')} {what} ({advice})"
    for state, (what, advice) in _OPEN_FILES.items():
        if number := case.album_files[state]:
            yield f"{_count(number, 'album')} {what} ({advice})"
    if (lacking := _lacking(case)) and not case.accept_unavailable:
        yield f"{lacking} (listed above; to accept that, add --accept-unavailable)"
    if case.strangers:
        yield f"{_count(case.strangers, 'object')} not from smug2s3 (--strict)"


def _not_shown(case: Case) -> Iterator[str]:
    if gaps := len(case.shown.gaps):
        yield f"SmugMug did not list everything: {_count(gaps, 'gap')} (listed above; try again, or check on SmugMug)"
    if case.account_count and not case.accept_count:
        yield f"{case.account_count} (check on SmugMug; if you know why, add --accept-count)"


_OPEN = {
    State.NOT_MOVED: ("not in the bucket in the current version", "run `smug2s3 sync --full`"),
    State.MISSING: ("missing from the bucket", "run `smug2s3 verify --repair`, then `smug2s3 sync`"),
    State.DAMAGED: ("damaged in the bucket", "run `smug2s3 verify --repair`, then `smug2s3 sync`"),
    State.UNPROVEN: ("that must be read back to verify", "run `smug2s3 verify` with --deep"),
    State.PENDING: ("with outdated metadata in the bucket", "run `smug2s3 sync --full`"),
}
_OPEN_FILES = {
    State.NOT_GIVEN: ("without an `_album.json`", "run `smug2s3 sync --full`"),
    State.NOT_MOVED: ("without an `_album.json`", "run `smug2s3 sync --full`"),
    State.MISSING: ("without its `_album.json` in the bucket", "run `smug2s3 verify --repair`, then `smug2s3 sync`"),
    State.DAMAGED: ("with a damaged `_album.json`", "run `smug2s3 verify --repair`, then `smug2s3 sync`"),
    State.UNPROVEN: ("with an `_album.json` that must be read back to verify", "run `smug2s3 verify` with --deep"),
    State.PENDING: ("with an outdated `_album.json`", "run `smug2s3 sync --full`"),
}


def _lacking(case: Case) -> str:
    """What cannot be copied, and what may not have been; empty if there is neither."""
    parts = [f"{_count(case.without, 'item')} {_cannot_be_had(case)}"] if case.without else []
    if case.unanswered:
        parts.append(
            f"the files in SmugMug Source (such as RAW) of {_count(case.unanswered, 'item')}, which SmugMug does not list"
        )
    return " and ".join(parts)


def _cannot_be_had(case: Case) -> str:
    given, files = case.items[State.NOT_GIVEN], case.source_files_lacking
    if not files:
        return "not available from SmugMug"
    how = "were not asked for (RAW_FILES=off)" if case.unasked else "SmugMug does not deliver"
    raw = f"in SmugMug Source (such as RAW) that {how}"
    return raw if not given else f"not available from SmugMug ({given:,}) or {raw} ({files:,})"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
