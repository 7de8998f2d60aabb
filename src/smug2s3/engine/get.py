"""Copies what is stored to a folder on a disk, album by album, and skips what is there already."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from smug2s3.engine.fetch import Fetcher
from smug2s3.engine.get_summary import GetSummary
from smug2s3.engine.get_zip import Zipping
from smug2s3.errors import (
    Smug2s3Error,
    StoreArchived,
    StoreCorrupt,
    StoreError,
    StoreMissing,
    StoreUnreachable,
    TargetError,
    UsageError,
    foreseen,
)
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.budget import Budget
from smug2s3.flow.retry import RetryPolicy
from smug2s3.flow.throttle import Throttle
from smug2s3.flow.together import task_group, together
from smug2s3.models import Album
from smug2s3.ports.archive import Archive
from smug2s3.ports.home import Home
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.store import Store
from smug2s3.rules import diagnostics, digests, keys
from smug2s3.rules.bandwidth import Timetable
from smug2s3.rules.filters import Filters, Verdict, judge, wants_album
from smug2s3.rules.homecoming import ArchivedAlbum, HomeFile, Times, home_files, sidecar_files, zip_parts, zip_path
from smug2s3.rules.unmatched import Matches
from smug2s3.rules.xmp import Naming

POLICY = RetryPolicy(attempts=4, first_wait=1.0)
"""For a whole file; its requests have policies of their own."""

ZIPS = 4
"""ZIPs written at once."""

HELD = 40 * 1024 * 1024
"""Bytes of files that wait in memory for their place in a ZIP."""

PLACING = 16
"""Files that may be on their way to the disk beside those that are received: a disk takes its time to sync large ones."""

LOOKS = 64
"""Files of an album that are looked at together."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class GetOptions:
    """What to copy, and how."""

    prefix: str = ""
    filters: Filters = field(default_factory=Filters)
    times: Times = Times.TAKEN
    transfers: int | None = None
    bandwidth: Timetable | None = None
    xmp: Naming | None = None
    """How to name XMP sidecars; ``None`` to write none."""
    zip: bool = False
    zip_size: int | None = None
    restore_tier: str = ""
    """``bulk`` or ``standard`` to have archived files restored."""
    dry_run: bool = False


@dataclass(slots=True)
class _Work:
    """An album on its way."""

    path: str
    left: int
    complete: bool = True


Job = Callable[[], Awaitable[object]]
Queue = asyncio.Queue[Job | None]


class Get:
    """One run."""

    def __init__(
        self,
        *,
        archive: Archive,
        store: Store,
        home: Home,
        reporter: Reporter,
        options: GetOptions,
        summary: GetSummary,
        policy: RetryPolicy = POLICY,
    ) -> None:
        self._archive = archive
        self._store = store
        self._home = home
        self._reporter = reporter
        self._options = options
        self._limiter = AdaptiveLimiter.up_to(options.transfers)
        throttle = Throttle(lambda: options.bandwidth.at(datetime.now().astimezone()) if options.bandwidth else None)
        self._fetcher = Fetcher(store, reporter, policy, throttle, self._limiter)
        self._matches = Matches(options.filters)
        self._references: list[tuple[HomeFile, _Work]] = []
        self._zips: set[str] = set()
        self._held = Budget(HELD)
        self.summary = summary

    async def run(self) -> None:
        """Copy everything; raises only what stops the whole run."""
        async with self._limiter.adapting():
            await self._through(self._albums, ZIPS if self._options.zip else self._limiter.highest + PLACING)
            # The files that others refer to are there now.
            await self._through(self._refer, self._limiter.highest + PLACING)

    def refusal(self) -> UsageError | None:
        """The error for filters that matched nothing."""
        return self._matches.refusal(all_listed=not self._archive.problems)

    async def _through(self, produce: Callable[[Queue], Coroutine[Any, Any, None]], workers: int) -> None:
        """Do everything that is put into a queue."""
        jobs: Queue = asyncio.Queue(workers)
        async with task_group() as group:
            for _ in range(workers):
                group.create_task(_work(jobs))
            await produce(jobs)
            for _ in range(workers):
                await jobs.put(None)

    async def _albums(self, jobs: Queue) -> None:
        try:
            async for album, archived in self._archive.albums(self._wanted):
                if archived is not None:
                    await self._album(album, await self._files(archived), jobs)
        finally:
            self.summary.problems = list(self._archive.problems)
        self._reporter.walked()

    def _wanted(self, album: Album) -> bool:
        wanted = wants_album(self._options.filters, album)
        self._matches.album(album, wanted=wanted)
        self.summary.albums += wanted
        self.summary.albums_left_out += not wanted
        return wanted

    async def _files(self, archived: ArchivedAlbum) -> list[HomeFile]:
        """The album's wanted files, counted."""
        found = home_files(archived, which=self._options.times, names=self._home.names)
        verdicts = [judge(self._options.filters, one.asset) for one, _ in found]
        files = [file for (_, file), verdict in zip(found, verdicts, strict=True) if verdict is Verdict.WANTED]
        self._matches.assets([one.asset for one, _ in found], wanted=len(files))
        counts = Counter(verdicts)
        self.summary.files += len(files)
        self.summary.lacking += archived.lacking
        self.summary.left_out += len(found) - len(files)
        self.summary.left_out_undated += counts[Verdict.UNDATED]
        self.summary.left_out_unsized += counts[Verdict.UNSIZED]
        for file in files:
            if file.path != file.wanted:
                self.summary.renamed += 1
                self.summary.name(file.path, "renamed", f"in the archive it is {file.wanted}")
        self._reporter.album(archived.album.directory, count=len(files), size=sum(file.size or 0 for file in files))
        if self._options.xmp:
            beside = sidecar_files(found, self._options.xmp, self._home.names)
            files = [one for file in files for one in (file, beside.get(file.path)) if one]
        return await _in_turn(self._known, files)

    async def _known(self, file: HomeFile) -> HomeFile:
        """With its size and MD5, as far as anybody knows them."""
        if file.md5 is not None and file.size is not None:
            return file
        try:
            head = await self._store.head(file.key)
        except StoreError as error:
            if error.ends_the_run:
                raise
            return file  # it fails with its reason when it is copied
        self.summary.unrecorded += file.md5 is None
        size = head.size if file.size is None else file.size
        return replace(file, size=size, md5=file.md5 or digests.clean_md5(head.etag))

    async def _album(self, album: Album, files: list[HomeFile], jobs: Queue) -> None:
        """Queue what is not there yet."""
        if self._options.zip:
            parts = self._parts(album, files)
            right = await _in_turn(lambda part: self._is_right(self._home.zip_is_right(*part)), parts)
            missing = [part for part, there in zip(parts, right, strict=True) if not there]
            todo = [file for _, some in missing for file in some]
            work = self._planned(album, files, todo)
            for path, some in missing if not self._options.dry_run else ():
                await jobs.put(partial(self._zip, path, some, work))
            return
        todo = await self._missing(files)
        work = self._planned(album, files, todo)
        for file in todo if not self._options.dry_run else ():
            if file.reference:
                self._references.append((file, work))
            else:
                await jobs.put(partial(self._try, file, partial(self._fetch, file), work))

    async def _missing(self, files: Sequence[HomeFile]) -> list[HomeFile]:
        """Those that are not there, or not right."""
        absent = await self._home.absent(files)
        there = [file for file in files if file.path not in absent]
        right = await _in_turn(lambda file: self._is_right(self._home.is_right(file)), there)
        kept = {file.path for file, is_right in zip(there, right, strict=True) if is_right}
        return [file for file in files if file.path not in kept]

    async def _is_right(self, look: Awaitable[bool]) -> bool:
        try:
            return await look
        except TargetError as error:
            if error.ends_the_run:
                raise
            return False  # it cannot be read; whether it can be replaced is seen when it is copied

    def _planned(self, album: Album, files: Sequence[HomeFile], todo: Sequence[HomeFile]) -> _Work:
        count, new = len(_stored(files)), _stored(todo)
        size = sum(file.size or 0 for file in new)
        self.summary.skipped += count - len(new)
        self._reporter.planned(album.directory, count=count, files=len(new), size=size, skipped=count - len(new))
        if self._options.dry_run:
            self.summary.copied += len(new)
            self.summary.sidecars += len(todo) - len(new)
            self.summary.bytes += size
        elif not todo:
            self._reporter.settled(album.directory, complete=True)
        return _Work(album.directory, len(todo))

    def _parts(self, album: Album, files: Sequence[HomeFile]) -> list[tuple[str, list[HomeFile]]]:
        """The path and files of each ZIP."""
        parts = list(zip_parts(files, self._options.zip_size))
        named = [(zip_path(album, number, len(parts), self._home.names), part) for number, part in enumerate(parts, 1)]
        for path, _ in named:
            if keys.fold(path) in self._zips:  # an album is called like a part of another
                return [(f"{path.removesuffix('.zip')}-{album.key}.zip", part) for path, part in named]
        self._zips |= {keys.fold(path) for path, _ in named}
        return named

    async def _zip(self, path: str, files: Sequence[HomeFile], work: _Work) -> None:
        """Write one ZIP, whatever happens to its files, or to it."""
        added: list[HomeFile] = []
        tried: list[HomeFile] = []

        async def guarded(file: HomeFile, copy: Callable[[], Awaitable[int]]) -> None:
            tried.append(file)
            if await self._try(file, copy, work):
                added.append(file)
            else:
                target.lacks_some()

        try:
            async with self._home.zip(path) as target:
                await Zipping(self._fetcher, self._held, guarded, target).add(files)
        except BaseException as error:
            self._uncount(added)
            if not isinstance(error, TargetError) or error.ends_the_run:
                raise
            self.summary.failed += len(files) - len(tried) + len(added)
            self.summary.name(path, "failed", f"{error.side}: {error}", error.hint)
            self._reporter.failed(path, error.side, str(error))
        else:
            self.summary.zips += bool(added)

    def _uncount(self, files: Sequence[HomeFile]) -> None:
        """Their ZIP was not finished, so nothing of them is there."""
        stored = _stored(files)
        self.summary.copied -= len(stored)
        self.summary.sidecars -= len(files) - len(stored)
        self.summary.bytes -= sum(file.size or 0 for file in stored)

    async def _refer(self, jobs: Queue) -> None:
        """Files of other albums: as hard links, or copied again where the disk has none."""
        for file, work in self._references:
            await jobs.put(partial(self._try, file, partial(self._linked, file), work))

    async def _linked(self, file: HomeFile) -> int:
        path = file.key.removeprefix(self._options.prefix)
        original = replace(file, path="/".join(keys.safe_name(part, fallback="_") for part in path.split("/")))
        if file.md5 is None or not await self._home.link(file, original):
            return await self._fetch(file)
        self.summary.linked += 1
        self._reporter.advanced(file.path, file.size or 0)
        return 0

    async def _fetch(self, file: HomeFile) -> int:
        async with self._home.part(file) as sink:
            return await self._fetcher.fetch(file, sink)

    async def _try(self, file: HomeFile, copy: Callable[[], Awaitable[int]], work: _Work) -> bool:
        """Whether one file was copied, whatever happens to it; raises what stops the whole run."""
        there = False
        try:
            copied = await copy()  # first: others count meanwhile
            if file.body:
                self.summary.sidecars += 1
            else:
                self.summary.bytes += copied
                self.summary.copied += 1
                self._reporter.moved(file.path, file.size or 0)
            there = True
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # This task was not cancelled: a library cancelled its own request.
            await self._failed(file, work, StoreUnreachable(f"the request for {file.key} was interrupted"))
        except Exception as error:  # noqa: BLE001 - whatever happens to one file must not end the others
            await self._failed(file, work, foreseen(error))
        work.left -= 1
        if not work.left:
            self._reporter.settled(work.path, complete=work.complete)
        return there

    async def _failed(self, file: HomeFile, work: _Work, error: Smug2s3Error) -> None:
        if error.ends_the_run:
            raise error
        work.complete = False
        archived = isinstance(error, StoreArchived)
        self.summary.archived += archived
        self.summary.failed += not archived
        self.summary.name(file.path, "archived" if archived else "failed", f"{error.side}: {error}", _advice(error))
        self._reporter.failed(file.path, error.side, str(error))
        if archived and self._options.restore_tier:
            await self._restore(file)

    async def _restore(self, file: HomeFile) -> None:
        try:
            await self._store.restore(file.key, self._options.restore_tier)
        except StoreError as error:
            if error.ends_the_run:
                raise
            self._reporter.note(f"{file.path}: {error}")
        else:
            self.summary.restoring += 1


def _advice(error: Smug2s3Error) -> str:
    """What to do about one file, if trying again will not do."""
    if isinstance(error, StoreMissing | StoreCorrupt):
        return diagnostics.LOST if isinstance(error, StoreMissing) else diagnostics.DAMAGED
    return error.hint


def _stored(files: Sequence[HomeFile]) -> list[HomeFile]:
    """Those that are no sidecars."""
    return [file for file in files if not file.body]


async def _work(jobs: Queue) -> None:
    while (job := await jobs.get()) is not None:
        await job()


async def _in_turn(step: Callable[[Any], Coroutine[Any, Any, T]], over: Sequence[Any]) -> list[T]:
    """The results in the order given, not all at once."""
    results: list[T] = []
    for start in range(0, len(over), LOOKS):
        results += await together(step(one) for one in over[start : start + LOOKS])
    return results
