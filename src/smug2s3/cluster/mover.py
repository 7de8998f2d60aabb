"""The mover that copies through a cluster: tracks its workers, checks them, and shares limits among them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from smug2s3.cluster import fitness, shares
from smug2s3.cluster.carrier import Opener, Timeouts
from smug2s3.cluster.crew import Worker
from smug2s3.cluster.dispatcher import Dispatcher
from smug2s3.cluster.messages import Plain, Report, Terms, decode_error
from smug2s3.cluster.wire import Wire
from smug2s3.errors import ClusterError, Smug2s3Error
from smug2s3.flow.together import task_group, together
from smug2s3.models import Receipt
from smug2s3.ports.mover import TransferSpec
from smug2s3.ports.reporter import Reporter, WorkerState

LOOK_EVERY = 1.0
"""Seconds between two checks of the workers."""

RESEND_EVERY = 5.0
"""Seconds after which unchanged terms are sent again, as a sign of life."""

SCHEDULER_WITHIN = 15.0
"""Seconds after which a scheduler that does not answer counts as gone."""

READY_WITHIN = 60.0
"""Seconds to wait at the start until one worker has opened both sides."""

OTHERS_WITHIN = 15.0
"""Seconds to wait for the other workers after that; slower ones join later."""

FIRST = 40
"""Files to accept before any worker has reported its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """Limits for all workers together."""

    fingerprint: Callable[[str], Mapping[str, str]]
    """The fingerprint of this computer's settings with an account."""
    rate: Callable[[], float | None]
    """The current bandwidth limit in bytes a second."""
    transfers: int | None
    """The limit on concurrent files."""
    wait: float
    """Seconds to wait for a worker while there is none."""
    timeouts: Timeouts


class ClusterMover:
    """The coordinator's mover; its dispatcher assigns the files."""

    def __init__(self, wire: Wire, opener: Opener, reporter: Reporter, options: ClusterOptions) -> None:
        self._wire = wire
        self._opener = opener
        self._reporter = reporter
        self._options = options
        self._late: Callable[[], bool] = bool
        self._stopped = False
        self._fingerprint: Mapping[str, str] = {}
        self._workers: dict[str, Worker] = {}
        self._departed: list[Worker] = []
        """Workers that left."""
        self._started = False
        """Whether the workers present at the start have been checked."""
        self._rejected: set[str] = set()
        self._away: dict[str, set[str]] = {}
        """Addresses of workers that cannot reach a side, by side."""
        self._terms_sent: dict[str, tuple[Terms, float]] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._dispatcher = Dispatcher(wire, reporter, self._usable, lambda: self._late())  # noqa: PLW0108 - it is set later

    @property
    def capacity(self) -> int:
        """Twice as many files as the workers should hold, so that some are always waiting."""
        return max(FIRST, 2 * sum(shares.target(worker.load) for worker in self._usable()))

    @property
    def workers(self) -> list[WorkerState]:
        """All workers, including those that left."""
        return [worker.state for worker in (*self._workers.values(), *self._departed)]

    async def move(self, spec: TransferSpec) -> Receipt:
        """Copy one file; raises the error that the worker's mover raised."""
        return await self._dispatcher.move(spec)

    @asynccontextmanager
    async def running(self, account: str, late: Callable[[], bool]) -> AsyncIterator[None]:
        """Use the workers while the block runs; raises ClusterError if one does not match, or if none is left."""
        self._late = late
        self._fingerprint = self._options.fingerprint(account)
        await self._add_workers(await self._wire.workers(), strict=True)
        await self._wire.register(self._opener, self._options.timeouts, self._on_report)
        try:
            async with task_group() as group:
                tasks = [group.create_task(self._watch()), group.create_task(self._dispatcher.dispatch())]
                await self._wait_until_ready()
                self._started = True
                yield
                for task in tasks:
                    task.cancel()
        finally:
            await asyncio.shield(self._stop())

    def _usable(self) -> list[Worker]:
        return [worker for worker in self._workers.values() if worker.usable]

    def _candidates(self) -> list[Worker]:
        """Workers that are usable or may become so."""
        return [worker for worker in self._workers.values() if not (worker.refusal or worker.silent)]

    async def _wait_until_ready(self) -> None:
        """Wait until the workers present at the start have opened both sides; raises the first refusal.

        Busy, silent and slow workers may join later, but the run waits longer for the first one.
        """
        await self._wait_for(lambda: bool(self._usable()), READY_WITHIN)
        await self._wait_for(lambda: all(one.settled for one in self._workers.values()), OTHERS_WITHIN)

    async def _wait_for(self, condition: Callable[[], bool], seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition():
                    for worker in self._workers.values():
                        if worker.refusal:
                            raise worker.refusal
                    await asyncio.sleep(0.05)

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        last_answer = last_staffed = woke = clock()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            slept, woke = clock() - woke, clock()
            if slept > LOOK_EVERY + self._options.timeouts.worker / 2:
                self._reset_timeouts(woke)  # this process was suspended, not the workers
                last_answer = last_staffed = woke
            last_answer = await self._poll(last_answer)
            if self._candidates():
                last_staffed = woke
            self._check_workers_present(woke - last_staffed)
            for worker in self._workers.values():
                worker.measure(slept)
            self._reporter.workers([worker.state for worker in self._workers.values()])
            self._update_terms(woke)
            self._dispatcher.wake()

    async def _poll(self, last_answer: float) -> float:
        """Update the list of workers; returns when the scheduler last answered."""
        clock = asyncio.get_running_loop().time
        try:
            present = await self._wire.workers()
        except (OSError, TimeoutError) as error:
            if not self._wire.connected or clock() - last_answer > SCHEDULER_WITHIN:
                raise ClusterError(
                    f"the scheduler {self._wire.address} is gone; nothing is lost",
                    hint="Start it again with its workers, then run the same command again to continue.",
                ) from error
            return last_answer
        for address in self._workers.keys() - present.keys():
            self._remove(self._workers.pop(address))
        await self._add_workers(present, strict=False)
        for worker in self._workers.values():
            if not worker.silent and clock() - worker.last_seen > self._options.timeouts.worker:
                self._mark_silent(worker)
        return clock()

    async def _add_workers(self, present: Mapping[str, tuple[str, int]], *, strict: bool) -> None:
        new = present.keys() - self._workers.keys() - self._rejected
        if not (new or strict):
            return
        names = {address: display_name(address, name) for address, (name, _) in present.items()}
        for address, error in fitness.version_mismatches(await self._wire.versions(list(new)), names):
            if strict:
                raise error
            self._rejected.add(address)
            self._reporter.note(f"{error}; it is not used")
        now = asyncio.get_running_loop().time()
        for address in new - self._rejected:
            self._workers[address] = Worker(address, names[address], present[address][1], now)

    def _remove(self, worker: Worker) -> None:
        self._reporter.note(f"the worker {worker.name} is gone; its files are given to others")
        self._release_files(worker, gone=True)
        self._departed.append(worker)

    def _mark_silent(self, worker: Worker) -> None:
        worker.silent = True
        if worker.ready:
            self._reporter.note(f"the worker {worker.name} does not answer; its files are given to others")
        self._release_files(worker, gone=False)

    def _release_files(self, worker: Worker, *, gone: bool) -> None:
        self._dispatcher.reassign(worker, gone=gone)
        self._terms_sent.pop(worker.address, None)
        for side in list(self._away):
            self._side_back(worker, side, 0.0)

    def _reset_timeouts(self, now: float) -> None:
        for worker in self._workers.values():
            worker.last_seen = now

    def _check_workers_present(self, seconds: float) -> None:
        """Raises ClusterError if there has been no worker for too long."""
        if seconds > self._options.wait:
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
        worker.last_seen = asyncio.get_running_loop().time()
        worker.silent = False
        if not worker.ready:
            self._check(worker, report)
        worker.places = report.places or worker.places
        self._dispatcher.on_report(worker, report)
        for side, since, reason, longest in report.away:
            self._side_away(worker, side, datetime.fromisoformat(since), reason, longest)
        for side, seconds in report.back:
            self._side_back(worker, side, seconds)

    def _check(self, worker: Worker, report: Report) -> None:
        if worker.refusal:
            return
        if report.refusal:
            error = decode_error(report.refusal, before=f"the worker {worker.name}: ")
            worker.refusal = error if isinstance(error, Smug2s3Error) else None
        elif report.ready:
            worker.refusal = fitness.settings_mismatch(worker.name, report.fingerprint, self._fingerprint)
            worker.ready = worker.refusal is None
            self._update_terms(worker.last_seen)
            self._dispatcher.wake()
        elif report.busy and not worker.busy:
            worker.busy = True
            self._reporter.note(f"the worker {worker.name} is busy with another run; waiting for it")
        if worker.refusal and self._started:
            self._reporter.note(f"{worker.refusal}; it is not used")

    def _side_away(self, worker: Worker, side: str, since: datetime, reason: str, longest: float) -> None:
        if not self._away.setdefault(side, set()):
            self._reporter.away(side, since, reason, longest)
        self._away[side].add(worker.address)

    def _side_back(self, worker: Worker, side: str, seconds: float) -> None:
        """Report a side as reachable once every worker can reach it."""
        missing = self._away.get(side, set())
        missing.discard(worker.address)
        if not missing and self._away.pop(side, None) is not None:
            self._reporter.back(side, seconds)

    def _update_terms(self, now: float) -> None:
        """Divide the limits among the workers; send them to each worker whose share changed, or as a sign of life."""
        workers = self._candidates()
        rate = self._options.rate()
        sharing = sum(bool(worker.transfers) for worker in workers) if self._dispatcher.idle else len(workers)
        for worker, places in zip(workers, shares.places(self._options.transfers, len(workers)), strict=True):
            worker.share = places
            if not worker.ready:
                continue
            terms = Terms(rate=rate and rate / max(1, sharing), places=places, late=self._late(), stop=self._stopped)
            before, when = self._terms_sent.get(worker.address, (None, 0.0))
            if (terms != before or now - when >= RESEND_EVERY) and worker.address not in self._sending:
                self._terms_sent[worker.address] = terms, now
                self._send_terms(worker, terms)

    def _send_terms(self, worker: Worker, terms: Terms) -> None:
        sending = asyncio.create_task(self._wire.send_terms(worker.address, terms))
        self._sending[worker.address] = sending
        sending.add_done_callback(lambda _: self._sending.pop(worker.address, None))

    async def _stop(self) -> None:
        """Cancel all transfers and release the workers."""
        for sending in list(self._sending.values()):
            sending.cancel()
        await together(self._wire.send_terms(worker.address, Terms(stop=True)) for worker in self._usable())
        await self._wire.unregister()


def display_name(address: str, name: str) -> str:
    """A worker's name for people: the name it was given, or its host and port."""
    return name if name != address else address.split("://", 1)[-1]
