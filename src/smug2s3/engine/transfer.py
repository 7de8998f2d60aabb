"""Moves one asset: source to store in one stream, proven on the way, begun anew while that may help."""

from __future__ import annotations

from itertools import count

from smug2s3.flow.retry import Patience, persistently
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Receipt, TransferSpec
from smug2s3.ports import Reporter, Source, Store


class Mover:
    """Spec in, receipt out; needs no ledger, so it may run anywhere."""

    def __init__(self, source: Source, store: Store, reporter: Reporter, patience: Patience) -> None:
        self._source = source
        self._store = store
        self._reporter = reporter
        self._patience = patience

    async def move(self, spec: TransferSpec) -> Receipt:
        """Raises the last attempt's error; until the receipt is there nothing is visible under the key."""
        self._reporter.started(spec.label, spec.size)
        tries = count()
        return await persistently(self._patience, lambda: self._attempt(spec, again=next(tries) > 0))

    async def _attempt(self, spec: TransferSpec, *, again: bool) -> Receipt:
        async with self._source.open(spec.url, size=spec.size) as incoming:
            stream = CheckedStream(
                incoming.chunks,
                size=incoming.size if spec.size is None else spec.size,
                md5=spec.md5 or incoming.md5,
                hashed_here=again,  # after a failure it must be known on which side the bytes changed
                on_progress=lambda count: self._reporter.advanced(spec.label, count),
            )
            try:
                return await self._store.put(spec.target, stream)
            except BaseException:
                await stream.abandon()
                self._reporter.advanced(spec.label, -stream.count)
                raise
