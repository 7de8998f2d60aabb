"""Assigns files to workers in batches, processes their outcomes, and reassigns the files of lost workers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count, islice

from smug2s3.cluster import shares
from smug2s3.cluster.crew import Transfer, Worker
from smug2s3.cluster.messages import NUMBER, Batch, Plain, Report, decode_error, receipt_of
from smug2s3.cluster.wire import Wire
from smug2s3.errors import WorkersLost
from smug2s3.models import Receipt
from smug2s3.ports.mover import NotStarted, TransferSpec
from smug2s3.ports.reporter import Reporter

GATHER = 0.02
"""Seconds to collect files before sending a batch."""

LOSSES = 5
"""How many workers may be lost while copying one file before the file counts as the cause."""


class Dispatcher:
    """Copies files through workers; ``workers`` gives those that can be used."""

    def __init__(
        self, wire: Wire, reporter: Reporter, workers: Callable[[], list[Worker]], late: Callable[[], bool]
    ) -> None:
        self._wire = wire
        self._reporter = reporter
        self._workers = workers
        self._late = late
        self._numbers = count(1)
        self._transfers: dict[int, Transfer] = {}
        self._waiting: deque[Transfer] = deque()
        self._changed = asyncio.Event()
        self._batches: dict[asyncio.Task[None], Worker] = {}

    @property
    def idle(self) -> bool:
        """Whether no file waits for a worker."""
        return not self._waiting

    async def move(self, spec: TransferSpec) -> Receipt:
        """Copy one file with the next free worker."""
        transfer = Transfer(next(self._numbers), spec, asyncio.get_running_loop().create_future())
        self._transfers[transfer.number] = transfer
        self._waiting.append(transfer)
        self._changed.set()
        try:
            return await transfer.future
        finally:
            del self._transfers[transfer.number]

    async def dispatch(self) -> None:
        """Assign waiting files to workers until cancelled."""
        try:
            while True:
                await self._changed.wait()
                await asyncio.sleep(GATHER)
                self._changed.clear()
                self._send_batches()
        finally:
            self._cancel_batches(lambda _: True)

    def wake(self) -> None:
        """Look for free workers again, after workers or their limits changed."""
        self._changed.set()

    def on_report(self, worker: Worker, report: Report) -> None:
        """Process a worker's report; of files reassigned since, only receipts count."""
        for number in report.started:
            self._started(worker.transfers.get(number))
        for text, size in report.passed.items():
            if transfer := worker.transfers.get(int(text)):
                self._advance(transfer, size)
                worker.passed(size)
        for number, side, reason in report.retried:
            if transfer := worker.transfers.get(number):
                self._reporter.retried(transfer.spec.label, side, reason)
        self._process(worker, report.outcomes)

    def reassign(self, worker: Worker, *, gone: bool) -> None:
        """Requeue a lost worker's files. Unless it is ``gone``, receipts it still sends count."""
        if gone:
            self._cancel_batches(lambda holder: holder is worker)
        self._requeue_all(worker, list(worker.transfers.values()), lost=True)

    def _send_batches(self) -> None:
        if self._late():
            for transfer in self._waiting:
                _fail(transfer, NotStarted())
            self._waiting.clear()
        sent = True
        while sent and self._waiting:
            available = [worker for worker in self._workers() if shares.room(worker.load)]
            fair = -(-len(self._waiting) // max(1, len(available)))
            sent = bool(available)
            for worker in sorted(available, key=lambda one: len(one.transfers)):
                self._send(worker, min(fair, shares.room(worker.load)))

    def _send(self, worker: Worker, room: int) -> None:
        size = shares.batch_size((transfer.spec.size for transfer in islice(self._waiting, room)), room)
        transfers = [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]
        batch = [transfer for transfer in transfers if not transfer.future.done()]
        if batch:
            for transfer in batch:
                worker.assign(transfer)
            worker.batches += 1
            task = asyncio.create_task(self._run_batch(worker, batch))
            self._batches[task] = worker
            task.add_done_callback(self._batches.pop)

    async def _run_batch(self, worker: Worker, transfers: list[Transfer]) -> None:
        batch: Batch = tuple((transfer.number, transfer.spec) for transfer in transfers)
        lost = False
        try:
            self._process(worker, await self._wire.carry(worker.address, batch))
        except Exception:  # noqa: BLE001 - whatever Dask raises for a lost worker
            lost = worker.silent = True
        finally:
            worker.batches -= 1
        self._requeue_all(worker, transfers, lost=lost)
        self._changed.set()

    def _cancel_batches(self, matches: Callable[[Worker], bool]) -> None:
        for task, worker in self._batches.items():
            if matches(worker):
                task.cancel()

    def _process(self, worker: Worker, outcomes: Iterable[Plain]) -> None:
        for outcome in outcomes:
            self._finish(worker, outcome)

    def _finish(self, worker: Worker, outcome: Plain) -> None:
        receipt = receipt_of(outcome)
        held = worker.release(outcome[NUMBER])
        transfer = self._transfers.get(outcome[NUMBER])
        self._changed.set()
        if transfer is None or transfer.future.done():
            return  # already known, from another report or another worker
        if receipt:
            self._started(transfer)
            self._advance(transfer, receipt.size - transfer.passed)
            worker.finished(receipt.size)
            transfer.future.set_result(receipt)
        elif held and outcome.get("dropped"):
            self._requeue(transfer)
        elif held:
            _fail(transfer, decode_error(outcome))

    def _requeue_all(self, worker: Worker, transfers: Iterable[Transfer], *, lost: bool) -> None:
        """Requeue those of these files that the worker still holds."""
        for transfer in transfers:
            if worker.release(transfer.number) and not transfer.future.done():
                transfer.losses += lost
                worker.losses += lost
                self._requeue(transfer)

    def _requeue(self, transfer: Transfer) -> None:
        self._advance(transfer, -transfer.passed)
        if transfer.losses < LOSSES:
            self._waiting.appendleft(transfer)
            self._changed.set()
            return
        _fail(
            transfer,
            WorkersLost(
                f"{transfer.losses} workers were lost while they copied it",
                hint="Find out why workers end: they may run out of memory, or their machine may be taken away.",
            ),
        )

    def _started(self, transfer: Transfer | None) -> None:
        if transfer and not transfer.started and not transfer.future.done():
            transfer.started = True
            self._reporter.started(transfer.spec.label, transfer.spec.size)

    def _advance(self, transfer: Transfer, size: int) -> None:
        if not transfer.future.done():
            transfer.passed += size
            self._reporter.advanced(transfer.spec.label, size)


def _fail(transfer: Transfer, error: Exception) -> None:
    if not transfer.future.done():
        transfer.future.set_exception(error)
