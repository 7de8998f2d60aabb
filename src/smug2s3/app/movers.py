"""Where the bytes of a run pass: through this process, through more of them, or through a cluster's workers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from smug2s3.app.factories import open_source, open_store
from smug2s3.cluster.addresses import scheduler_address
from smug2s3.cluster.carrier import Opened, Patience
from smug2s3.cluster.fitness import fingerprint
from smug2s3.engine.sync import TRANSFER_POLICY, SyncOptions
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
"""The environment variable that says which settings file a worker reads beneath its environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who is to move the bytes, besides or instead of this process."""

    processes: int | None = None
    environment: Mapping[str, str] | None = None
    """The settings for processes of our own, by the names of their variables."""
    scheduler: str | None = None
    insecure: bool = False
    """Whether a scheduler elsewhere may be spoken to without TLS."""


@asynccontextmanager
async def open_mover(
    crew: Crew, settings: Settings, options: SyncOptions, reporter: Reporter, run: str
) -> AsyncIterator[Mover | None]:
    """What moves the files of a run; ``None``: this process."""
    if options.dry_run or (crew.processes is None and crew.scheduler is None):
        yield None
        return
    from smug2s3.cluster.clusters import existing, own_processes  # noqa: PLC0415 - Dask takes a second to import
    from smug2s3.cluster.mover import ClusterMover, Whole  # noqa: PLC0415 - the same

    whole = Whole(
        fingerprint=lambda account: _fingerprint(settings, account),
        rate=options.rate,
        transfers=settings.transfers,
        wait=settings.outage_patience,
        patience=Patience(worker=settings.worker_patience),
    )
    if crew.scheduler:
        address = scheduler_address(crew.scheduler, insecure=crew.insecure)
        wires = existing(address, certificates(settings), run)
    else:
        assert crew.processes
        wires = own_processes(crew.processes, run, inherited(crew.environment or {}))
    async with wires as wire:
        yield ClusterMover(wire, open_carried, reporter, whole)


def certificates(settings: Settings) -> Path | None:
    """The folder with the cluster's, if one is named."""
    return Path(settings.cluster_certs) if settings.cluster_certs else None


def demand_extra(command: str) -> None:
    """Raises UsageError where what only clusters need is not installed; ``command`` is what was typed."""
    if absent := [name for name in ("distributed", "cryptography") if find_spec(name) is None]:
        raise UsageError(
            f"more processes and machines need {' and '.join(absent)}, not installed here",
            hint=f"Get what only they need with: {command_for('cluster', installation(), command)}",
        )


def inherited(found: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a worker finds just these settings, whatever lies where it is started."""
    return {variable.name: found.get(variable.name, "") for variable in VARIABLES.values()} | {
        SETTINGS_FILE: os.devnull
    }


@asynccontextmanager
async def open_carried(reporter: Reporter, rate: Callable[[], float | None]) -> AsyncIterator[Opened]:
    """On a worker: both sides, opened with its own settings and seen to answer."""
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
        account=account, endpoint=settings.endpoint or "AWS", bucket=settings.bucket, prefix=settings.prefix
    )
