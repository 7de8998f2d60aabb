"""Gives files out to workers in batches, takes their outcomes, and gives out again what a lost worker had."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count, islice

from smug2s3.cluster import shares
from smug2s3.cluster.crew import Parcel, Worker
from smug2s3.cluster.messages import NUMBER, Batch, Plain, Report, rebuilt, receipt_of
from smug2s3.cluster.wire import Wire
from smug2s3.errors import WorkersLost
from smug2s3.models import Receipt
from smug2s3.ports.mover import NotStarted, TransferSpec
from smug2s3.ports.reporter import Reporter

GATHER = 0.02
"""Seconds in which files gather before they are given out."""

LOSSES = 5
"""Workers that may be lost with one file before it is the file that is to blame."""


class Dispatcher:
    """Knows every file that is asked for; ``workers`` gives those that may be given some."""

    def __init__(
        self, wire: Wire, reporter: Reporter, workers: Callable[[], list[Worker]], late: Callable[[], bool]
    ) -> None:
        self._wire = wire
        self._reporter = reporter
        self._workers = workers
        self._late = late
        self._numbers = count(1)
        self._parcels: dict[int, Parcel] = {}
        self._waiting: deque[Parcel] = deque()
        self._something = asyncio.Event()
        self._batches: dict[asyncio.Task[None], Worker] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing waits for a worker."""
        return not self._waiting

    async def move(self, spec: TransferSpec) -> Receipt:
        """By whichever worker has time for it."""
        parcel = Parcel(next(self._numbers), spec, asyncio.get_running_loop().create_future())
        self._parcels[parcel.number] = parcel
        self._waiting.append(parcel)
        self._something.set()
        try:
            return await parcel.arrival
        finally:
            del self._parcels[parcel.number]

    async def keep_giving(self) -> None:
        """Give out whatever comes, until cancelled."""
        try:
            while True:
                await self._something.wait()
                await asyncio.sleep(GATHER)
                self._something.clear()
                self._give()
        finally:
            self._forget_batches(lambda _: True)

    def look_again(self) -> None:
        """Workers came or went, or their terms changed."""
        self._something.set()

    def hear(self, worker: Worker, report: Report) -> None:
        """What a worker tells of the files it was given; of those it has no longer only that they are there."""
        for number in report.started:
            self._started(worker.parcels.get(number))
        for text, size in report.passed.items():
            if parcel := worker.parcels.get(int(text)):
                self._advance(parcel, size)
                worker.passed(size)
        for number, side, reason in report.retried:
            if parcel := worker.parcels.get(number):
                self._reporter.retried(parcel.spec.label, side, reason)
        self._take(worker, report.outcomes)

    def lose(self, worker: Worker, *, gone: bool) -> None:
        """It gives no sign of life: what it has is given to others. If it is not ``gone``, it may still tell of it."""
        if gone:
            self._forget_batches(lambda holder: holder is worker)
        self._give_back(worker, list(worker.parcels.values()), lost=True)

    def _give(self) -> None:
        if self._late():
            for parcel in self._waiting:
                _fail(parcel, NotStarted())
            self._waiting.clear()
        given = True
        while given and self._waiting:
            hungry = [worker for worker in self._workers() if shares.room(worker.load)]
            fair = -(-len(self._waiting) // max(1, len(hungry)))
            given = bool(hungry)
            for worker in sorted(hungry, key=lambda one: len(one.parcels)):
                self._send(worker, min(fair, shares.room(worker.load)))

    def _send(self, worker: Worker, room: int) -> None:
        size = shares.batch_size((parcel.spec.size for parcel in islice(self._waiting, room)), room)
        parcels = [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]
        batch = [parcel for parcel in parcels if not parcel.arrival.done()]
        if batch:
            for parcel in batch:
                worker.take(parcel)
            worker.batches += 1
            task = asyncio.create_task(self._carried(worker, batch))
            self._batches[task] = worker
            task.add_done_callback(self._batches.pop)

    async def _carried(self, worker: Worker, parcels: list[Parcel]) -> None:
        batch: Batch = tuple((parcel.number, parcel.spec) for parcel in parcels)
        lost = False
        try:
            self._take(worker, await self._wire.carry(worker.address, batch))
        except Exception:  # noqa: BLE001 - whatever Dask makes of a worker that is lost
            lost = worker.silent = True
        finally:
            worker.batches -= 1
        self._give_back(worker, parcels, lost=lost)
        self._something.set()

    def _forget_batches(self, whose: Callable[[Worker], bool]) -> None:
        for task, worker in self._batches.items():
            if whose(worker):
                task.cancel()

    def _take(self, worker: Worker, outcomes: Iterable[Plain]) -> None:
        for outcome in outcomes:
            self._outcome(worker, outcome)

    def _outcome(self, worker: Worker, outcome: Plain) -> None:
        receipt = receipt_of(outcome)
        held = worker.part_with(outcome[NUMBER])
        parcel = self._parcels.get(outcome[NUMBER])
        self._something.set()
        if parcel is None or parcel.arrival.done():
            return  # it was told before, or by another
        if receipt:
            self._started(parcel)
            self._advance(parcel, receipt.size - parcel.passed)
            worker.finished(receipt.size)
            parcel.arrival.set_result(receipt)
        elif held and outcome.get("dropped"):
            self._wait_again(parcel)
        elif held:
            _fail(parcel, rebuilt(outcome))

    def _give_back(self, worker: Worker, parcels: Iterable[Parcel], *, lost: bool) -> None:
        """What is still with a worker that will not tell of it is given to others."""
        for parcel in parcels:
            if worker.part_with(parcel.number) and not parcel.arrival.done():
                parcel.losses += lost
                worker.losses += lost
                self._wait_again(parcel)

    def _wait_again(self, parcel: Parcel) -> None:
        self._advance(parcel, -parcel.passed)
        if parcel.losses < LOSSES:
            self._waiting.appendleft(parcel)
            self._something.set()
            return
        _fail(
            parcel,
            WorkersLost(
                f"{parcel.losses} workers were lost while they copied it",
                hint="Look at why workers end: too little memory, or a machine that is taken away.",
            ),
        )

    def _started(self, parcel: Parcel | None) -> None:
        if parcel and not parcel.begun and not parcel.arrival.done():
            parcel.begun = True
            self._reporter.started(parcel.spec.label, parcel.spec.size)

    def _advance(self, parcel: Parcel, size: int) -> None:
        if not parcel.arrival.done():
            parcel.passed += size
            self._reporter.advanced(parcel.spec.label, size)


def _fail(parcel: Parcel, error: Exception) -> None:
    if not parcel.arrival.done():
        parcel.arrival.set_exception(error)
