"""Many workers, each limited to a share of a core: how their rate scales, and the coordinator's cost per file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.machine import Cost, Stage, ours, stage, table, timed
from tests.support.cgroup import held_to
from tests.support.cluster import Cluster, dask_cluster

COUNTS = (1, 2, 4)
SMALL = 20_000
"""Bytes of a file so small that its cost is only requests."""

STARTED, NEARLY_DONE = 0.15, 0.85
"""All workers are busy between these shares of an account."""


@dataclass(frozen=True, slots=True)
class Run:
    """One command, and its rate while all workers were busy."""

    cost: Cost
    rate: float
    """Files a second."""


async def cluster() -> None:
    """1, 2 and 4 workers with a quarter and a tenth of a core each; then two unlimited ones against none."""
    for share, files in ((0.25, 8_000), (0.1, 4_000)):
        await _growing(share, files)
    await _against_none(10_000)


async def memory() -> None:
    """The coordinator's memory with two workers and 100,000 files."""
    world = "flat:1000x100x200"
    async with _stage(world, "memory") as at:
        run = await _with_workers(at, "memory", 2, 2.0, 100_000)
    print(f"\n{world}: coordinator {run.cost.peak_mb:.0f} MB, {_per_file(run.cost, 100_000):.2f} ms a file")


async def _growing(share: float, files: int) -> None:
    world = f"flat:{files // 100}x100x{SMALL}"
    async with _stage(world, *(f"workers-{count}" for count in COUNTS)) as at:
        runs = {count: await _with_workers(at, f"workers-{count}", count, share, files) for count in COUNTS}
    print(f"\n{world}: workers of {share:g} core each, servers and coordinator on the rest of {os.cpu_count()} cores")
    rows = [
        (count, f"{run.rate:.0f}", f"{run.rate / runs[1].rate:.2f}", f"{_per_file(run.cost, files):.2f}", run.cost.code)
        for count, run in runs.items()
    ]
    table(("workers", "files/s", "to one", "coordinator ms a file", "exit code"), rows)


async def _against_none(files: int) -> None:
    world = f"flat:{files // 100}x100x{SMALL}"
    ways: dict[str, tuple[str, ...]] = {"none": (), "two": ("--processes", "2")}
    rows = []
    async with _stage(world, *(f"{name}-{turn}" for name in ways for turn in range(3))) as at:
        for turn in range(3):
            for name, options in ways.items():
                run = await _measured(at, f"{name}-{turn}", files, *options)
                rows.append((name, f"{run.rate:.0f}", f"{files / run.cost.seconds:.0f}", run.cost.code))
    print(f"\n{world}: processes that copy, on {os.cpu_count()} cores with both servers")
    table(("processes", "files/s", "start and end included", "exit code"), sorted(rows))


@asynccontextmanager
async def _stage(world: str, *buckets: str) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        async with stage(Path(folder), world, *buckets) as at:
            yield at


async def _with_workers(at: Stage, bucket: str, count: int, share: float, files: int) -> Run:
    home = at.home / f"cluster-{bucket}"
    home.mkdir()
    with dask_cluster(home) as cluster, _workers(cluster, at.environment(bucket), count, share):
        return await _measured(at, bucket, files, "--scheduler", cluster.address)


@contextmanager
def _workers(cluster: Cluster, settings: dict[str, str], count: int, share: float) -> Iterator[None]:
    cluster.settle(settings)
    with ExitStack() as groups:
        names = [f"w{number}" for number in range(count)]
        for name in names:
            held = groups.enter_context(held_to(share, name))
            cluster.start(
                *held, *ours("worker", cluster.address, "--name", name), home=cluster.home, name=f"{name}.txt"
            )
        end = time.monotonic() + 120
        while not all("Working for" in cluster.said_by(f"{name}.txt") for name in names):
            if time.monotonic() > end or len(cluster.alive) < count:
                sys.exit(cluster.everything_said())
            time.sleep(0.1)
        try:
            yield
        finally:
            for worker in cluster.workers:
                worker.send_signal(signal.SIGKILL)
                worker.wait()


async def _measured(at: Stage, bucket: str, files: int, *options: str) -> Run:
    settings = at.environment(bucket)
    running = asyncio.create_task(asyncio.to_thread(timed, ours("sync", "--json", *options), settings, at.home))
    seen: list[tuple[float, int]] = []
    while not running.done():
        seen.append((time.monotonic(), _copied(Path(settings["LEDGER_PATH"]))))
        await asyncio.sleep(0.25)
    steady = [one for one in seen if STARTED * files <= one[1] <= NEARLY_DONE * files]
    (began, first), (ended, last) = steady[0], steady[-1]
    return Run(running.result(), (last - first) / (ended - began))


def _copied(ledger: Path) -> int:
    if not ledger.exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM assets WHERE state = 'moved'").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # its first table does not exist yet


def _per_file(cost: Cost, files: int) -> float:
    """Milliseconds of processor time, start and end included."""
    return cost.cpu_seconds / files * 1000
