"""An account in numbers, out of the ledger, and how they are gathered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smug2s3.models import Known
from smug2s3.rules.diagnostics import Diagnosis, diagnosis
from smug2s3.rules.status import PastRun
from smug2s3.rules.verification import Verification

SIZE_CLASSES = (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000, 1_000_000_000)
"""Bytes at which a class of sizes ends and the next begins."""

EXAMPLES = 100
"""Names given for one cause; all of them can be searched for."""

_WIDTHS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400, 28 * 86_400)
_BARS = 60

WAITING = Diagnosis("in transfer when the last run stopped", "Run `smug2s3 sync` again: it continues where it stopped.")


class FileState(StrEnum):
    """What became of one file."""

    MOVED = "moved"
    FAILED = "failed"
    WAITING = "waiting"
    """It was on its way when the run ended."""
    UNAVAILABLE = "unavailable"
    KEPT = "kept"
    """No longer on SmugMug; what was moved of it stays."""


class AlbumState(StrEnum):
    """How an album stands, its worst file first."""

    FAILED = "failed"
    INCOMPLETE = "incomplete"
    GONE = "gone"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Files by what became of them; ``size`` has the bytes of each kind."""

    albums: int
    files: Mapping[FileState, int]
    size: Mapping[FileState, int]
    videos: int
    """Of what is stored; so is ``undescribed``."""
    undescribed: int
    """Files of which the ledger does not know whether they are videos: an older smug2s3 moved them."""

    @property
    def stored(self) -> int:
        """Files in the store, with those that SmugMug no longer has."""
        return self.files.get(FileState.MOVED, 0) + self.files.get(FileState.KEPT, 0)

    @property
    def stored_size(self) -> int:
        """Their bytes."""
        return self.size.get(FileState.MOVED, 0) + self.size.get(FileState.KEPT, 0)

    @property
    def missing(self) -> int:
        """Files SmugMug offers that are not in the store."""
        return self.files.get(FileState.FAILED, 0) + self.files.get(FileState.WAITING, 0)

    @property
    def offered(self) -> int:
        """Files SmugMug lists and can give."""
        return self.files.get(FileState.MOVED, 0) + self.missing


@dataclass(slots=True)
class Unmoved:
    """The files that one cause keeps out of the store."""

    diagnosis: Diagnosis
    unavailable: bool
    count: int = 0
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    """Album, file name and the reason in the ledger's own words."""


@dataclass(frozen=True, slots=True)
class Year:
    """The files of one year; ``year`` is ``None`` for those without a date."""

    year: int | None
    photos: int = 0
    videos: int = 0

    @property
    def files(self) -> int:
        """All of them."""
        return self.photos + self.videos


@dataclass(frozen=True, slots=True)
class TimeBin:
    """What was stored from ``start`` (seconds since 1970, UTC) until the next bin."""

    start: int
    files: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that a report says beside the files themselves."""

    about: Mapping[str, str]
    """Account, store, bucket and prefix."""
    totals: Totals
    unmoved: tuple[Unmoved, ...]
    short_albums: tuple[tuple[str, int, int], ...]
    """Path, SmugMug's own count and the number known of albums that are not complete."""
    years: tuple[Year, ...]
    sizes: tuple[tuple[int, int], ...]
    """Files and bytes of each of the classes that ``SIZE_CLASSES`` part."""
    bins: tuple[TimeBin, ...]
    bin_width: int
    """Seconds of one bin."""
    undated: int
    """Files of which the ledger does not know when they were stored: it was made anew from the bucket."""
    runs: tuple[PastRun, ...]
    """The newest first."""
    whole_at: str
    """When a run over the whole account last came to its end with every album listed in full; empty if none did."""
    verification: Verification | None
    stored_since: int
    """Files stored after that verification began."""
    at_work: bool = False
    """Whether a run holds the ledger at this moment."""


def file_state(state: str) -> FileState:
    """What became of a file of that state."""
    return {
        Known.MOVED: FileState.MOVED,
        Known.FAILED: FileState.FAILED,
        Known.MOVING: FileState.WAITING,
        Known.UNAVAILABLE: FileState.UNAVAILABLE,
        Known.GONE: FileState.KEPT,
    }[Known(state)]


def last_ended(runs: Iterable[PastRun]) -> PastRun | None:
    """The newest run that came to its own end; what another one says of albums is only half of it."""
    return next((run for run in runs if run.ended and "error" not in run.summary), None)


def album_state(files: Mapping[FileState, int], *, counted: int | None, complete: bool) -> AlbumState:
    """How an album with these files stands; ``counted`` is SmugMug's own count of it."""
    if files.get(FileState.FAILED):
        return AlbumState.FAILED
    gone = files.get(FileState.KEPT, 0)
    listed = sum(files.values()) - gone
    if gone and not listed:
        return AlbumState.GONE
    if files.get(FileState.WAITING) or (not complete and counted is not None and listed < counted):
        return AlbumState.INCOMPLETE
    return AlbumState.DONE


def by_cause(rows: Iterable[tuple[str, str, str, str]], *, full_access: bool = True) -> tuple[Unmoved, ...]:
    """Album, file, state and reason of everything that is not stored, sorted by cause, the most frequent first."""
    found: dict[tuple[Diagnosis, bool], Unmoved] = {}
    for album, name, state, reason in rows:
        key = (
            WAITING if state == Known.MOVING else diagnosis(state, reason, full_access=full_access),
            state == Known.UNAVAILABLE,
        )
        unmoved = found.setdefault(key, Unmoved(*key))
        unmoved.count += 1
        if len(unmoved.examples) < EXAMPLES:
            unmoved.examples.append((album, name, reason))
    return tuple(sorted(found.values(), key=lambda one: -one.count))


def by_year(rows: Iterable[tuple[str, bool, int]]) -> tuple[Year, ...]:
    """Files by year from the beginning of a date, whether they are videos, and how many; the undated come last."""
    found: dict[int | None, list[int]] = {}
    for text, video, count in rows:
        # Photography begins in 1826; a camera without a clock writes the year 0, 1 or nothing.
        year = int(text) if text.isdecimal() and text.isascii() and 1826 <= int(text) <= 2100 else None
        found.setdefault(year, [0, 0])[bool(video)] += count
    undated = [Year(None, *found.pop(None))] if None in found else []
    return (*(Year(year, *found[year]) for year in sorted(y for y in found if y is not None)), *undated)


def bin_width(span: int) -> int:
    """The seconds of one bar, so that ``span`` seconds make a readable number of them."""
    return next((width for width in _WIDTHS if span / width < _BARS), -(-span // (_BARS * 86_400)) * 86_400)
