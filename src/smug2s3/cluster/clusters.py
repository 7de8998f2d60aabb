"""Connects to a cluster: local processes started for this run, or an existing scheduler."""

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
"""Batches a worker runs at once: Dask only waits for them, and large files have a batch each."""

CONNECTED_WITHIN = 10.0
"""Seconds within which the scheduler must answer."""

CLOSED_WITHIN = 10.0
"""Seconds that local processes may take to end."""


class _Nanny(Nanny):
    """Starts workers that ignore Ctrl-C and the closing of the terminal: the main process handles both."""

    _starting: ClassVar[int] = 0

    async def instantiate(self) -> Status:
        """Start the worker while these signals are blocked: it inherits that."""
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
    """Start ``count`` local worker processes that take their settings from ``environment``.

    They use TLS with keys that exist only in memory, since other users of this machine can reach its ports.
    """
    with configured(), _with_environment(environment):
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
        starting = asyncio.ensure_future(_start(cluster))
        try:
            await asyncio.shield(starting)
            async with _client(cluster.scheduler_address, cluster.security) as client:
                yield Wire(client, run)
        finally:
            await asyncio.shield(_close(cluster, starting))


async def _start(cluster: Any) -> None:
    try:
        await cluster
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"the processes could not be started: {error}", hint="Copy in one process, without --processes."
        ) from error


async def _close(cluster: Any, starting: asyncio.Future[None]) -> None:
    """Wait for the start first: a cluster that is still starting cannot be closed."""
    await asyncio.wait({starting})
    with suppress(TimeoutError, OSError):
        await cluster.close(timeout=CLOSED_WITHIN)


@asynccontextmanager
async def existing(address: str, certificates: Path | None, run: str) -> AsyncIterator[Wire]:
    """Connect to an existing scheduler; raises ClusterError if none answers."""
    with configured():
        async with _client(address, security(address, certificates, "client")) as client:
            yield Wire(client, run)


@asynccontextmanager
async def _client(address: str, secure: Security | None) -> AsyncIterator[Client]:
    client = Client(address, security=secure, asynchronous=True, timeout=CONNECTED_WITHIN, set_as_default=False)
    try:
        await client
    except (OSError, TimeoutError) as error:
        raise connection_error(address, error) from error
    try:
        yield client
    finally:
        with suppress(TimeoutError, OSError):
            await asyncio.shield(client.close(timeout=CLOSED_WITHIN))


def connection_error(address: str, error: BaseException) -> ClusterError:
    """The error of a connection that failed, by its cause."""
    said = " ".join(_causes(error))
    if "name taken" in said:
        return ClusterError(f"{address} already has a worker of that name", hint="Choose another with --name.")
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
def _with_environment(environment: Mapping[str, str]) -> Iterator[None]:
    """Set these environment variables while the block runs, for workers and those that replace them."""
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
