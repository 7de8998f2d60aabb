"""Brings the bytes of one object from the bucket to a sink, checked on the way, and continued where a try broke off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import count

from smug2s3.errors import StoreBroken, StoreBusy, StoreCorrupt, StoreUnreachable
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.throttle import Throttle
from smug2s3.ports.home import Sink
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.store import Store
from smug2s3.rules import sidecar
from smug2s3.rules.homecoming import HomeFile

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
                await self._receive(file, sink)
        except OVERBURDENED:
            self._limiter.trouble()
            raise

    async def _receive(self, file: HomeFile, sink: Sink) -> None:
        if file.size is None or sink.count < file.size:
            async with aclosing(self._store.read(file.key, sink.count)) as chunks:
                await self._pass_on(file, self._throttle.slowed(chunks, lambda: None), sink)
        if file.size is not None and sink.count < file.size:
            raise StoreBroken(f"the bucket sent only {sink.count:,} of {file.size:,} bytes of {file.key}")
        if file.size not in (None, sink.count) or file.md5 not in (None, sink.md5):
            found = f"{sink.count:,} bytes with MD5 {sink.md5}"
            self._reporter.advanced(file.path, -sink.count)
            await sink.restart()
            raise StoreCorrupt(
                f"the bucket sent {found} for {file.key}, but MD5 {file.md5 or 'unknown'} and {file.size or 0:,} bytes are recorded"
            )

    async def _pass_on(self, file: HomeFile, chunks: AsyncIterator[bytes], sink: Sink) -> None:
        """Write each chunk while the next one comes."""
        writing: asyncio.Future[None] | None = None
        try:
            async for chunk in chunks:
                if writing is not None:
                    await writing
                writing = asyncio.ensure_future(sink.write(chunk))
                self._limiter.passed(len(chunk))
                self._reporter.advanced(file.path, len(chunk))
        finally:
            if writing is not None:
                await writing
