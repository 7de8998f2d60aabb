"""Opens the mover of a run: this process, local worker processes or a cluster."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from smug2s3.app.factories import open_source, open_store
from smug2s3.cluster.addresses import scheduler_address
from smug2s3.cluster.carrier import Opened, Timeouts
from smug2s3.cluster.fitness import fingerprint
from smug2s3.engine.sync import TRANSFER_POLICY
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.engine.transfer import StreamingMover
from smug2s3.env_file import read_environment
from smug2s3.errors import UsageError
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.throttle import Throttle
from smug2s3.local_servers import installation
from smug2s3.ports.mover import Mover
from smug2s3.ports.reporter import Reporter
from smug2s3.rules.installation import command_for
from smug2s3.settings import VARIABLES, Settings, load

SETTINGS_FILE = "SMUG2S3_WORKER_SETTINGS"
"""The environment variable that names a worker's settings file; variables override what it contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The workers to copy with; none by default."""

    processes: int | None = None
    environment: Mapping[str, str] | None = None
    """Settings for local worker processes, by variable name."""
    scheduler: str | None = None
    insecure: bool = False
    """Whether to allow a scheduler on another machine without TLS."""


@asynccontextmanager
async def open_mover(
    crew: Crew, settings: Settings, options: SyncOptions, reporter: Reporter, run: str
) -> AsyncIterator[Mover | None]:
    """Open the mover of a run; ``None`` to copy in this process."""
    if options.dry_run or (crew.processes is None and crew.scheduler is None):
        yield None
        return
    from smug2s3.cluster.clusters import existing, own_processes  # noqa: PLC0415 - Dask takes a second to import
    from smug2s3.cluster.mover import ClusterMover, ClusterOptions  # noqa: PLC0415 - the same

    cluster_options = ClusterOptions(
        fingerprint=lambda account: _fingerprint(settings, account),
        rate=options.rate,
        transfers=settings.transfers,
        wait=settings.outage_patience,
        timeouts=Timeouts(worker=settings.worker_patience),
    )
    if crew.scheduler:
        address = scheduler_address(crew.scheduler, insecure=crew.insecure)
        wires = existing(address, certificates(settings), run)
    else:
        assert crew.processes
        wires = own_processes(crew.processes, run, worker_environment(crew.environment or {}))
    async with wires as wire:
        yield ClusterMover(wire, open_worker_mover, reporter, cluster_options)


def certificates(settings: Settings) -> Path | None:
    """The folder with the cluster's certificates, if one is set."""
    return Path(settings.cluster_certs) if settings.cluster_certs else None


def require_extra(command: str) -> None:
    """Raises UsageError if the packages of the extra are not installed; ``command`` is what was typed."""
    if absent := [name for name in ("distributed", "cryptography") if find_spec(name) is None]:
        raise UsageError(
            f"more processes and machines need {' and '.join(absent)}, not installed here",
            hint=f"Get what only they need with: {command_for('cluster', installation(), command)}",
        )


def worker_environment(found: Mapping[str, str]) -> dict[str, str]:
    """Environment variables that give a worker exactly these settings, whatever `.env` it is started beside."""
    return {variable.name: found.get(variable.name, "") for variable in VARIABLES.values()} | {
        SETTINGS_FILE: os.devnull
    }


@asynccontextmanager
async def open_worker_mover(reporter: Reporter, rate: Callable[[], float | None]) -> AsyncIterator[Opened]:
    """Open and check both sides on a worker, with its own settings."""
    found = read_environment(Path(os.environ.get(SETTINGS_FILE) or ".env"))
    settings = load(found, needs=frozenset({"smugmug", "store"}))
    async with open_source(settings, reporter) as source, open_store(settings, reporter) as store:
        account = await source.account()
        await store.check(settings.prefix)
        limiter = AdaptiveLimiter.up_to(settings.transfers)
        yield Opened(
            StreamingMover(source, store, reporter, TRANSFER_POLICY, Throttle(rate), limiter),
            account.nickname,
            _fingerprint(settings, account.nickname),
            limiter.allow,
            lambda: limiter.limit,
        )


def _fingerprint(settings: Settings, account: str) -> dict[str, str]:
    return fingerprint(
        account=account,
        endpoint=settings.endpoint or "AWS",
        bucket=settings.bucket,
        prefix=settings.prefix,
        storage=settings.storage.fingerprint,
    )
