"""Copies one asset in one stream from SmugMug to the bucket, verified on the way, and retried while that may help."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from smug2s3.engine.run_limits import NotStarted, RunLimits
from smug2s3.errors import SourceBusy, SourceUnreachable, StoreBusy, StoreUnreachable
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.outage import Sides
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream
from smug2s3.flow.throttle import Throttle
from smug2s3.models import Receipt, StoreTarget
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.source import Source
from smug2s3.ports.store import Store

OVERBURDENED = (SourceBusy, SourceUnreachable, StoreBusy, StoreUnreachable)
"""Errors of a side that is overloaded or unreachable; the cause is not the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSpec:
    """Everything needed to copy one asset, on this machine or another; no secrets."""

    album_key: str
    image_key: str
    identity: str
    key: str
    url: str
    size: int | None
    md5: str | None
    content_type: str
    metadata: tuple[tuple[str, str], ...]
    label: str
    """The name shown to people: the key without the prefix."""

    @property
    def target(self) -> StoreTarget:
        """The object to write, with its metadata."""
        return StoreTarget(key=self.key, content_type=self.content_type, metadata=self.metadata)


class Mover:
    """Spec in, receipt out; needs no ledger, so it may run anywhere."""

    def __init__(
        self,
        source: Source,
        store: Store,
        reporter: Reporter,
        policy: RetryPolicy,
        throttle: Throttle,
        limiter: AdaptiveLimiter,
        limits: RunLimits,
    ) -> None:
        self._source = source
        self._store = store
        self._reporter = reporter
        self._policy = policy
        self._throttle = throttle
        self._limiter = limiter
        self._limits = limits

    async def move(self, spec: TransferSpec) -> Receipt:
        """Copy it; raises the last attempt's error. Nothing is visible under the key before the receipt exists.

        Raises NotStarted if the time limit passed while it waited for a place.
        """
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
                    if self._limits.late:
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
                md5=spec.md5 or incoming.md5,
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
