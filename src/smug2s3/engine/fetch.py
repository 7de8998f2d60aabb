"""Brings the bytes of one object from the bucket to a sink, checked on the way, and continued where a try broke off."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from smug2s3.errors import StoreBroken, StoreBusy, StoreCorrupt, StoreUnreachable
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.spool import Free, Spool
from smug2s3.flow.throttle import Throttle
from smug2s3.flow.together import task_group
from smug2s3.ports.home import Sink
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.store import Store
from smug2s3.rules import sidecar
from smug2s3.rules.homecoming import HomeFile

PART = 8 * 1024 * 1024
"""Bytes of a large file that are read at once, side by side with the next ones, and wait in memory for their turn."""

STREAMS = 4
"""Parts that are read side by side, of all files together; with more files than that, each is read in one stream."""

OVERBURDENED = (StoreBusy, StoreUnreachable)


@dataclass(slots=True)
class _Job:
    """A file on its way."""

    file: HomeFile
    sink: Sink
    has_leftovers: bool
    """Whether an earlier run left the beginning, whose MD5 nobody has compared: the bucket is not to blame for it."""
    begun: bool = False


class Fetcher:
    """Fetches one file per call, concurrently for concurrent callers, as many as the limiter allows."""

    def __init__(
        self,
        store: Store,
        reporter: Reporter,
        policy: RetryPolicy,
        throttle: Throttle,
        limiter: AdaptiveLimiter,
    ) -> None:
        self._store = store
        self._reporter = reporter
        self._policy = policy
        self._throttle = throttle
        self._limiter = limiter
        self._receiving = 0
        self._free: Free = []

    async def fetch(self, file: HomeFile, sink: Sink) -> int:
        """Fill ``sink`` with the object, and return its size; with retries while they may help."""
        if file.body:
            await sink.write([sidecar.unpack(file.body)])
            return sink.count
        job = _Job(file, sink, has_leftovers=sink.count > 0)
        await retry(
            self._policy,
            lambda: self._attempt(job),
            lambda error: self._reporter.retried(file.path, error.side, str(error)),
            side=self._store.side,
        )
        self._limiter.finished()
        return sink.count

    async def _attempt(self, job: _Job) -> None:
        try:
            async with self._limiter.place():
                if not job.begun:
                    job.begun = True
                    self._reporter.started(job.file.path, job.file.size)
                    self._reporter.advanced(job.file.path, job.sink.count)
                self._receiving += 1
                try:
                    await self._receive_rightly(job)
                finally:
                    self._receiving -= 1
        except OVERBURDENED:
            self._limiter.trouble()
            raise

    async def _receive_rightly(self, job: _Job) -> None:
        await self._receive(job.file, job.sink)
        if job.has_leftovers and not _is_right(job.file, job.sink):
            job.has_leftovers = False
            await self._restart(job.file, job.sink)
            await self._receive(job.file, job.sink)
        await self._compare(job.file, job.sink)

    async def _receive(self, file: HomeFile, sink: Sink) -> None:
        if file.size is not None and file.size - sink.count > PART:
            await self._in_parts(file, file.size, sink)
        if file.size is None or sink.count < file.size:
            await self._stream(file, sink)
        if file.size is not None and sink.count < file.size:
            raise StoreBroken(f"the bucket sent only {sink.count:,} of {file.size:,} bytes of {file.key}")

    async def _compare(self, file: HomeFile, sink: Sink) -> None:
        """Raise StoreCorrupt, with an empty sink, if it is not what was recorded."""
        if _is_right(file, sink):
            return
        longer = file.size is not None and sink.count > file.size
        found = f"more than {file.size:,} bytes" if longer else f"{sink.count:,} bytes with MD5 {sink.md5}"
        await self._restart(file, sink)
        raise StoreCorrupt(
            f"the bucket sent {found} for {file.key}, but MD5 {file.md5 or 'unknown'} and {file.size or 0:,} bytes are recorded"
        )

    async def _restart(self, file: HomeFile, sink: Sink) -> None:
        self._reporter.advanced(file.path, -sink.count)
        await sink.restart()

    async def _stream(self, file: HomeFile, sink: Sink) -> None:
        seen = sink.count
        async with aclosing(self._arriving(file, sink.take, seen)) as sizes:
            try:
                async for _ in sizes:
                    self._reporter.advanced(file.path, sink.count - seen)
                    seen = sink.count
                    if file.size is not None and seen > file.size:
                        return  # it is not what was recorded, and may never end
            finally:
                self._reporter.advanced(file.path, sink.count - seen)

    async def _in_parts(self, file: HomeFile, size: int, sink: Sink) -> None:
        """Several parts side by side, written in order, as long as that is worth it; the rest is for one stream."""
        parts: deque[asyncio.Task[Spool]] = deque()
        start = sink.count
        async with task_group() as group:
            while parts or (self._streams() > 1 and start < size):
                while self._streams() > len(parts) and start < size:
                    end = min(size, start + PART)
                    parts.append(group.create_task(self._part(file, start, end)))
                    start = end
                part = await parts.popleft()
                await sink.write(part)
                self._reporter.advanced(file.path, part.count)
                part.clear()

    def _streams(self) -> int:
        return STREAMS // self._receiving if self._store.ranges else 0

    async def _part(self, file: HomeFile, start: int, end: int) -> Spool:
        part = self.spool()
        async with aclosing(self._arriving(file, part.take, start, end)) as sizes:
            async for _ in sizes:
                pass
        if part.count != end - start:
            raise StoreBroken(f"the bucket sent only {part.count:,} of {end - start:,} bytes of a part of {file.key}")
        return part

    async def _arriving(
        self, file: HomeFile, take: Callable[[memoryview], object], start: int, end: int | None = None
    ) -> AsyncGenerator[int]:
        whole = None if file.size is None else file.size - start + 1  # more than that is not what was recorded
        step = self._throttle.step or whole
        async with aclosing(self._store.read_into(take, file.key, start, end, step)) as sizes:
            async for size in sizes:
                await self._throttle.pay(size)
                self._limiter.passed(size)
                yield size

    def spool(self) -> Spool:
        """Memory for bytes that wait, to be cleared after use."""
        return Spool(self._free)


def _is_right(file: HomeFile, sink: Sink) -> bool:
    return file.size in (None, sink.count) and file.md5 in (None, sink.md5)
