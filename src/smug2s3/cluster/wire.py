"""The coordinator's connection to Dask: lists workers, runs batches on them and receives their reports."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from distributed import Client
from distributed.versions import get_versions

from smug2s3.cluster.carrier import Opener, Timeouts
from smug2s3.cluster.messages import Batch, Plain, Terms
from smug2s3.cluster.plugin import CarrierPlugin, accept, carry, topic
from smug2s3.flow.together import together

ANSWER_WITHIN = 5.0
"""Seconds to wait for an answer from a worker or the scheduler."""


class Wire:
    """One run's use of a cluster."""

    def __init__(self, client: Client, run: str) -> None:
        self._client: Any = client  # most of its methods have no annotations
        self._run = run
        self._batches = 0

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return str(self._client.scheduler.address)

    @property
    def connected(self) -> bool:
        """Whether workers' reports can arrive."""
        return bool(self._client.status == "running")

    async def workers(self) -> dict[str, tuple[str, int]]:
        """Name and slots of all workers, by address; raises OSError if the scheduler cannot be reached."""
        if not self.connected:
            raise ConnectionError("the connection to the scheduler broke")
        async with asyncio.timeout(ANSWER_WITHIN):
            found = await self._client.scheduler.identity(n_workers=-1)
        return {
            address: (str(one["name"]), int(one["nthreads"]))
            for address, one in found["workers"].items()
            if one["status"] == "running"
        }

    async def versions(self, workers: list[str]) -> Mapping[str, Any]:
        """Versions of client, scheduler and these workers, as Dask reports them; workers that do not answer are left out."""
        names = ["smug2s3"]
        request = {"op": "versions", "packages": names}
        async with asyncio.timeout(ANSWER_WITHIN):
            scheduler = await self._client.scheduler.versions(packages=names)
        answers = await together(self._answer_of(worker, request) for worker in workers)
        theirs = {address: found for one in answers for address, found in one.items()}
        return {"client": get_versions(packages=names), "scheduler": scheduler, "workers": theirs}

    async def _answer_of(self, worker: str, message: Plain) -> Plain:
        """One worker's answer by its address, or nothing; asked one by one, so one that hangs does not block the others."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(ANSWER_WITHIN):
                answer: Plain = await self._client.scheduler.broadcast(msg=message, workers=[worker], on_error="ignore")
                return answer
        return {}

    async def register(self, opener: Opener, timeouts: Timeouts, on_report: Callable[[Plain], None]) -> None:
        """Start a carrier for this run on every worker, including those that join later."""
        self._client.subscribe_topic(topic(self._run), lambda event: on_report(event[1]))
        plugin = CarrierPlugin(self._run, self._client.id, opener, timeouts)
        await self._with_timeout(self._client.register_plugin(plugin, name=topic(self._run)))

    async def unregister(self) -> None:
        """Stop the carriers."""
        if self.connected:
            await self._with_timeout(self._client.unregister_worker_plugin(topic(self._run)))
            with suppress(OSError):
                self._client.unsubscribe_topic(topic(self._run))

    async def carry(self, worker: str, batch: Batch) -> list[Plain]:
        """Copy a batch on this worker; raises whatever Dask raises if the worker is lost."""
        self._batches += 1
        future = self._client.submit(
            carry,
            self._run,
            pickle.dumps(batch),
            key=f"{topic(self._run)}-{self._batches}",
            workers=[worker],
            allow_other_workers=False,
            retries=0,
            pure=False,
        )
        # Cancelling this wait would leak Dask's own task; releasing the future ends it.
        waiting = asyncio.ensure_future(future)
        waiting.add_done_callback(_retrieve_exception)
        try:
            outcomes: list[Plain] = pickle.loads(await asyncio.shield(waiting))  # noqa: S301 - the sender is authenticated by TLS
        finally:
            future.release()
        return outcomes

    async def send_terms(self, worker: str, terms: Terms) -> None:
        """Send a worker its terms; no answer is no error here, since silent workers are detected elsewhere."""
        await self._with_timeout(self._client.run(accept, terms, self._run, workers=[worker], on_error="ignore"))

    async def _with_timeout(self, request: Awaitable[object]) -> None:
        """Wait only so long: the scheduler has the request by then, and silent workers are detected elsewhere."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(ANSWER_WITHIN):
                await request


def _retrieve_exception(waiting: asyncio.Future[Any]) -> None:
    """Retrieve the exception, so that asyncio does not log it as unhandled."""
    if not waiting.cancelled():
        waiting.exception()
