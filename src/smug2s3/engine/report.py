"""The result of a verification, filled in while it runs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from smug2s3.models import Account, Shown
from smug2s3.rules.evidence import State
from smug2s3.rules.preview_keys import Size
from smug2s3.rules.verdict import Case, Verdict
from smug2s3.rules.verification import Difference, Verification

KINDS = ("missing", "different", "pending", "unverifiable", "not shown")
"""The kinds of ``Difference`` that are not proof; ``extra`` is for objects not from smug2s3."""

DIFFERENCES_KEPT = 1000
"""How many the ledger keeps of one verification; ``verify`` lists all of them."""


@dataclass(slots=True, kw_only=True)
class OneByOne:
    """Progress of checking objects one by one."""

    objects: int = 0
    bytes: int = 0
    objects_done: int = 0
    bytes_done: int = 0
    """Bytes of objects already done and of those being read."""
    began: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """The share done, 0 to 1; by bytes once some were read."""
        done, whole = (self.bytes_done, self.bytes) if self.bytes_done else (self.objects_done, self.objects)
        return min(1.0, done / whole) if whole else 0.0

    def seconds_left(self) -> float | None:
        """Seconds left at the rate so far; ``None`` at the start."""
        return (time.monotonic() - self.began) * (1 / self.share - 1) if self.share else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumTally:
    """One album of the fresh listing in numbers."""

    path: str
    counted: int | None
    """Items counted by SmugMug."""
    states: Counter[State]
    """Listed items, by state."""
    file: State | None
    """State of its ``_album.json``; ``None`` if its right contents are unknown."""
    shown: Shown
    components: Counter[State] = field(default_factory=Counter)
    """Files in SmugMug Source, such as RAW, by state; they are not among the items."""

    @property
    def listed(self) -> int:
        """The number of listed items."""
        return self.states.total()

    @property
    def lags(self) -> bool:
        """Whether it lists more than SmugMug counts: its lists lag behind deletions by minutes, its counts do not (probed)."""
        return self.counted is not None and self.listed > self.counted

    @property
    def complete(self) -> bool:
        """Whether it was listed completely and everything available is proven, with its ``_album.json``."""
        states = self.states + self.components
        had = states[State.PROVEN] + states[State.NOT_GIVEN]
        return self.shown.whole and had == states.total() and self.file is State.PROVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One album compared with the bucket: its tally, and every item that is not proven, not available or not copied."""

    tally: AlbumTally
    differences: tuple[Difference, ...] = ()
    unavailable: tuple[tuple[str, str], ...] = ()
    unasked: int = 0
    """Hints at files in SmugMug Source, for which SmugMug was not asked."""
    unanswered: int = 0
    """Items for which SmugMug did not say which files they have there, though it was asked."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What was checked and what was found; the only input of the verdict."""

    asked_store: bool = True
    """Whether the bucket was checked at all."""
    ok: int = 0
    """Objects proven to be as recorded."""
    objects: list[Difference] = field(default_factory=list)
    """Differences of objects, by key."""
    items: list[Difference] = field(default_factory=list)
    """Other differences, by a name for people."""
    strangers: list[str] = field(default_factory=list)
    """Keys of objects that the ledger does not know."""
    unavailable: list[tuple[str, str]] = field(default_factory=list)
    """Items not available from SmugMug, with the reason."""
    archived: list[tuple[str, str]] = field(default_factory=list)
    """Objects that cannot be read back but are proven by the listing: key, and why they cannot be read."""
    heads: int = 0
    """Objects whose metadata was checked."""
    read_back: int = 0
    read_bytes: int = 0
    found_wrong: int = 0
    """Bytes of those checked one by one."""
    under_way: OneByOne | None = None
    """Progress of the current one-by-one check."""
    account: Account | None = None
    """The account that was listed again, if any."""
    albums: list[AlbumTally] = field(default_factory=list)
    unasked: int = 0
    """Hints at files in SmugMug Source, for which SmugMug was not asked."""
    unanswered: int = 0
    """Items for which SmugMug did not say which files they have there, though it was asked."""
    shown: Shown = field(default_factory=Shown)
    """Whether SmugMug listed everything that it counts."""
    account_count: str = ""
    """How the account's own count differs from the sum of its albums."""
    notes: list[str] = field(default_factory=list)
    """Notes on how the comparison was made."""
    partial: bool = False
    """Whether no sync has covered the whole account yet, so that the ledger may lack parts of it."""
    unmoved: int = 0
    """How many of the differences the next sync will resolve: not copied, or metadata not updated."""
    queued: int = 0
    """How many files ``repair`` queued for the next sync."""
    queued_sidecars: int = 0
    """Of these, XMP sidecars."""
    queued_previews: set[Size] = field(default_factory=set)
    """The sizes of previews among them."""
    previews: int = 0
    """Of the objects, previews: they are no part of the albums, and the verdict does not depend on them."""
    previews_wrong: int = 0
    """Of those: not as recorded."""
    beyond_repair: list[tuple[str, str]] = field(default_factory=list)
    """Differences that ``repair`` found but no sync can repair: key and reason."""
    verdict: Verdict | None = None
    """Albums, if SmugMug was listed again."""
    strict: bool = False
    """Whether an extra object counts as a difference."""

    @property
    def differences(self) -> list[Difference]:
        """All differences, without extra objects."""
        return self.objects + self.items

    @property
    def checked(self) -> int:
        """The number of things to prove, each counted once."""
        return self.ok + len(self.objects) + sum(one.kind != "not shown" for one in self.items)

    @property
    def source_assets(self) -> int:
        """Items that SmugMug listed."""
        return sum(album.listed for album in self.albums)

    @property
    def components(self) -> Counter[State]:
        """Files in SmugMug Source, such as RAW, by state."""
        return sum((album.components for album in self.albums), Counter())

    @property
    def extra(self) -> list[Difference]:
        """Extra objects, as differences."""
        return [
            Difference(kind="extra", key=key, detail="in the bucket, but not in the ledger") for key in self.strangers
        ]

    def count(self, kind: str) -> int:
        """The number of differences of one kind."""
        return sum(difference.kind == kind for difference in self.differences)

    def not_shown(self, path: str, shown: Shown) -> None:
        """Record that SmugMug did not list all of ``path``."""
        self.shown += shown
        self.items += (Difference(kind="not shown", key=path, detail=gap) for gap in shown.gaps)

    def take(self, compared: Compared) -> None:
        """One album was compared."""
        self.albums.append(compared.tally)
        self.items += compared.differences
        self.unavailable += compared.unavailable
        self.unasked += compared.unasked
        self.unanswered += compared.unanswered
        self.not_shown(compared.tally.path, compared.tally.shown)

    @property
    def clean(self) -> bool:
        """Whether something was checked and nothing differs."""
        found = self.differences or (self.strict and self.strangers)
        return not found and bool(self.checked or self.unavailable)

    @property
    def passed(self) -> bool:
        """Success as in the exit code: by the verdict, if there is one."""
        return self.verdict.safe if self.verdict else self.clean

    def case(self, *, accept_unavailable: bool, accept_count: bool) -> Case:
        """The input of the verdict."""
        return Case(
            full_access=self.account is not None and self.account.full,
            counted=self.account.image_count if self.account else None,
            items=sum((album.states for album in self.albums), Counter()),
            album_files=Counter(album.file for album in self.albums if album.file),
            components=self.components,
            unasked=self.unasked,
            unanswered=self.unanswered,
            shown=self.shown,
            account_count=self.account_count,
            strangers=len(self.strangers) if self.strict else 0,
            accept_unavailable=accept_unavailable,
            accept_count=accept_count,
        )


def verification(report: Report, *, began: str, ended: str, levels: tuple[str, ...]) -> Verification:
    """The report as the ledger keeps it: all counts, and the first differences."""
    return Verification(
        began=began,
        ended=ended,
        levels=levels,
        clean=report.clean,
        safe=report.verdict.safe if report.verdict else None,
        verdict=report.verdict.sentence if report.verdict else "",
        counts=tally(report)
        | {
            "unavailable": len(report.unavailable),
            "heads": report.heads,
            "read_back": report.read_back,
            "read_bytes": report.read_bytes,
            "source_albums": len(report.albums),
            "source_assets": report.source_assets,
            "source_components": report.components.total(),
            "source_unanswered": report.unanswered,
            "previews": report.previews,
            "previews_wrong": report.previews_wrong,
        },
        differences=tuple(report.differences[:DIFFERENCES_KEPT]),
    )


def tally(report: Report) -> dict[str, int]:
    """The counts by kind, as in ``verify --json``."""
    kinds = Counter(difference.kind for difference in report.differences)
    found = {kind.replace(" ", "_"): kinds[kind] for kind in KINDS}
    return {"checked": report.checked, "ok": report.ok} | found | {"extra": len(report.strangers)}


def named(differences: Iterable[Difference]) -> list[dict[str, str]]:
    """Differences as in JSON documents."""
    return [{"kind": one.kind, "key": one.key, "detail": one.detail} for one in differences]
