"""Copies files in this process, each in one stream, verified on the way, and retried while that may help."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

from smug2s3.errors import SourceBusy, SourceUnreachable, StoreBusy, StoreUnreachable
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.outage import Sides
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream
from smug2s3.flow.throttle import Throttle
from smug2s3.models import Receipt
from smug2s3.ports.mover import NotStarted, TransferSpec
from smug2s3.ports.reporter import Reporter, WorkerState
from smug2s3.ports.source import Source
from smug2s3.ports.store import Store

OVERBURDENED = (SourceBusy, SourceUnreachable, StoreBusy, StoreUnreachable)
"""Errors of a side that is overloaded or unreachable; the cause is not the file."""


class StreamingMover:
    """Copies files in this process."""

    def __init__(
        self,
        source: Source,
        store: Store,
        reporter: Reporter,
        policy: RetryPolicy,
        throttle: Throttle,
        limiter: AdaptiveLimiter,
    ) -> None:
        self._source = source
        self._store = store
        self._reporter = reporter
        self._policy = policy
        self._throttle = throttle
        self._limiter = limiter
        self._late: Callable[[], bool] = bool

    @property
    def capacity(self) -> int:
        """The highest limit."""
        return self._limiter.highest

    @property
    def workers(self) -> list[WorkerState]:
        """None: this process copies the files."""
        return []

    @asynccontextmanager
    async def running(self, _account: str, late: Callable[[], bool]) -> AsyncIterator[None]:
        """Adapt the number of concurrent files while the block runs."""
        self._late = late
        async with self._limiter.adapting():
            yield

    async def move(self, spec: TransferSpec) -> Receipt:
        """Copy it, with retries while they may help."""
        tries = count()
        receipt = await retry(
            self._policy,
            lambda: self._attempt(spec, again=next(tries) > 0),
            lambda error: self._reporter.retried(spec.label, error.side, str(error)),
            side=Sides(self._source.host(spec.url), self._store.side),
        )
        self._limiter.finished()
        return receipt

    async def _attempt(self, spec: TransferSpec, *, again: bool) -> Receipt:
        try:
            async with self._limiter.place():
                if not again:
                    if self._late():
                        raise NotStarted
                    self._reporter.started(spec.label, spec.size)
                return await self._stream(spec, again=again)
        except OVERBURDENED:
            self._limiter.trouble()
            raise

    async def _stream(self, spec: TransferSpec, *, again: bool) -> Receipt:
        async with self._source.open(spec.url, size=spec.size) as incoming:
            stream = CheckedStream(
                self._throttle.slowed(incoming.chunks, lambda: stream.alive()),  # noqa: PLW0108 - bound later
                size=incoming.size if spec.size is None else spec.size,
                md5=spec.md5 or (incoming.md5 if spec.etag_is_md5 else None),
                framed=incoming.framed,
                hashed_here=again,  # after a failure, hash here to know on which side bytes changed
                on_progress=lambda count: self._passed(spec.label, count),
            )
            try:
                return await self._store.put(spec.target, stream)
            except BaseException:
                await stream.abandon()
                self._passed(spec.label, -stream.count)
                raise

    def _passed(self, label: str, count: int) -> None:
        self._limiter.passed(count)
        self._reporter.advanced(label, count)
