"""The numbers of an account from the ledger, and how they are computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smug2s3.models import Known
from smug2s3.rules.diagnostics import Diagnosis, diagnosis
from smug2s3.rules.status import PastRun
from smug2s3.rules.verification import Verification

SIZE_CLASSES = (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000, 1_000_000_000)
"""Upper bounds of the size classes, in bytes."""

EXAMPLES = 100
"""How many files are listed for one cause; the page's search finds all of them."""

_WIDTHS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400, 28 * 86_400)
_BARS = 60

WAITING = Diagnosis("in transfer when the last run stopped", "Run `smug2s3 sync` again: it continues where it stopped.")


class FileState(StrEnum):
    """The state of a file."""

    MOVED = "moved"
    FAILED = "failed"
    WAITING = "waiting"
    """It was in transfer when the run ended."""
    UNAVAILABLE = "unavailable"
    KEPT = "kept"
    """No longer on SmugMug; the copy stays."""


class AlbumState(StrEnum):
    """The state of an album, by its worst file."""

    FAILED = "failed"
    INCOMPLETE = "incomplete"
    GONE = "gone"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Numbers of files by state; ``size`` has the bytes of each state."""

    albums: int
    files: Mapping[FileState, int]
    size: Mapping[FileState, int]
    videos: int
    """Stored videos; ``undescribed`` also counts stored files."""
    undescribed: int
    """Files of which the ledger does not know whether they are videos, copied by an older smug2s3."""

    @property
    def stored(self) -> int:
        """Files in the bucket, including those no longer on SmugMug."""
        return self.files.get(FileState.MOVED, 0) + self.files.get(FileState.KEPT, 0)

    @property
    def stored_size(self) -> int:
        """Their bytes."""
        return self.size.get(FileState.MOVED, 0) + self.size.get(FileState.KEPT, 0)

    @property
    def missing(self) -> int:
        """Files SmugMug offers that are not in the bucket."""
        return self.files.get(FileState.FAILED, 0) + self.files.get(FileState.WAITING, 0)

    @property
    def offered(self) -> int:
        """Files that SmugMug lists and provides."""
        return self.files.get(FileState.MOVED, 0) + self.missing


@dataclass(slots=True)
class Unmoved:
    """The files that are missing for one cause."""

    diagnosis: Diagnosis
    unavailable: bool
    count: int = 0
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    """Album, file name and the reason as in the ledger."""


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
    """Everything in a report except the files themselves."""

    about: Mapping[str, str]
    """Account, server, bucket and prefix."""
    totals: Totals
    unmoved: tuple[Unmoved, ...]
    short_albums: tuple[tuple[str, int, int], ...]
    """Path, SmugMug's count and the known number of items of incomplete albums."""
    years: tuple[Year, ...]
    sizes: tuple[tuple[int, int], ...]
    """Files and bytes of each size class; see ``SIZE_CLASSES``."""
    bins: tuple[TimeBin, ...]
    bin_width: int
    """Seconds of one bin."""
    undated: int
    """Files with an unknown time of copying, since the ledger was rebuilt from the bucket."""
    runs: tuple[PastRun, ...]
    """The newest first."""
    whole_at: str
    """When a run over the whole account last completed with every album fully listed; empty if none did."""
    verification: Verification | None
    stored_since: int
    """Files stored since that verification began."""
    running: bool = False
    """Whether a run is using the ledger now."""
    components: tuple[int, int] = (0, 0)
    """Of the stored files, RAW and other files in SmugMug Source, and their bytes."""
    unanswered: int = 0
    """Items for which SmugMug did not list such files, though it was asked."""
    previews: tuple[int, int] = (0, 0)
    """SmugMug's reduced pictures, which are not among the files, and their bytes."""


def file_state(state: str) -> FileState:
    """The file state for a state in the ledger."""
    return {
        Known.MOVED: FileState.MOVED,
        Known.FAILED: FileState.FAILED,
        Known.MOVING: FileState.WAITING,
        Known.UNAVAILABLE: FileState.UNAVAILABLE,
        Known.GONE: FileState.KEPT,
    }[Known(state)]


def last_ended(runs: Iterable[PastRun]) -> PastRun | None:
    """The newest run that completed; an interrupted one knows only a part of the albums."""
    return next((run for run in runs if run.ended and "error" not in run.summary), None)


def album_state(files: Mapping[FileState, int], *, counted: int | None, complete: bool) -> AlbumState:
    """The state of an album with these files; ``counted`` is SmugMug's own count."""
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
    """Groups files that are not stored by cause, the most frequent first."""
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
    """Files by year, from rows of year, whether video, and number; undated ones come last."""
    found: dict[int | None, list[int]] = {}
    for text, video, count in rows:
        # Photography began in 1826; a camera without a clock writes the year 0, 1 or nothing.
        year = int(text) if text.isdecimal() and text.isascii() and 1826 <= int(text) <= 2100 else None
        found.setdefault(year, [0, 0])[bool(video)] += count
    undated = [Year(None, *found.pop(None))] if None in found else []
    return (*(Year(year, *found[year]) for year in sorted(y for y in found if y is not None)), *undated)


def bin_width(span: int) -> int:
    """The seconds per bar that divide ``span`` into a readable number of bars."""
    return next((width for width in _WIDTHS if span / width < _BARS), -(-span // (_BARS * 86_400)) * 86_400)
