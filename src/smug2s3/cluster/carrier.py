"""The thread in which a worker copies files: opens both sides once, executes batches and reports progress."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smug2s3.cluster.messages import Batch, Plain, Report, Terms, dropped, encode_error, failure, success
from smug2s3.errors import StoreUnreachable
from smug2s3.flow.awake import run
from smug2s3.ports.mover import Mover, TransferSpec
from smug2s3.ports.reporter import Reporter

REPORT_EVERY = 0.25
"""Seconds between two reports while there is something to report."""

ALIVE_EVERY = 1.0
"""Seconds between two empty reports, sent as a sign of life."""

STOPPED_WITHIN = 5.0
"""Seconds that cancelled transfers may take to abort their multipart uploads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long workers and the coordinator may be silent, in seconds."""

    worker: float
    """After this, a worker's files are given to others; if it resumes, it cancels its own transfers."""

    @property
    def coordinator(self) -> float:
        """After this, workers cancel the coordinator's transfers."""
        return self.worker + 10.0


@dataclass(frozen=True, slots=True)
class Opened:
    """Both sides, opened on a worker."""

    mover: Mover
    account: str
    fingerprint: dict[str, str]
    allow: Callable[[int | None], None]
    """Set the limit on concurrent files; ``None`` to adapt automatically."""
    places: Callable[[], int]
    """The current number of concurrent files."""


class Opener(Protocol):
    """Opens both sides with the worker's own settings; a module-level function, since it is pickled by name."""

    def __call__(self, reporter: Reporter, rate: Callable[[], float | None]) -> AbstractAsyncContextManager[Opened]:
        """``rate`` gives the current bandwidth limit in bytes a second."""


class Carrier(Reporter):
    """One per worker process; everything but ``start``, ``carry``, ``accept`` and ``stop`` runs in its own thread."""

    def __init__(
        self, run: str, worker: str, opener: Opener, send: Callable[[Plain], None], timeouts: Timeouts
    ) -> None:
        """``send`` is called in the carrier's thread."""
        self.run = run
        self._worker = worker
        self._opener = opener
        self._send = send
        self._timeouts = timeouts
        self._terms = Terms()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run_loop, name="smug2s3 carrier", daemon=True)
        self._report = Report(run, worker)
        self._numbers: dict[str, int] = {}
        """Numbers of files under way, by label."""
        self._tasks: set[asyncio.Task[Plain]] = set()
        self._last_contact = 0.0
        self._stopping: asyncio.Event
        self._opened: asyncio.Future[Opened]
        self._terms_received: asyncio.Event
        """Set once the first terms arrived."""

    def start(self) -> None:
        """Start the thread; reports say whether both sides could be opened."""
        self._thread.start()

    def carry(self, batch: Batch) -> Future[list[Plain]]:
        """Copy a batch; the result has an outcome for each file, whatever happens."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._carry(batch), self._loop)

    def accept(self, terms: Terms) -> None:
        """Apply new terms."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._apply, terms)

    async def stop(self) -> None:
        """Cancel all transfers and end the thread; called from another event loop."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)
        await asyncio.to_thread(self._thread.join, STOPPED_WITHIN)

    @property
    def busy(self) -> bool:
        """Whether it still works for a live coordinator."""
        return self._thread.is_alive() and self._loop is not None and self._silence() < self._timeouts.coordinator

    def _run_loop(self) -> None:
        run(self._main())

    async def _main(self) -> None:
        self._stopping = asyncio.Event()
        self._terms_received = asyncio.Event()
        self._opened = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._last_contact = self._loop.time()
        reporting = asyncio.create_task(self._send_reports())
        working = asyncio.create_task(self._work())
        await self._stopping.wait()
        await self._cancel_and_wait()
        for task in (reporting, working):
            task.cancel()
        await asyncio.wait({reporting, working}, timeout=STOPPED_WITHIN)

    async def _work(self) -> None:
        try:
            async with (
                self._opener(self, lambda: self._terms.rate) as opened,
                opened.mover.running(opened.account, lambda: self._terms.late),
            ):
                self._report.fingerprint = opened.fingerprint
                self._report.ready = True
                opened.allow(self._terms.places)
                self._opened.set_result(opened)
                await self._stopping.wait()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported to the coordinator
            self._report.refusal = encode_error(error)

    async def _carry(self, batch: Batch) -> list[Plain]:
        opened = await self._opened
        await self._terms_received.wait()
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
            # If this task was not cancelled, a library cancelled its own request.
            outcome = dropped(number) if task and task.cancelling() else failure(number, interrupted)
        except Exception as error:  # noqa: BLE001 - the coordinator decides what ends the run
            outcome = failure(number, error)
        finally:
            self._numbers.pop(spec.label, None)
        self._report.outcomes.append(outcome)
        return outcome

    def _apply(self, terms: Terms) -> None:
        self._last_contact = asyncio.get_running_loop().time()
        before, self._terms = self._terms, terms
        self._terms_received.set()
        if self._opened.done() and before.places != terms.places:
            self._opened.result().allow(terms.places)
        if terms.stop:
            self._cancel_tasks()

    def _cancel_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _cancel_and_wait(self) -> None:
        self._cancel_tasks()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=STOPPED_WITHIN)

    def _silence(self) -> float:
        assert self._loop is not None
        return self._loop.time() - self._last_contact

    async def _send_reports(self) -> None:
        clock = asyncio.get_running_loop().time
        sent_at = clock() - ALIVE_EVERY
        while True:
            woke = clock()
            if self._report.news or woke - sent_at >= ALIVE_EVERY:
                self._send_report()
                sent_at = woke
            await asyncio.sleep(REPORT_EVERY)
            # Suspended for too long: others have its files by now. Silence for too long: the coordinator is gone.
            if clock() - woke > self._timeouts.worker or self._silence() > self._timeouts.coordinator:
                self._cancel_tasks()

    def _send_report(self) -> None:
        if self._opened.done():
            self._report.places = self._opened.result().places()
        self._send(self._report.plain())
        self._report = self._report.next()

    def started(self, label: str, size: int | None) -> None:  # noqa: ARG002 - the coordinator knows the size
        """A file was started."""
        if number := self._numbers.get(label):
            self._report.started.append(number)

    def advanced(self, label: str, size: int) -> None:
        """Bytes were transferred."""
        if number := self._numbers.get(label):
            passed = self._report.passed
            passed[str(number)] = passed.get(str(number), 0) + size

    def retried(self, what: str, side: str, reason: str) -> None:
        """A file is retried; retries of API requests are not reported, since they belong to no file."""
        if number := self._numbers.get(what):
            self._report.retried.append((number, side, reason))

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """A side cannot be reached from this worker."""
        self._report.away.append((side, since.isoformat(), reason, longest))

    def back(self, side: str, seconds: float) -> None:
        """It is reachable again."""
        self._report.back.append((side, seconds))
