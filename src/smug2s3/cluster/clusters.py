"""Clusters to work with: processes of our own on this machine, or what somebody started elsewhere."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, ClassVar

from distributed import Client, LocalCluster, Nanny, Security
from distributed.core import Status

from smug2s3.cluster.certificates import security
from smug2s3.cluster.configuration import SILENT, configured
from smug2s3.cluster.wire import Wire
from smug2s3.errors import ClusterError
from smug2s3.flow.adaptive_limit import MOST

SLOTS = MOST
"""Batches a worker has under way at once: they only wait on Dask's side, and one of a large file each is usual."""

CONNECTED_WITHIN = 10.0
"""Seconds until the scheduler answers."""

CLOSED_WITHIN = 10.0
"""Seconds in which processes of our own end."""


class _Nanny(Nanny):
    """Starts a worker that leaves to us what a terminal says to everybody in front of it: Ctrl-C, and that it is closed."""

    _starting: ClassVar[int] = 0

    async def instantiate(self) -> Status:
        """Whoever is started while these signals are blocked inherits that."""
        if sys.platform == "win32":
            return await super().instantiate()
        signals = {signal.SIGINT, signal.SIGHUP}
        resource_tracker.ensure_running()  # its first start would unblock them
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        _Nanny._starting += 1
        try:
            return await super().instantiate()
        finally:
            _Nanny._starting -= 1
            if not _Nanny._starting:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


@asynccontextmanager
async def own_processes(count: int, run: str, environment: Mapping[str, str]) -> AsyncIterator[Wire]:
    """So many worker processes on this machine, which find their settings in ``environment``.

    They speak TLS with keys that exist in memory alone: on a machine that others use, its ports are everybody's.
    """
    with configured(), _inherited(environment):
        cluster: Any = LocalCluster(
            n_workers=count,
            threads_per_worker=SLOTS,
            worker_class=_Nanny,
            asynchronous=True,
            host="127.0.0.1",
            protocol="tls://",
            security=Security.temporary(),
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            silence_logs=SILENT,
            memory_limit=0,
        )
        starting = asyncio.ensure_future(_started(cluster))
        try:
            await asyncio.shield(starting)
            async with _client(cluster.scheduler_address, cluster.security) as client:
                yield Wire(client, run)
        finally:
            await asyncio.shield(_ended(cluster, starting))


async def _started(cluster: Any) -> None:
    try:
        await cluster
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"the processes could not be started: {error}", hint="Copy in one process, without --processes."
        ) from error


async def _ended(cluster: Any, starting: asyncio.Future[None]) -> None:
    """Half started it cannot be closed."""
    await asyncio.wait({starting})
    with suppress(TimeoutError, OSError):
        await cluster.close(timeout=CLOSED_WITHIN)


@asynccontextmanager
async def existing(address: str, certificates: Path | None, run: str) -> AsyncIterator[Wire]:
    """The cluster at a scheduler's address; raises ClusterError where none answers."""
    with configured():
        async with _client(address, security(address, certificates, "client")) as client:
            yield Wire(client, run)


@asynccontextmanager
async def _client(address: str, secure: Security | None) -> AsyncIterator[Client]:
    client = Client(address, security=secure, asynchronous=True, timeout=CONNECTED_WITHIN, set_as_default=False)
    try:
        await client
    except (OSError, TimeoutError) as error:
        raise unanswered(address, error) from error
    try:
        yield client
    finally:
        with suppress(TimeoutError, OSError):
            await asyncio.shield(client.close(timeout=CLOSED_WITHIN))


def unanswered(address: str, error: BaseException) -> ClusterError:
    """No scheduler there, or one that does not know our certificate."""
    said = " ".join(_causes(error))
    if "name taken" in said:
        return ClusterError(f"{address} has a worker of that name already", hint="Choose another with --name.")
    if "certificate" in said.lower() or "ssl" in said.lower():
        return ClusterError(
            f"the scheduler {address} and this computer do not accept each other's certificates",
            hint="Use the folder that one call of `smug2s3 cluster certs` made on all machines.",
        )
    return ClusterError(
        f"no scheduler answers at {address}",
        hint="Check the address, that `dask scheduler` runs there, and that a firewall lets its port through.",
    )


def _causes(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__name__}: {error}"
        error = error.__cause__ or error.__context__


@contextmanager
def _inherited(environment: Mapping[str, str]) -> Iterator[None]:
    """While the block lasts, processes that are started find these variables; also those started later in its place."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
