"""Everything the coordinator asks of Dask: who is there, what to run where, and what workers report."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from distributed import Client
from distributed.versions import get_versions

from smug2s3.cluster.carrier import Opening, Patience
from smug2s3.cluster.messages import Batch, Plain, Terms
from smug2s3.cluster.plugin import CarrierPlugin, accept, carry, topic
from smug2s3.flow.together import together

ANSWER_WITHIN = 5.0
"""Seconds in which a worker or the scheduler answers, or does not."""


class Wire:
    """One run's use of a cluster."""

    def __init__(self, client: Client, run: str) -> None:
        self._client: Any = client  # half of what it can do has no annotations
        self._run = run
        self._batches = 0

    @property
    def address(self) -> str:
        """The scheduler's."""
        return str(self._client.scheduler.address)

    @property
    def connected(self) -> bool:
        """Whether what workers report can reach us."""
        return bool(self._client.status == "running")

    async def workers(self) -> dict[str, tuple[str, int]]:
        """Name and slots of all that are there, by address; raises OSError where the scheduler is not."""
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
        """Of client, scheduler and these workers, as Dask tells them; whoever does not answer is not among them."""
        names = ["smug2s3"]
        asked = {"op": "versions", "packages": names}
        async with asyncio.timeout(ANSWER_WITHIN):
            scheduler = await self._client.scheduler.versions(packages=names)
        told = await together(self._asked(worker, asked) for worker in workers)
        theirs = {address: found for one in told for address, found in one.items()}
        return {"client": get_versions(packages=names), "scheduler": scheduler, "workers": theirs}

    async def _asked(self, worker: str, message: Plain) -> Plain:
        """One worker's answer by its address, or nothing: who hangs must not keep us from hearing the others."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(ANSWER_WITHIN):
                answer: Plain = await self._client.scheduler.broadcast(msg=message, workers=[worker], on_error="ignore")
                return answer
        return {}

    async def introduce(self, opening: Opening, patience: Patience, on_report: Callable[[Plain], None]) -> None:
        """Have every worker, also those that come later, begin to work for this run."""
        self._client.subscribe_topic(topic(self._run), lambda event: on_report(event[1]))
        plugin = CarrierPlugin(self._run, self._client.id, opening, patience)
        await self._in_time(self._client.register_plugin(plugin, name=topic(self._run)))

    async def dismiss(self) -> None:
        """The opposite."""
        if self.connected:
            await self._in_time(self._client.unregister_worker_plugin(topic(self._run)))
            with suppress(OSError):
                self._client.unsubscribe_topic(topic(self._run))

    async def carry(self, worker: str, batch: Batch) -> list[Plain]:
        """The outcome of every file, from this one worker; raises whatever Dask does where there is none."""
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
        # Given up in the middle, Dask would leave what it waits with behind; to release the future ends that.
        waiting = asyncio.ensure_future(future)
        waiting.add_done_callback(_hear_out)
        try:
            outcomes: list[Plain] = pickle.loads(await asyncio.shield(waiting))  # noqa: S301 - TLS says from whom it is
        finally:
            future.release()
        return outcomes

    async def tell(self, worker: str, terms: Terms) -> None:
        """On which terms it works; one that does not answer will be missed elsewhere."""
        await self._in_time(self._client.run(accept, terms, self._run, workers=[worker], on_error="ignore"))

    async def _in_time(self, asking: Awaitable[object]) -> None:
        """What every worker is to answer: the scheduler has heard of it, and who hangs is missed elsewhere."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(ANSWER_WITHIN):
                await asking


def _hear_out(waiting: asyncio.Future[Any]) -> None:
    """Take notice of its end, so that nobody complains of it."""
    if not waiting.cancelled():
        waiting.exception()
