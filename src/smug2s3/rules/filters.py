"""Filters: which albums and files a run covers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache

from smug2s3.models import Album, Asset
from smug2s3.rules.keys import fold
from smug2s3.rules.plan import Action, Step, stored_name

OLDEST = 1800
"""No photograph is older; a camera without a clock writes the year 0 or 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from ``first`` to ``last``, both included; ``None`` for no bound."""

    first: date | None = None
    last: date | None = None

    @property
    def bounded(self) -> bool:
        """Whether any day is excluded."""
        return self.first is not None or self.last is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The selected part of the account; empty means all of it."""

    albums: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    exclude_albums: tuple[str, ...] = ()
    exclude_folders: tuple[str, ...] = ()
    exclude_files: tuple[str, ...] = ()
    photos: bool = True
    videos: bool = True
    taken: Span = field(default_factory=Span)
    uploaded: Span = field(default_factory=Span)
    min_size: int | None = None
    max_size: int | None = None

    @property
    def partial(self) -> bool:
        """Whether some of an album's files may be excluded."""
        named = self.files or self.keywords or self.exclude_files
        sized = self.min_size is not None or self.max_size is not None
        return bool(named or sized or self.taken.bounded or self.uploaded.bounded or not (self.photos and self.videos))


class Verdict(StrEnum):
    """Whether a file is selected, and if not, whether that is certain."""

    WANTED = "wanted"
    LEFT_OUT = "filtered out"
    UNDATED = "filtered out: the date is unknown"
    UNSIZED = "filtered out: the size is unknown"


def wants_album(filters: Filters, album: Album) -> bool:
    """Whether its name or path matches an album glob, one of its folders a folder glob, and none an excluding one.

    Case does not count; a folder glob covers everything below the folders it matches.
    """
    names, folders = album_names(album), folder_names(album)
    return (
        (not filters.albums or matches(filters.albums, names))
        and (not filters.folders or matches(filters.folders, folders))
        and not matches(filters.exclude_albums, names)
        and not matches(filters.exclude_folders, folders)
    )


def names_albums(filters: Filters) -> bool:
    """Whether there are filters of albums or folders."""
    return bool(filters.albums or filters.folders or filters.exclude_albums or filters.exclude_folders)


def judge(filters: Filters, asset: Asset) -> Verdict:
    """Whether the file is selected. A file without the needed date or size is not, but is counted separately."""
    if not filters.partial:
        return Verdict.WANTED
    if not _wanted_by_name(filters, asset):
        return Verdict.LEFT_OUT
    dated = [_within(filters.taken, asset.taken), _within(filters.uploaded, asset.uploaded)]
    sized = _fits(filters, asset.size)
    if False in (*dated, sized):
        return Verdict.LEFT_OUT
    if None in dated:
        return Verdict.UNDATED
    return Verdict.WANTED if sized else Verdict.UNSIZED


def sift(filters: Filters, steps: Iterable[Step]) -> tuple[list[Step], Counter[Verdict]]:
    """The steps of selected files, and how many of the others are not in the bucket, by verdict."""
    chosen: list[Step] = []
    missing: Counter[Verdict] = Counter()
    for step in steps:
        verdict = judge(filters, step.asset)
        if verdict is Verdict.WANTED:
            chosen.append(step)
        elif step.action in (Action.MOVE, Action.UNAVAILABLE):
            missing[verdict] += 1
    return chosen, missing


def wants_asset(filters: Filters, asset: Asset) -> bool:
    """Whether the file is certainly selected."""
    return judge(filters, asset) is Verdict.WANTED


def album_names(album: Album) -> tuple[str, ...]:
    """What an album glob may match."""
    return (album.name, album.path)


def folder_names(album: Album) -> tuple[str, ...]:
    """What a folder glob may match: every folder above the album, by its name and by its path."""
    return (*("/".join(album.folder[:depth]) for depth in range(1, len(album.folder) + 1)), *album.folder)


def file_names(asset: Asset) -> tuple[str, ...]:
    """What a file glob may match: the name SmugMug shows, and the one in the bucket (`Metro.MOV`, `Metro.mp4`)."""
    return (asset.filename, stored_name(asset))


def matches(globs: Iterable[str], names: Iterable[str]) -> bool:
    """Whether any of the globs matches any of the names."""
    patterns = [_pattern(glob) for glob in globs]
    return any(pattern.match(name) for name in map(fold, names) for pattern in patterns) if patterns else False


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(fold(glob.strip("/"))))


def _wanted_by_name(filters: Filters, asset: Asset) -> bool:
    names = file_names(asset) if filters.files or filters.exclude_files else ()
    return (
        (filters.videos if asset.is_video else filters.photos)
        and (not filters.files or matches(filters.files, names))
        and (not filters.keywords or matches(filters.keywords, asset.keywords))
        and not matches(filters.exclude_files, names)
    )


def _within(span: Span, moment: str) -> bool | None:
    """``None`` if it is unknown."""
    if not span.bounded:
        return True
    day = day_of(moment)
    return None if day is None else (span.first or day) <= day <= (span.last or day)


def _fits(filters: Filters, size: int | None) -> bool | None:
    """``None`` if it is unknown."""
    if filters.min_size is None and filters.max_size is None:
        return True
    if size is None:
        return None
    least = 0 if filters.min_size is None else filters.min_size
    return least <= size <= (size if filters.max_size is None else filters.max_size)


def day_of(moment: str) -> date | None:
    """The day of a date as SmugMug writes it (`2019-07-14T10:30:00+00:00`); ``None`` if it cannot be true."""
    try:
        day = date.fromisoformat(moment[:10])
    except ValueError:
        return None
    return day if day.year >= OLDEST else None
