"""What Dask runs on a worker: a carrier for each run, and the one task that gives it its files."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from distributed import WorkerPlugin
from distributed.worker import get_worker

from smug2s3.cluster.carrier import Carrier, Opening, Patience
from smug2s3.cluster.messages import Plain, Report, Terms

if TYPE_CHECKING:
    from distributed import Worker

LOOK_EVERY = 0.5
"""Seconds between two looks at whether another run has ended."""


class CarrierPlugin(WorkerPlugin):
    """Gives every worker that is there or comes a carrier for one run."""

    def __init__(self, run: str, client: str, opening: Opening, patience: Patience) -> None:
        """``client`` is the coordinator as the scheduler knows it."""
        self.run = run
        self.client = client
        self.opening = opening
        self.patience = patience

    async def setup(self, worker: Worker) -> None:
        """Begin, as soon as no other run is using the worker."""
        _beginning[self.run, worker.address] = asyncio.create_task(self._begin(worker))

    async def teardown(self, worker: Worker) -> None:
        """The run is over, or the worker is leaving: nothing is carried any more."""
        if beginning := _beginning.pop((self.run, worker.address), None):
            beginning.cancel()
        if (used := _carriers.get(worker.address)) and used.plugin.run == self.run:
            del _carriers[worker.address]
            await used.carrier.stop()

    async def _begin(self, worker: Worker) -> None:
        tell = _teller(worker, topic(self.run))
        while (used := _carriers.get(worker.address)) and used.plugin.run != self.run:
            if not used.carrier.busy or await used.plugin.abandoned(worker):
                await used.carrier.stop()
                break
            tell(Report(self.run, worker.address, busy=True).plain())
            await asyncio.sleep(LOOK_EVERY)
        carrier = Carrier(self.run, worker.address, self.opening, tell, self.patience)
        _carriers[worker.address] = _Used(self, carrier)
        carrier.start()

    async def abandoned(self, worker: Worker) -> bool:
        """Whether the scheduler knows that the coordinator of this run is gone."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                events = await worker.scheduler.events(topic=self.client)
                return any(event.get("action") == "remove-client" for _, event in events)
        return False


class _Used(NamedTuple):
    plugin: CarrierPlugin
    carrier: Carrier


_carriers: dict[str, _Used] = {}
"""In this process, by the worker's address."""

_beginning: dict[tuple[str, str], asyncio.Task[None]] = {}
"""What begins a run, or waits for its turn, by the run and the worker's address."""


def topic(run: str) -> str:
    """Under which a run's workers report."""
    return f"smug2s3-{run}"


async def carry(run: str, batch: bytes) -> bytes:
    """The task: nothing but waiting happens on Dask's own loop, so that its heartbeats are never late."""
    used = _carriers[get_worker().address]
    assert used.plugin.run == run
    outcomes = await asyncio.wrap_future(used.carrier.carry(pickle.loads(batch)))  # noqa: S301 - TLS says from whom it is
    return pickle.dumps(outcomes)


def accept(terms: Terms, run: str, dask_worker: Worker) -> None:
    """Hand new terms to the carrier."""
    if (used := _carriers.get(dask_worker.address)) and used.plugin.run == run:
        used.carrier.accept(terms)


def _teller(worker: Worker, topic: str) -> Callable[[Plain], None]:
    def tell(report: Plain) -> None:
        with suppress(RuntimeError):  # the worker's loop has just ended
            worker.log_event(topic, report)

    return tell
