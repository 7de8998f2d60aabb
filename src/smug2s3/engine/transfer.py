"""Moves one asset: source to store in one stream, proven on the way, begun anew while that may help."""

from __future__ import annotations

from itertools import count

from smug2s3.engine.stop import NotBegun, Stop
from smug2s3.errors import SourceBusy, SourceUnreachable, StoreBusy, StoreUnreachable
from smug2s3.flow.lanes import Lanes
from smug2s3.flow.retry import Patience, persistently
from smug2s3.flow.stream import CheckedStream
from smug2s3.flow.throttle import Throttle
from smug2s3.models import Receipt, TransferSpec
from smug2s3.ports import Reporter, Source, Store

_OVERBURDENED = (SourceBusy, SourceUnreachable, StoreBusy, StoreUnreachable)


class Mover:
    """Spec in, receipt out; needs no ledger, so it may run anywhere."""

    def __init__(
        self,
        source: Source,
        store: Store,
        reporter: Reporter,
        patience: Patience,
        throttle: Throttle,
        lanes: Lanes,
        stop: Stop,
    ) -> None:
        self._source = source
        self._store = store
        self._reporter = reporter
        self._patience = patience
        self._throttle = throttle
        self._lanes = lanes
        self._stop = stop

    async def move(self, spec: TransferSpec) -> Receipt:
        """Raises the last attempt's error; until the receipt is there nothing is visible under the key.

        Raises NotBegun where the run's time was over before there was a place for it.
        """
        tries = count()
        receipt = await persistently(
            self._patience,
            lambda: self._attempt(spec, again=next(tries) > 0),
            lambda error: self._reporter.retried(spec.label, error.side, str(error)),
        )
        self._lanes.finished()
        return receipt

    async def _attempt(self, spec: TransferSpec, *, again: bool) -> Receipt:
        try:
            async with self._lanes.place():
                if not again:
                    if self._stop.late:
                        raise NotBegun
                    self._reporter.started(spec.label, spec.size)
                return await self._stream(spec, again=again)
        except _OVERBURDENED:
            self._lanes.trouble()
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
        self._lanes.passed(count)
        self._reporter.advanced(label, count)
