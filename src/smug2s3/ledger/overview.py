"""The ledger for reports: all numbers, and the files album by album."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from smug2s3.ledger import statements, status_statements
from smug2s3.ledger.audit import Audit
from smug2s3.ledger.lock import holder
from smug2s3.ledger.rows import past_run
from smug2s3.rules import overview as rules
from smug2s3.rules.overview import SIZE_CLASSES, FileState, Overview, TimeBin, Totals, file_state
from smug2s3.rules.status import had_full_access

RUNS = 10
"""Runs in a report."""


class AlbumRow(NamedTuple):
    """An album in a report."""

    album_key: str
    path: str
    directory: str
    counted: int | None
    complete: bool


class FileRow(NamedTuple):
    """A file in a report; a plain tuple, since there may be a million."""

    name: str
    key: str
    size: int | None
    state: str
    reason: str
    date: str
    is_video: bool | None


class Reading(Audit):
    """The part of the ledger for reports."""

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Read everything in the block at one moment, whatever a run writes meanwhile."""
        await self.read(status_statements.SNAPSHOT)
        try:
            yield
        finally:
            await self.read(status_statements.SNAPSHOT_ENDS)

    async def overview(self) -> Overview:
        """The account in numbers."""
        bins, width = await self._bins()
        verification = await self.last_verification()
        since = await self._number(status_statements.STORED_SINCE, verification.began) if verification else 0
        years = await self.read(status_statements.YEARS)
        runs = tuple(past_run(row) for row in await self.read(status_statements.NEWEST_RUNS, RUNS))
        unmoved = [_named(row) for row in await self.read(status_statements.UNMOVED_NAMED)]
        return Overview(
            about={str(name): str(value) for name, value in await self.read(statements.ABOUT)},
            totals=await self._totals(),
            unmoved=rules.by_cause(unmoved, full_access=had_full_access(runs)),
            short_albums=tuple([(row[0], row[1], row[2]) for row in await self.read(status_statements.SHORT_ALBUMS)]),
            components=await self._components(),
            unanswered=await self._number(status_statements.COUNT_UNANSWERED),
            previews=await self._previews(),
            years=rules.by_year((text, bool(video), count) for text, video, count in years),
            sizes=await self._sizes(),
            bins=bins,
            bin_width=width,
            undated=await self._number(status_statements.STORED_UNDATED),
            runs=runs,
            whole_at=await self.whole_at(),
            verification=verification,
            stored_since=since,
            running=holder(self.path) is not None,
        )

    async def albums_with_files(self) -> AsyncIterator[tuple[AlbumRow, list[FileRow]]]:
        """Album by album in the order of directories; at most one in memory."""
        for row in await self.read(status_statements.REPORT_ALBUMS):
            files = await self.read(status_statements.REPORT_FILES, row[0])
            yield AlbumRow(*row), [FileRow(*file) for file in files]

    async def jpegs(self) -> list[str]:
        """The keys of all stored JPEGs, in order."""
        return [row[0] for row in await self.read(status_statements.JPEGS)]

    async def _number(self, statement: str, *values: Any) -> int:
        return int((await self.read(statement, *values))[0][0])

    async def _components(self) -> tuple[int, int]:
        ((stored, size, _),) = await self.read(status_statements.COUNT_COMPONENTS)
        return stored, size or 0

    async def _previews(self) -> tuple[int, int]:
        ((count, size),) = await self.read(statements.COUNT_PREVIEWS)
        return count, size

    async def _totals(self) -> Totals:
        files: Counter[FileState] = Counter()
        size: Counter[FileState] = Counter()
        kinds: Counter[int] = Counter()
        for state, is_video, count, total in await self.read(status_statements.TOTALS):
            what = file_state(state)
            files[what] += count
            size[what] += total
            if what in (FileState.MOVED, FileState.KEPT):
                kinds[is_video] += count
        albums = await self._number(status_statements.COUNT_ALBUMS)
        return Totals(albums=albums, files=files, size=size, videos=kinds[1], undescribed=kinds[-1])

    async def _sizes(self) -> tuple[tuple[int, int], ...]:
        rows = await self.read(status_statements.SIZES, *SIZE_CLASSES)
        found = {number: (count, size) for number, count, size in rows}
        return tuple(found.get(number, (0, 0)) for number in range(len(SIZE_CLASSES) + 1))

    async def _bins(self) -> tuple[tuple[TimeBin, ...], int]:
        first, last = (await self.read(status_statements.STORED_SPAN))[0]
        width = rules.bin_width((last or 0) - (first or 0))
        return tuple(TimeBin(*row) for row in await self.read(status_statements.STORED_BINS, width)), width


def _named(row: tuple[Any, ...]) -> tuple[str, str, str, str]:
    album, name, image_key, state, reason = row
    return album, name or image_key, state, reason
