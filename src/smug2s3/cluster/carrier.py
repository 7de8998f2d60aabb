"""A worker's own thread: it opens both sides once, moves the files it is given, and tells how they go."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smug2s3.cluster.messages import Batch, Plain, Report, Terms, dropped, failure, success, told
from smug2s3.errors import StoreUnreachable
from smug2s3.flow.awake import run
from smug2s3.ports.mover import Mover, TransferSpec
from smug2s3.ports.reporter import Reporter

TELL_EVERY = 0.25
"""Seconds between two reports while there is something to tell."""

ALIVE_EVERY = 1.0
"""Seconds between two while there is nothing."""

STOPPED_WITHIN = 5.0
"""Seconds that cancelled transfers may take to remove what they sent of large files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long each side may be silent, in seconds."""

    worker: float
    """A worker: then its files are given to others, and it gives them up itself when it wakes."""

    @property
    def coordinator(self) -> float:
        """The coordinator: then its workers cancel what is under way."""
        return self.worker + 10.0


@dataclass(frozen=True, slots=True)
class Opened:
    """What a worker moves files with."""

    mover: Mover
    account: str
    fingerprint: dict[str, str]
    allow: Callable[[int | None], None]
    """So many files at once, from now on."""
    places: Callable[[], int]
    """So many are moved at once by now."""


class Opening(Protocol):
    """Opens both sides with the worker's own settings; a name that every process can import."""

    def __call__(self, reporter: Reporter, rate: Callable[[], float | None]) -> AbstractAsyncContextManager[Opened]:
        """``rate`` is how many bytes a second may pass by now."""


class Carrier(Reporter):
    """One a worker process; all but ``start``, ``carry``, ``accept`` and ``stop`` happens in its own thread."""

    def __init__(
        self, run: str, worker: str, opening: Opening, send: Callable[[Plain], None], patience: Patience
    ) -> None:
        """``send`` is called in the carrier's thread."""
        self.run = run
        self._worker = worker
        self._opening = opening
        self._send = send
        self._patience = patience
        self._terms = Terms()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._live, name="smug2s3 carrier", daemon=True)
        self._report = Report(run, worker)
        self._numbers: dict[str, int] = {}
        """By label, of what is under way."""
        self._tasks: set[asyncio.Task[Plain]] = set()
        self._heard = 0.0
        self._ending: asyncio.Event
        self._opened: asyncio.Future[Opened]
        self._engaged: asyncio.Event
        """Set once the terms are known."""

    def start(self) -> None:
        """Begin; whether it went well is reported."""
        self._thread.start()

    def carry(self, batch: Batch) -> Future[list[Plain]]:
        """An outcome for every file, in any case."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._carry(batch), self._loop)

    def accept(self, terms: Terms) -> None:
        """Work on these terms from now on."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._adopt, terms)

    async def stop(self) -> None:
        """Cancel everything and end; called on a loop of somebody else's."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ending.set)
        await asyncio.to_thread(self._thread.join, STOPPED_WITHIN)

    @property
    def busy(self) -> bool:
        """Whether its coordinator lives."""
        return self._thread.is_alive() and self._loop is not None and self._silence() < self._patience.coordinator

    def _live(self) -> None:
        run(self._main())

    async def _main(self) -> None:
        self._ending = asyncio.Event()
        self._engaged = asyncio.Event()
        self._opened = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        telling = asyncio.create_task(self._keep_telling())
        working = asyncio.create_task(self._work())
        await self._ending.wait()
        await self._cancel()
        for task in (telling, working):
            task.cancel()
        await asyncio.wait({telling, working}, timeout=STOPPED_WITHIN)

    async def _work(self) -> None:
        try:
            async with (
                self._opening(self, lambda: self._terms.rate) as opened,
                opened.mover.at_work(opened.account, lambda: self._terms.late),
            ):
                self._report.fingerprint = opened.fingerprint
                self._report.ready = True
                opened.allow(self._terms.places)
                self._opened.set_result(opened)
                await self._ending.wait()
        except Exception as error:  # noqa: BLE001 - whatever it is, the coordinator has to hear of it
            self._report.refusal = told(error)

    async def _carry(self, batch: Batch) -> list[Plain]:
        opened = await self._opened
        await self._engaged.wait()
        tasks = [asyncio.create_task(self._move(opened.mover, number, spec)) for number, spec in batch]
        self._tasks.update(tasks)
        for task in tasks:
            task.add_done_callback(self._tasks.discard)
        return await asyncio.gather(*tasks)

    async def _move(self, mover: Mover, number: int, spec: TransferSpec) -> Plain:
        self._numbers[spec.label] = number
        try:
            outcome = success(number, await mover.move(spec))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            interrupted = StoreUnreachable(f"the request for {spec.key} was interrupted")
            # Where nobody cancelled us, a library did so to its own work.
            outcome = dropped(number) if task and task.cancelling() else failure(number, interrupted)
        except Exception as error:  # noqa: BLE001 - it is the coordinator who knows what ends the run
            outcome = failure(number, error)
        finally:
            self._numbers.pop(spec.label, None)
        self._report.outcomes.append(outcome)
        return outcome

    def _adopt(self, terms: Terms) -> None:
        self._heard = asyncio.get_running_loop().time()
        before, self._terms = self._terms, terms
        self._engaged.set()
        if self._opened.done() and before.places != terms.places:
            self._opened.result().allow(terms.places)
        if terms.stop:
            self._drop()

    def _drop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _cancel(self) -> None:
        self._drop()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=STOPPED_WITHIN)

    def _silence(self) -> float:
        assert self._loop is not None
        return self._loop.time() - self._heard

    async def _keep_telling(self) -> None:
        clock = asyncio.get_running_loop().time
        told_at = clock() - ALIVE_EVERY
        while True:
            woke = clock()
            if self._report.news or woke - told_at >= ALIVE_EVERY:
                self._tell()
                told_at = woke
            await asyncio.sleep(TELL_EVERY)
            # Who was stopped for so long has lost its files to others; who hears nothing has lost its coordinator.
            if clock() - woke > self._patience.worker or self._silence() > self._patience.coordinator:
                self._drop()

    def _tell(self) -> None:
        if self._opened.done():
            self._report.places = self._opened.result().places()
        self._send(self._report.plain())
        self._report = self._report.next()

    def started(self, label: str, size: int | None) -> None:  # noqa: ARG002 - the coordinator knows it
        """A file begins."""
        if number := self._numbers.get(label):
            self._report.started.append(number)

    def advanced(self, label: str, size: int) -> None:
        """Bytes passed."""
        if number := self._numbers.get(label):
            passed = self._report.passed
            passed[str(number)] = passed.get(str(number), 0) + size

    def retried(self, what: str, side: str, reason: str) -> None:
        """A file is tried again; what is asked of SmugMug here is none of the run's business."""
        if number := self._numbers.get(what):
            self._report.retried.append((number, side, reason))

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """A side cannot be reached from here."""
        self._report.away.append((side, since.isoformat(), reason, longest))

    def back(self, side: str, seconds: float) -> None:
        """It can."""
        self._report.back.append((side, seconds))
