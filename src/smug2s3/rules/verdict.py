"""The verdict on an account: one value, off which sentence, exit code, JSON, certificate and report are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from smug2s3.models import Shown
from smug2s3.rules.evidence import State


class Kind(StrEnum):
    """What may be done with the account on SmugMug."""

    SAFE = "safe"
    SAFE_WITHOUT = "safe_without"
    """But for items that SmugMug does not give, which the user has said to do without."""
    NOT_SAFE = "not_safe"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the account may be cancelled, and the sentence that says so or what stands in the way."""

    kind: Kind
    sentence: str

    @property
    def safe(self) -> bool:
        """Whether it may."""
        return self.kind is not Kind.NOT_SAFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the verdict is drawn from: every item and every album's own file, by what is known of it."""

    full_access: bool
    counted: int | None = None
    """What SmugMug itself counts in the account."""
    items: Counter[State] = field(default_factory=Counter)
    """Every item of the fresh listing, once for each album that lists it."""
    album_files: Counter[State] = field(default_factory=Counter)
    components: int = 0
    """Further files in SmugMug Source, such as RAW, which are not moved."""
    shown: Shown = field(default_factory=Shown)
    """Whether everything was listed that SmugMug counts anywhere."""
    account_count: str = ""
    """How the account's own count differs from that of its albums; empty where it does not."""
    strangers: int = 0
    """Objects that are not ours, where the user wants none."""
    accept_unavailable: bool = False
    accept_count: bool = False

    @property
    def listed(self) -> int:
        """How many items SmugMug lists."""
        return self.items.total()

    @property
    def without(self) -> int:
        """How many items and files there are that cannot be had by this program."""
        return self.items[State.NOT_GIVEN] + self.components


def verdict(case: Case) -> Verdict:
    """Safe only if each item and each album's own file is proven, or is not given and can be done without."""
    if obstacles := list(_obstacles(case)):
        return Verdict(Kind.NOT_SAFE, f"Not safe to cancel yet: {'; '.join(obstacles)}.")
    count = (
        f" {case.account_count[:1].upper()}{case.account_count[1:]}, which you accepted." if case.account_count else ""
    )
    proven = case.items[State.PROVEN]
    if case.without:
        return Verdict(
            Kind.SAFE_WITHOUT,
            f"Safe to cancel without {_count(case.without, 'item')} {_cannot_be_had(case)} (listed above): all "
            f"{proven:,} others that SmugMug lists are in the bucket, verified and with current metadata.{count}",
        )
    return Verdict(
        Kind.SAFE,
        f"Safe to cancel: all {_count(proven, 'item')} SmugMug lists are in the bucket, verified and with "
        f"current metadata.{count}",
    )


def _obstacles(case: Case) -> Iterator[str]:
    """What stands in the way, each with what to do about it."""
    if not case.full_access:
        yield "this sign-in sees only public albums (run `smug2s3 auth` to include the private ones)"
    yield from _not_shown(case)
    if case.shown.whole and not case.album_files.total() and case.counted != 0:
        yield "SmugMug lists no albums"
    for state, (what, advice) in _OPEN.items():
        if number := case.items[state]:
            yield f"{_count(number, 'item')} {what} ({advice})"
    for state, (what, advice) in _OPEN_FILES.items():
        if number := case.album_files[state]:
            yield f"{_count(number, 'album')} {what} ({advice})"
    if case.without and not case.accept_unavailable:
        yield (
            f"{_count(case.without, 'item')} {_cannot_be_had(case)} (listed above; to accept that, add "
            "--accept-unavailable)"
        )
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


def _cannot_be_had(case: Case) -> str:
    given, components = case.items[State.NOT_GIVEN], case.components
    if not components:
        return "not available from SmugMug"
    raw = "not copied by smug2s3 (RAW and other files in SmugMug Source)"
    return raw if not given else f"not available from SmugMug ({given:,}) or {raw}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
