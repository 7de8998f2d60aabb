"""What a verification found, filled in while it goes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from smug2s3.models import Account, Shown
from smug2s3.rules.evidence import State
from smug2s3.rules.verdict import Case, Verdict
from smug2s3.rules.verification import Difference, Verification

KINDS = ("missing", "different", "pending", "unverifiable", "not shown")
"""What is no proof, as ``Difference`` names it; what is ``extra`` is none of our own."""

DIFFERENCES_KEPT = 1000
"""Of one verification in the ledger; ``verify`` names all of them."""


@dataclass(slots=True, kw_only=True)
class OneByOne:
    """Objects that are being looked at one by one: how many there are, and how far it is."""

    objects: int = 0
    bytes: int = 0
    objects_done: int = 0
    bytes_done: int = 0
    """Of the objects that are done with, and of those that are being read."""
    began: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1; by bytes as soon as some were read."""
        done, whole = (self.bytes_done, self.bytes) if self.bytes_done else (self.objects_done, self.objects)
        return min(1.0, done / whole) if whole else 0.0

    def seconds_left(self) -> float | None:
        """How long it still takes at the rate so far; ``None`` before anything is done."""
        return (time.monotonic() - self.began) * (1 / self.share - 1) if self.share else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumTally:
    """One album of the fresh listing in numbers."""

    path: str
    counted: int | None
    """As SmugMug counts it."""
    states: Counter[State]
    """What it lists, by what is known of it."""
    file: State | None
    """Its own ``_album.json``; ``None`` where nobody could say what it should tell."""
    shown: Shown

    @property
    def listed(self) -> int:
        """How many items it lists."""
        return self.states.total()

    @property
    def lags(self) -> bool:
        """Whether it lists more than SmugMug counts: its lists lag behind deletions by minutes, its counts do not (probed)."""
        return self.counted is not None and self.listed > self.counted

    @property
    def complete(self) -> bool:
        """Whether it was shown in full, and all that SmugMug gives of it is proven, its own file too."""
        had = self.states[State.PROVEN] + self.states[State.NOT_GIVEN]
        return self.shown.whole and had == self.listed and self.file is State.PROVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One album held against what is stored: its tally, and by name what is not proven, not given or not moved."""

    tally: AlbumTally
    differences: tuple[Difference, ...] = ()
    unavailable: tuple[tuple[str, str], ...] = ()
    components: int = 0


@dataclass(slots=True, kw_only=True)
class Report:
    """What was looked at and what was found; the verdict is drawn from nothing else."""

    asked_store: bool = True
    """Whether the store was asked at all."""
    ok: int = 0
    """Objects that are proven to be as recorded."""
    objects: list[Difference] = field(default_factory=list)
    """What is wrong with objects, by key."""
    items: list[Difference] = field(default_factory=list)
    """What else is not proven, by the name a person knows it by."""
    strangers: list[str] = field(default_factory=list)
    """Keys of objects that the ledger does not know."""
    unavailable: list[tuple[str, str]] = field(default_factory=list)
    """What SmugMug does not give, with its reason."""
    heads: int = 0
    """Objects whose own metadata was looked at."""
    read_back: int = 0
    read_bytes: int = 0
    found_wrong: int = 0
    """Of those looked at one by one."""
    under_way: OneByOne | None = None
    """What is being looked at one by one just now."""
    account: Account | None = None
    """Whose account was walked again, if one was."""
    albums: list[AlbumTally] = field(default_factory=list)
    components: int = 0
    """Further files in SmugMug Source that are not moved."""
    shown: Shown = field(default_factory=Shown)
    """Whether SmugMug showed all that it counts."""
    account_count: str = ""
    """How the account's own count differs from that of its albums."""
    notes: list[str] = field(default_factory=list)
    """What else is worth knowing of how this was looked at."""
    partial: bool = False
    """Whether no sync has gone through the whole account yet, so that the ledger may know nothing of a part of it."""
    unmoved: int = 0
    """Of the differences, what the ledger knows to be not moved or described yet: the next sync does it."""
    queued: int = 0
    """What ``repair`` put down for the next sync."""
    beyond_repair: list[tuple[str, str]] = field(default_factory=list)
    """What ``repair`` found missing or different but no sync can move again: its key, and why."""
    verdict: Verdict | None = None
    """Where SmugMug was walked again."""
    strict: bool = False
    """Whether a stranger is a difference."""

    @property
    def differences(self) -> list[Difference]:
        """Everything that is not proven; strangers are not among it."""
        return self.objects + self.items

    @property
    def checked(self) -> int:
        """Everything that was to be proven, each thing once."""
        return self.ok + len(self.objects) + sum(one.kind != "not shown" for one in self.items)

    @property
    def source_assets(self) -> int:
        """Items that SmugMug listed."""
        return sum(album.listed for album in self.albums)

    @property
    def extra(self) -> list[Difference]:
        """The strangers, as they are named."""
        return [
            Difference(kind="extra", key=key, detail="in the bucket, but not in the ledger") for key in self.strangers
        ]

    def count(self, kind: str) -> int:
        """How many differences are of one kind."""
        return sum(difference.kind == kind for difference in self.differences)

    def not_shown(self, path: str, shown: Shown) -> None:
        """Something of ``path`` was not shown."""
        self.shown += shown
        self.items += (Difference(kind="not shown", key=path, detail=gap) for gap in shown.gaps)

    def take(self, compared: Compared) -> None:
        """One album was compared."""
        self.albums.append(compared.tally)
        self.items += compared.differences
        self.unavailable += compared.unavailable
        self.components += compared.components
        self.not_shown(compared.tally.path, compared.tally.shown)

    @property
    def clean(self) -> bool:
        """Whether there was something to look at, and nothing differs."""
        found = self.differences or (self.strict and self.strangers)
        return not found and bool(self.checked or self.unavailable)

    @property
    def passed(self) -> bool:
        """What the exit code says: the verdict, where there is one."""
        return self.verdict.safe if self.verdict else self.clean

    def case(self, *, accept_unavailable: bool, accept_count: bool) -> Case:
        """What the verdict is drawn from."""
        return Case(
            full_access=self.account is not None and self.account.full,
            counted=self.account.image_count if self.account else None,
            items=sum((album.states for album in self.albums), Counter()),
            album_files=Counter(album.file for album in self.albums if album.file),
            components=self.components,
            shown=self.shown,
            account_count=self.account_count,
            strangers=len(self.strangers) if self.strict else 0,
            accept_unavailable=accept_unavailable,
            accept_count=accept_count,
        )


def verification(report: Report, *, began: str, ended: str, levels: tuple[str, ...]) -> Verification:
    """The report as the ledger keeps it: all counts, and the first of what differs."""
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
        },
        differences=tuple(report.differences[:DIFFERENCES_KEPT]),
    )


def tally(report: Report) -> dict[str, int]:
    """The counts by kind, as ``verify --json`` gives them."""
    kinds = Counter(difference.kind for difference in report.differences)
    found = {kind.replace(" ", "_"): kinds[kind] for kind in KINDS}
    return {"checked": report.checked, "ok": report.ok} | found | {"extra": len(report.strangers)}


def named(differences: Iterable[Difference]) -> list[dict[str, str]]:
    """Differences as JSON documents name them."""
    return [{"kind": one.kind, "key": one.key, "detail": one.detail} for one in differences]
