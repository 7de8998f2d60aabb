"""A worker process that joins an existing scheduler and exits when that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from distributed import Worker

from smug2s3.cluster.certificates import security
from smug2s3.cluster.clusters import SLOTS, connection_error
from smug2s3.cluster.configuration import configured
from smug2s3.errors import ClusterError

JOINED_WITHIN = 60.0
"""Seconds to wait for a scheduler that is still starting."""

CLOSED_WITHIN = 10.0


async def work_for(
    address: str, certificates: Path | None, *, name: str | None, port: int, say: Callable[[str], None]
) -> None:
    """Copy files for any run until cancelled; raises ClusterError if the scheduler cannot be reached or is gone."""
    with configured():
        worker = Worker(
            address,
            nthreads=SLOTS,
            name=name,
            port=port,
            security=security(address, certificates, "worker"),
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            death_timeout=JOINED_WITHIN,
        )
        try:
            await _join(worker, address)
            say(f"Working for {address} as {name or worker.address.split('://')[-1]}. Press Ctrl-C to stop.")
            await worker.finished()
        finally:
            await asyncio.shield(worker.close(timeout=CLOSED_WITHIN))
    raise ClusterError(
        f"the scheduler {address} is gone; what was under way was cancelled",
        hint="The next run copies it. Start the worker again once there is a scheduler.",
    )


async def _join(worker: Worker, address: str) -> None:
    try:
        await worker
    except Exception as error:
        raise connection_error(address, error) from error
