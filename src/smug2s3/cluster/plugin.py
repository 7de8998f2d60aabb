"""What Dask runs on a worker: a carrier for each run, and the one task that gives it its files."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from distributed import WorkerPlugin
from distributed.worker import get_worker

from smug2s3.cluster.carrier import Carrier, Opening, Patience
from smug2s3.cluster.messages import Plain, Report, Terms, told
from smug2s3.errors import ClusterError

if TYPE_CHECKING:
    from distributed import Worker

_carriers: dict[str, Carrier] = {}
"""In this process, by the worker's address."""


class CarrierPlugin(WorkerPlugin):
    """Gives every worker that is there or comes a carrier for one run."""

    def __init__(self, run: str, opening: Opening, patience: Patience) -> None:
        self.run = run
        self.opening = opening
        self.patience = patience

    async def setup(self, worker: Worker) -> None:
        """Begin; a worker that another run is using is left to it."""
        tell = _teller(worker, topic(self.run))
        if (other := _carriers.get(worker.address)) and other.run != self.run:
            if other.busy:
                tell(Report(self.run, worker.address, refusal=told(_taken(worker))).plain())
                return
            await other.stop()
        carrier = _carriers[worker.address] = Carrier(self.run, worker.address, self.opening, tell, self.patience)
        carrier.start()

    async def teardown(self, worker: Worker) -> None:
        """The run is over, or the worker is leaving: nothing is carried any more."""
        if (carrier := _carriers.get(worker.address)) and carrier.run == self.run:
            del _carriers[worker.address]
            await carrier.stop()


def topic(run: str) -> str:
    """Under which a run's workers report."""
    return f"smug2s3-{run}"


async def carry(run: str, batch: bytes) -> bytes:
    """The task: nothing but waiting happens on Dask's own loop, so that its heartbeats are never late."""
    carrier = _carriers[get_worker().address]
    assert carrier.run == run
    outcomes = await asyncio.wrap_future(carrier.carry(pickle.loads(batch)))  # noqa: S301 - TLS says from whom it is
    return pickle.dumps(outcomes)


def accept(terms: Terms, run: str, dask_worker: Worker) -> None:
    """Hand new terms to the carrier."""
    if (carrier := _carriers.get(dask_worker.address)) and carrier.run == run:
        carrier.accept(terms)


def _teller(worker: Worker, topic: str) -> Callable[[Plain], None]:
    def tell(report: Plain) -> None:
        with suppress(RuntimeError):  # the worker's loop has just ended
            worker.log_event(topic, report)

    return tell


def _taken(worker: Worker) -> ClusterError:
    return ClusterError(f"the worker {worker.address} is busy with another run", hint="Wait until that run has ended.")
