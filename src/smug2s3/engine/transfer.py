"""Moves files in this process: source to store in one stream, proven on the way, begun anew while that may help."""

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
from smug2s3.ports.mover import NotBegun, TransferSpec
from smug2s3.ports.reporter import Reporter, WorkerState
from smug2s3.ports.source import Source
from smug2s3.ports.store import Store

OVERBURDENED = (SourceBusy, SourceUnreachable, StoreBusy, StoreUnreachable)
"""What a side fails with that has too much to do or is not there: the cause is not in the file."""


class StreamingMover:
    """The mover that has the bytes pass through this process."""

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
    def most(self) -> int:
        """As many as there can ever be places for."""
        return self._limiter.highest

    @property
    def workers(self) -> list[WorkerState]:
        """Nobody else."""
        return []

    @asynccontextmanager
    async def at_work(self, _account: str, late: Callable[[], bool]) -> AsyncIterator[None]:
        """While the block lasts the number of files at once is adapted."""
        self._late = late
        async with self._limiter.adapting():
            yield

    async def move(self, spec: TransferSpec) -> Receipt:
        """Source to store, again while that may help."""
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
                        raise NotBegun
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
                md5=spec.md5 or incoming.md5,
                framed=incoming.framed,
                hashed_here=again,  # after a failure it must be known on which side the bytes changed
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
