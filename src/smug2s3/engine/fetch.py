"""Brings the bytes of one object from the bucket to a sink, checked on the way, and continued where a try broke off."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from itertools import count

from smug2s3.errors import StoreBroken, StoreBusy, StoreCorrupt, StoreUnreachable
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.retry import RetryPolicy, retry
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

    async def fetch(self, file: HomeFile, sink: Sink) -> int:
        """Fill ``sink`` with the object, and return its size; with retries while they may help."""
        if file.body:
            await sink.write(sidecar.unpack(file.body))
            return sink.count
        tries = count()
        await retry(
            self._policy,
            lambda: self._attempt(file, sink, again=next(tries) > 0),
            lambda error: self._reporter.retried(file.path, error.side, str(error)),
            side=self._store.side,
        )
        self._limiter.finished()
        return sink.count

    async def _attempt(self, file: HomeFile, sink: Sink, *, again: bool) -> None:
        try:
            async with self._limiter.place():
                if not again:
                    self._reporter.started(file.path, file.size)
                    self._reporter.advanced(file.path, sink.count)
                self._receiving += 1
                try:
                    await self._receive(file, sink)
                finally:
                    self._receiving -= 1
        except OVERBURDENED:
            self._limiter.trouble()
            raise

    async def _receive(self, file: HomeFile, sink: Sink) -> None:
        if file.size is not None and file.size - sink.count > PART:
            await self._in_parts(file, file.size, sink)
        if file.size is None or sink.count < file.size:
            async with aclosing(self._read(file, sink.count)) as chunks:
                await self._pass_on(file, chunks, sink)
        if file.size is not None and sink.count < file.size:
            raise StoreBroken(f"the bucket sent only {sink.count:,} of {file.size:,} bytes of {file.key}")
        if file.size not in (None, sink.count) or file.md5 not in (None, sink.md5):
            longer = file.size is not None and sink.count > file.size
            found = f"more than {file.size:,} bytes" if longer else f"{sink.count:,} bytes with MD5 {sink.md5}"
            self._reporter.advanced(file.path, -sink.count)
            await sink.restart()
            raise StoreCorrupt(
                f"the bucket sent {found} for {file.key}, but MD5 {file.md5 or 'unknown'} and {file.size or 0:,} bytes are recorded"
            )

    async def _read(self, file: HomeFile, start: int, end: int | None = None) -> AsyncGenerator[bytes]:
        async with aclosing(self._store.read(file.key, start, end)) as chunks:
            async for chunk in self._throttle.slowed(chunks, lambda: None):
                yield chunk

    async def _in_parts(self, file: HomeFile, size: int, sink: Sink) -> None:
        """Several parts side by side, written in order, as long as that is worth it; the rest is for one stream."""
        parts: deque[asyncio.Task[list[bytes]]] = deque()
        start = sink.count
        async with task_group() as group:
            while parts or (self._streams() > 1 and start < size):
                while self._streams() > len(parts) and start < size:
                    end = min(size, start + PART)
                    parts.append(group.create_task(self._part(file, start, end)))
                    start = end
                for chunk in await parts.popleft():
                    await sink.write(chunk)
                    self._reporter.advanced(file.path, len(chunk))

    def _streams(self) -> int:
        return STREAMS // self._receiving if self._store.ranges else 0

    async def _part(self, file: HomeFile, start: int, end: int) -> list[bytes]:
        found: list[bytes] = []
        async with aclosing(self._read(file, start, end)) as chunks:
            async for chunk in chunks:
                found.append(chunk)
                self._limiter.passed(len(chunk))
        if (count := sum(map(len, found))) != end - start:
            raise StoreBroken(f"the bucket sent only {count:,} of {end - start:,} bytes of a part of {file.key}")
        return found

    async def _pass_on(self, file: HomeFile, chunks: AsyncIterator[bytes], sink: Sink) -> None:
        """Write each chunk while the next one comes."""
        writing: asyncio.Future[None] | None = None
        try:
            async for chunk in chunks:
                if writing is not None:
                    await writing
                if file.size is not None and sink.count > file.size:
                    return  # it is not what was recorded, and may never end
                writing = asyncio.ensure_future(sink.write(chunk))
                self._limiter.passed(len(chunk))
                self._reporter.advanced(file.path, len(chunk))
        finally:
            if writing is not None:
                await writing
