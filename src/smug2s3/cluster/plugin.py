"""The code that Dask runs on workers: a plugin that starts a carrier per run, and the task that copies a batch."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from distributed import WorkerPlugin
from distributed.worker import get_worker

from smug2s3.cluster.carrier import Carrier, Opener, Timeouts
from smug2s3.cluster.messages import Plain, Report, Terms

if TYPE_CHECKING:
    from distributed import Worker

LOOK_EVERY = 0.5
"""Seconds between two checks whether another run has ended."""


class CarrierPlugin(WorkerPlugin):
    """Starts a carrier for one run on every worker, including those that join later."""

    def __init__(self, run: str, client: str, opener: Opener, timeouts: Timeouts) -> None:
        """``client`` is the coordinator's ID on the scheduler."""
        self.run = run
        self.client = client
        self.opener = opener
        self.timeouts = timeouts

    async def setup(self, worker: Worker) -> None:
        """Start a carrier as soon as no other run uses the worker."""
        _starting[self.run, worker.address] = asyncio.create_task(self._start(worker))

    async def teardown(self, worker: Worker) -> None:
        """Stop the carrier: the run is over, or the worker is leaving."""
        if starting := _starting.pop((self.run, worker.address), None):
            starting.cancel()
        if (used := _carriers.get(worker.address)) and used.plugin.run == self.run:
            del _carriers[worker.address]
            await used.carrier.stop()

    async def _start(self, worker: Worker) -> None:
        send = _report_sender(worker, topic(self.run))
        while (used := _carriers.get(worker.address)) and used.plugin.run != self.run:
            if not used.carrier.busy or await used.plugin.abandoned(worker):
                await used.carrier.stop()
                break
            send(Report(self.run, worker.address, busy=True).plain())
            await asyncio.sleep(LOOK_EVERY)
        carrier = Carrier(self.run, worker.address, self.opener, send, self.timeouts)
        _carriers[worker.address] = _Used(self, carrier)
        carrier.start()

    async def abandoned(self, worker: Worker) -> bool:
        """Whether the scheduler recorded that this run's coordinator left."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                events = await worker.scheduler.events(topic=self.client)
                return any(event.get("action") == "remove-client" for _, event in events)
        return False


class _Used(NamedTuple):
    plugin: CarrierPlugin
    carrier: Carrier


_carriers: dict[str, _Used] = {}
"""Carriers in this process, by worker address."""

_starting: dict[tuple[str, str], asyncio.Task[None]] = {}
"""Tasks that start a carrier or wait for another run to end, by run and worker address."""


def topic(run: str) -> str:
    """The Dask topic of a run's reports."""
    return f"smug2s3-{run}"


async def carry(run: str, batch: bytes) -> bytes:
    """Copy a batch in the carrier's thread; Dask's own loop only waits, so its heartbeats are not delayed."""
    used = _carriers[get_worker().address]
    assert used.plugin.run == run
    outcomes = await asyncio.wrap_future(used.carrier.carry(pickle.loads(batch)))  # noqa: S301 - the sender is authenticated by TLS
    return pickle.dumps(outcomes)


def accept(terms: Terms, run: str, dask_worker: Worker) -> None:
    """Pass new terms to the carrier."""
    if (used := _carriers.get(dask_worker.address)) and used.plugin.run == run:
        used.carrier.accept(terms)


def _report_sender(worker: Worker, topic: str) -> Callable[[Plain], None]:
    def send(report: Plain) -> None:
        with suppress(RuntimeError):  # the worker's loop has just ended
            worker.log_event(topic, report)

    return send
