"""The mover that has other processes carry the bytes: who they are, whether they fit, and on which terms they work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from smug2s3.cluster import fitness, shares
from smug2s3.cluster.carrier import Opening, Patience
from smug2s3.cluster.crew import Worker
from smug2s3.cluster.dispatcher import Dispatcher
from smug2s3.cluster.messages import Plain, Report, Terms, rebuilt
from smug2s3.cluster.wire import Wire
from smug2s3.errors import ClusterError, Smug2s3Error
from smug2s3.flow.together import task_group, together
from smug2s3.models import Receipt
from smug2s3.ports.mover import TransferSpec
from smug2s3.ports.reporter import Reporter, WorkerState

LOOK_EVERY = 1.0
"""Seconds between two looks at who is there."""

REMIND_EVERY = 5.0
"""Seconds after which a worker is told its terms again: by that it knows that we live."""

SCHEDULER_WITHIN = 15.0
"""Seconds that the scheduler may leave us without an answer."""

READY_WITHIN = 60.0
"""Seconds in which one of the workers that are there at first opens both sides."""

OTHERS_WITHIN = 15.0
"""Seconds in which the others do then; who needs longer joins later."""

FIRST = 40
"""Files there is use for before anybody has told how many it can move at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What holds for all workers together."""

    fingerprint: Callable[[str], Mapping[str, str]]
    """Of this computer's settings and an account."""
    rate: Callable[[], float | None]
    """Bytes a second that may pass by now."""
    transfers: int | None
    """Files at once."""
    wait: float
    """Seconds that a worker is waited for while there is none."""
    patience: Patience


class ClusterMover:
    """The coordinator's mover; the files themselves are its dispatcher's."""

    def __init__(self, wire: Wire, opening: Opening, reporter: Reporter, whole: Whole) -> None:
        self._wire = wire
        self._opening = opening
        self._reporter = reporter
        self._whole = whole
        self._late: Callable[[], bool] = bool
        self._stopped = False
        self._fingerprint: Mapping[str, str] = {}
        self._workers: dict[str, Worker] = {}
        self._former: list[Worker] = []
        """Those that left."""
        self._begun = False
        """Whether those that were there at first have been judged."""
        self._misfits: set[str] = set()
        self._away: dict[str, set[str]] = {}
        """By side, the workers that cannot reach it."""
        self._told: dict[str, tuple[Terms, float]] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._dispatcher = Dispatcher(wire, reporter, self._usable, lambda: self._late())  # noqa: PLW0108 - bound later

    @property
    def most(self) -> int:
        """Twice what the workers should have before them, so that something always waits."""
        return max(FIRST, 2 * sum(shares.target(worker.load) for worker in self._usable()))

    @property
    def workers(self) -> list[WorkerState]:
        """All that are there or were."""
        return [worker.state for worker in (*self._workers.values(), *self._former)]

    async def move(self, spec: TransferSpec) -> Receipt:
        """Raises what the worker's own mover raised."""
        return await self._dispatcher.move(spec)

    @asynccontextmanager
    async def at_work(self, account: str, late: Callable[[], bool]) -> AsyncIterator[None]:
        """Raises ClusterError where a worker does not fit, and once none is left."""
        self._late = late
        self._fingerprint = self._whole.fingerprint(account)
        await self._join(await self._wire.workers(), strict=True)
        await self._wire.introduce(self._opening, self._whole.patience, self._on_report)
        try:
            async with task_group() as group:
                tasks = [group.create_task(self._watch()), group.create_task(self._dispatcher.keep_giving())]
                await self._all_ready()
                self._begun = True
                yield
                for task in tasks:
                    task.cancel()
        finally:
            await asyncio.shield(self._stop())

    def _usable(self) -> list[Worker]:
        return [worker for worker in self._workers.values() if worker.usable]

    def _hopeful(self) -> list[Worker]:
        """Those that are usable, or will be."""
        return [worker for worker in self._workers.values() if not (worker.refusal or worker.silent)]

    async def _all_ready(self) -> None:
        """Until those that are there at first have opened both sides; raises the first refusal.

        Who is busy or silent, or takes too long, may join later; somebody has to be ready.
        """
        await self._until(lambda: bool(self._usable()), READY_WITHIN)
        await self._until(lambda: all(one.settled for one in self._workers.values()), OTHERS_WITHIN)

    async def _until(self, true: Callable[[], bool], seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not true():
                    for worker in self._workers.values():
                        if worker.refusal:
                            raise worker.refusal
                    await asyncio.sleep(0.05)

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        answered = staffed = woke = clock()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            slept, woke = clock() - woke, clock()
            if slept > LOOK_EVERY + self._whole.patience.worker / 2:
                self._excuse(woke)  # it was we who were away
                answered = staffed = woke
            answered = await self._look(answered)
            if self._hopeful():
                staffed = woke
            self._check_staff(woke - staffed)
            for worker in self._workers.values():
                worker.measure(slept)
            self._reporter.workers([worker.state for worker in self._workers.values()])
            self._renew_terms(woke)
            self._dispatcher.look_again()

    async def _look(self, answered: float) -> float:
        """Who is there, and who is silent; when the scheduler last answered."""
        clock = asyncio.get_running_loop().time
        try:
            there = await self._wire.workers()
        except (OSError, TimeoutError) as error:
            if not self._wire.connected or clock() - answered > SCHEDULER_WITHIN:
                raise ClusterError(
                    f"the scheduler {self._wire.address} is gone; nothing is lost",
                    hint="Start it again with its workers, then run the same command again to continue.",
                ) from error
            return answered
        for address in self._workers.keys() - there.keys():
            self._leave(self._workers.pop(address))
        await self._join(there, strict=False)
        for worker in self._workers.values():
            if not worker.silent and clock() - worker.heard > self._whole.patience.worker:
                self._miss(worker)
        return clock()

    async def _join(self, there: Mapping[str, tuple[str, int]], *, strict: bool) -> None:
        fresh = there.keys() - self._workers.keys() - self._misfits
        if not (fresh or strict):
            return
        names = {address: name_of(address, name) for address, (name, _) in there.items()}
        for address, error in fitness.of_versions(await self._wire.versions(list(fresh)), names):
            if strict:
                raise error
            self._misfits.add(address)
            self._reporter.note(f"{error}; it is not used")
        now = asyncio.get_running_loop().time()
        for address in fresh - self._misfits:
            self._workers[address] = Worker(address, names[address], there[address][1], now)

    def _leave(self, worker: Worker) -> None:
        self._reporter.note(f"the worker {worker.name} is gone; its files are given to others")
        self._forget(worker, gone=True)
        self._former.append(worker)

    def _miss(self, worker: Worker) -> None:
        worker.silent = True
        if worker.ready:
            self._reporter.note(f"the worker {worker.name} does not answer; its files are given to others")
        self._forget(worker, gone=False)

    def _forget(self, worker: Worker, *, gone: bool) -> None:
        self._dispatcher.lose(worker, gone=gone)
        self._told.pop(worker.address, None)
        for side in list(self._away):
            self._back(worker, side, 0.0)

    def _excuse(self, now: float) -> None:
        for worker in self._workers.values():
            worker.heard = now

    def _check_staff(self, seconds: float) -> None:
        """Raises ClusterError when there has been no worker for too long."""
        if seconds > self._whole.wait:
            raise ClusterError(
                f"{self._wire.address} has no worker; nothing is lost",
                hint=f"Start one with `smug2s3 worker {self._wire.address}`, then run the same command again.",
            )
        if LOOK_EVERY / 2 < seconds <= LOOK_EVERY * 3 / 2:
            self._reporter.note(f"{self._wire.address} has no worker; waiting for one")

    def _on_report(self, plain: Plain) -> None:
        report = Report.of(plain)
        if (worker := self._workers.get(report.worker)) is None:
            return
        worker.heard = asyncio.get_running_loop().time()
        worker.silent = False
        if not worker.ready:
            self._judge(worker, report)
        worker.places = report.places or worker.places
        self._dispatcher.hear(worker, report)
        for side, since, reason, longest in report.away:
            self._gone(worker, side, datetime.fromisoformat(since), reason, longest)
        for side, seconds in report.back:
            self._back(worker, side, seconds)

    def _judge(self, worker: Worker, report: Report) -> None:
        if worker.refusal:
            return
        if report.refusal:
            told = rebuilt(report.refusal, before=f"the worker {worker.name}: ")
            worker.refusal = told if isinstance(told, Smug2s3Error) else None
        elif report.ready:
            worker.refusal = fitness.of_settings(worker.name, report.fingerprint, self._fingerprint)
            worker.ready = worker.refusal is None
            self._renew_terms(worker.heard)
            self._dispatcher.look_again()
        elif report.busy and not worker.busy:
            worker.busy = True
            self._reporter.note(f"the worker {worker.name} is busy with another run; waiting for it")
        if worker.refusal and self._begun:
            self._reporter.note(f"{worker.refusal}; it is not used")

    def _gone(self, worker: Worker, side: str, since: datetime, reason: str, longest: float) -> None:
        if not self._away.setdefault(side, set()):
            self._reporter.away(side, since, reason, longest)
        self._away[side].add(worker.address)

    def _back(self, worker: Worker, side: str, seconds: float) -> None:
        """A side is there again once every worker can reach it."""
        missing = self._away.get(side, set())
        missing.discard(worker.address)
        if not missing and self._away.pop(side, None) is not None:
            self._reporter.back(side, seconds)

    def _renew_terms(self, now: float) -> None:
        """Share out anew what may be done at once, and tell everybody whose share changed, or who was not told lately."""
        workers = self._hopeful()
        rate = self._whole.rate()
        sharing = sum(bool(worker.parcels) for worker in workers) if self._dispatcher.idle else len(workers)
        for worker, places in zip(workers, shares.places(self._whole.transfers, len(workers)), strict=True):
            worker.share = places
            if not worker.ready:
                continue
            terms = Terms(rate=rate and rate / max(1, sharing), places=places, late=self._late(), stop=self._stopped)
            before, when = self._told.get(worker.address, (None, 0.0))
            if (terms != before or now - when >= REMIND_EVERY) and worker.address not in self._telling:
                self._told[worker.address] = terms, now
                self._tell(worker, terms)

    def _tell(self, worker: Worker, terms: Terms) -> None:
        telling = asyncio.create_task(self._wire.tell(worker.address, terms))
        self._telling[worker.address] = telling
        telling.add_done_callback(lambda _: self._telling.pop(worker.address, None))

    async def _stop(self) -> None:
        """Have all transfers cancelled, and the workers let go."""
        for telling in list(self._telling.values()):
            telling.cancel()
        await together(self._wire.tell(worker.address, Terms(stop=True)) for worker in self._usable())
        await self._wire.dismiss()


def name_of(address: str, name: str) -> str:
    """What a person calls a worker: by its number where it has one on this machine, else where it is."""
    return name if name != address else address.split("://", 1)[-1]
