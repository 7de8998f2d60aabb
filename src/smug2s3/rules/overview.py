"""An account in numbers, out of the ledger, and what they mean in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smug2s3.models import Known, Verification
from smug2s3.rules.remedies import Remedy, remedy
from smug2s3.rules.standing import PastRun

SIZE_CLASSES = (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000, 1_000_000_000)
"""Bytes at which a class of sizes ends and the next begins."""

EXAMPLES = 100
"""Names given for one cause; all of them can be searched for."""

_WIDTHS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400, 28 * 86_400)
_BARS = 60

WAITING = Remedy("on the way when the last run stopped", "Run `smug2s3 sync` again: it goes on where it stopped.")


class Fate(StrEnum):
    """What became of one file."""

    MOVED = "moved"
    FAILED = "failed"
    WAITING = "waiting"
    """It was on its way when the run ended."""
    UNAVAILABLE = "unavailable"
    KEPT = "kept"
    """No longer on SmugMug; what was moved of it stays."""
    LOST = "lost"
    """No longer on SmugMug, and it was never moved."""


class AlbumState(StrEnum):
    """How an album stands, its worst file first."""

    FAILED = "failed"
    INCOMPLETE = "incomplete"
    GONE = "gone"
    DONE = "done"


class Mood(StrEnum):
    """How a headline is meant."""

    GOOD = "good"
    CARE = "care"
    """Nothing is known to be lost, but something is left to do."""
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Files by what became of them; ``size`` has the bytes of each kind."""

    albums: int
    files: Mapping[Fate, int]
    size: Mapping[Fate, int]
    videos: int
    """Of what is stored; so is ``undescribed``."""
    undescribed: int
    """Files of which the ledger does not know whether they are videos: an older smug2s3 moved them."""

    @property
    def stored(self) -> int:
        """Files in the store, with those that SmugMug no longer has."""
        return self.files.get(Fate.MOVED, 0) + self.files.get(Fate.KEPT, 0)

    @property
    def stored_size(self) -> int:
        """Their bytes."""
        return self.size.get(Fate.MOVED, 0) + self.size.get(Fate.KEPT, 0)

    @property
    def missing(self) -> int:
        """Files SmugMug offers that are not in the store."""
        return self.files.get(Fate.FAILED, 0) + self.files.get(Fate.WAITING, 0)

    @property
    def offered(self) -> int:
        """Files SmugMug lists and can give."""
        return self.files.get(Fate.MOVED, 0) + self.missing


@dataclass(slots=True)
class Unmoved:
    """The files that one cause keeps out of the store."""

    remedy: Remedy
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
class Slot:
    """What was stored from ``start`` (seconds since 1970, UTC) until the next slot."""

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
    slots: tuple[Slot, ...]
    slot_width: int
    """Seconds of one slot."""
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


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict: one sentence, what it rests on, and what to do next."""

    mood: Mood
    sentence: str
    detail: str
    advice: str = ""


def fate(state: str, *, gone: bool) -> Fate:
    """What became of a file of that state, listed by SmugMug or ``gone`` from it."""
    if gone:
        return Fate.KEPT if state == Known.MOVED else Fate.LOST
    return {Known.MOVED: Fate.MOVED, Known.FAILED: Fate.FAILED, Known.MOVING: Fate.WAITING}.get(
        Known(state), Fate.UNAVAILABLE
    )


def last_ended(runs: Iterable[PastRun]) -> PastRun | None:
    """The newest run that came to its own end; what another one says of albums is only half of it."""
    return next((run for run in runs if run.ended and "error" not in run.summary), None)


def album_state(files: Mapping[Fate, int], *, counted: int | None, complete: bool) -> AlbumState:
    """How an album with these files stands; ``counted`` is SmugMug's own count of it."""
    if files.get(Fate.FAILED):
        return AlbumState.FAILED
    gone = files.get(Fate.KEPT, 0) + files.get(Fate.LOST, 0)
    listed = sum(files.values()) - gone
    if gone and not listed:
        return AlbumState.GONE
    if files.get(Fate.WAITING) or (not complete and counted is not None and listed < counted):
        return AlbumState.INCOMPLETE
    return AlbumState.DONE


def by_cause(rows: Iterable[tuple[str, str, str, str]]) -> tuple[Unmoved, ...]:
    """Album, file, state and reason of everything that is not stored, sorted by cause, the most frequent first."""
    found: dict[tuple[Remedy, bool], Unmoved] = {}
    for album, name, state, reason in rows:
        key = (WAITING if state == Known.MOVING else remedy(state, reason), state == Known.UNAVAILABLE)
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


def slot_width(span: int) -> int:
    """The seconds of one bar, so that ``span`` seconds make a readable number of them."""
    return next((width for width in _WIDTHS if span / width < _BARS), -(-span // (_BARS * 86_400)) * 86_400)


def headline(overview: Overview, place: str) -> Headline:
    """The verdict on all of it; ``place`` is what the store is called, bucket or folder."""
    if obstacle := _missing(overview, place) or _unlisted(overview, place) or _damaged(overview, place):
        return obstacle
    if not overview.whole_at:
        return Headline(
            Mood.CARE, f"Everything asked for so far is in your {place}", _proof(overview, place), _LEFT_OUT
        )
    looked = f"The whole account was last looked through on {overview.whole_at[:10]}."
    detail = f"{_proof(overview, place)} {looked}"
    return Headline(Mood.GOOD, f"Everything SmugMug offers is in your {place}", detail, _next(overview))


_LEFT_OUT = "No run over the whole account is on record yet. Run `smug2s3 sync` without choosing albums, folders, photos or videos."


def _missing(overview: Overview, place: str) -> Headline | None:
    totals = overview.totals
    if not totals.missing:
        return None
    files = f"{_count(totals.missing, 'file')} {'is' if totals.missing == 1 else 'are'} still"
    detail = f"{totals.files.get(Fate.MOVED, 0):,} of the {totals.offered:,} files SmugMug offers are in your {place}."
    if overview.at_work:
        later = "smug2s3 is at work on them right now. Make this page again when it is done."
        return Headline(Mood.CARE, f"{files} to come", detail, later)
    return Headline(
        Mood.BAD,
        f"{files} missing",
        detail,
        "Run `smug2s3 sync` again: it tries what is missing and skips what is done.",
    )


def _unlisted(overview: Overview, place: str) -> Headline | None:
    last = last_ended(overview.runs)
    if last and (left := last.summary.get("albums_left", 0)):
        detail = f"The last run stopped as it was asked to; {_count(left, 'album')} had not been looked into by then."
        return Headline(Mood.CARE, "The last run did not get to the end", detail, "Run `smug2s3 sync` to go on.")
    albums = len(overview.short_albums) or (last.summary.get("albums_incomplete", 0) if last else 0)
    if not albums:
        return None
    verb = "is" if albums == 1 else "are"
    return Headline(
        Mood.CARE,
        f"{_count(albums, 'album')} {verb} not complete yet",
        f"All {overview.totals.offered:,} files that could be listed are in your {place}. "
        "SmugMug did not show every album in full.",
        "Run `smug2s3 sync --full`. What SmugMug counts is sometimes behind: look at these albums on SmugMug.",
    )


def _damaged(overview: Overview, place: str) -> Headline | None:
    last = overview.verification
    if last is None or last.clean:
        return None
    wrong = [last.counts.get(kind, 0) for kind in ("missing", "different", "extra", "unverifiable")]
    if not any(wrong[:2]):
        sentence = f"{_count(sum(wrong), 'thing')} in your {place} could not be told or is not from smug2s3"
        return Headline(Mood.CARE, sentence, _proof(overview, place), "Read what is named below.")
    return Headline(
        Mood.BAD,
        f"Your {place} is not as it should be: {_count(wrong[0] + wrong[1], 'file')} missing or changed",
        f"So found the verification of {last.ended[:10]}.",
        "Run `smug2s3 verify --repair`, then `smug2s3 sync`, then `smug2s3 verify` again.",
    )


def _proof(overview: Overview, place: str) -> str:
    last = overview.verification
    if last is None or "ledger" in last.levels:
        return f"Every file was proven as it was moved. Nobody has looked into the {place} itself since."
    since = overview.stored_since
    later = f" Since then {_count(since, 'file')} came in." if since else ""
    return f"{last.verdict or _looked(last, place)}{later}"


def _looked(last: Verification, place: str) -> str:
    checked, read = last.counts.get("checked", 0), last.counts.get("read_back", 0)
    how = f"{read:,} of them read back, every byte" if 0 < read < checked else "every byte read back" if read else ""
    return f"Proven by a look into the {place}: {_count(checked, 'object')} as recorded{f', {how}' if how else ''}."


def _next(overview: Overview) -> str:
    last = overview.verification
    if last is None or "ledger" in last.levels or overview.stored_since:
        return "Run `smug2s3 verify` to prove it."
    if not last.safe:
        return "Before you close the SmugMug account: run `smug2s3 verify --certificate certificate.txt`."
    return "Keep the certificate and the ledger."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
