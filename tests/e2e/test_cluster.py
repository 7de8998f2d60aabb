"""The bytes pass through workers of a Dask cluster: everything arrives, whatever becomes of those."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from smug2s3.app.movers import Crew
from smugmug_simulator import Simulator, World, worlds
from tests.support.bucket import Bucket
from tests.support.cluster import Cluster, dask_cluster, with_signal
from tests.support.machine import Machine, machine_for
from tests.support.recorder import Recorder

pytestmark = pytest.mark.xdist_group("cluster")

WORKER_PATIENCE = 2
"""Seconds, instead of thirty."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One for all of these tests; its workers find in a `.env` what each test has them do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        with dask_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
            yield cluster


class Site:
    """An account, a bucket, and two workers between them."""

    def __init__(self, machine: Machine, cluster: Cluster, workers: int = 2) -> None:
        self.machine = machine
        self.cluster = cluster
        self.reporter = Recorder()
        self.machine.write_env(WORKER_PATIENCE=f"{WORKER_PATIENCE}s", LEDGER_PATH=None)
        cluster.settle(machine.settings)
        cluster.staff(workers)

    async def sync(self, **options: object) -> tuple[int, int]:
        """One run in this process; what was copied, and what failed."""
        inside = self.machine.inside
        inside.crew, inside.reporter = Crew(scheduler=self.cluster.address), self.reporter
        summary = await inside.sync(**options)
        return summary.moved, summary.failed

    @property
    def sim(self) -> Simulator:
        assert self.machine.sim is not None
        return self.machine.sim

    async def when(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not true():
                await asyncio.sleep(0.01)

    async def asked_for(self, count: int) -> None:
        await self.when(lambda: self.sim.count("media") >= count)


@asynccontextmanager
async def site(world: World, cluster: Cluster, bucket: Bucket, home: Path, latency: float = 0.0) -> AsyncIterator[Site]:
    async with Simulator(world, latency=latency) as sim:
        yield Site(machine_for(sim, bucket, home), cluster)


@pytest.mark.parametrize("world", [worlds.demo, worlds.hostile])
async def test_a_whole_account_arrives_through_workers_and_is_not_copied_twice(
    world: Callable[[], World], cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with site(world(), cluster, bucket, tmp_path / "home") as found:
        copied, failed = await found.sync()

        assert failed == 0
        assert copied == len(found.reporter.finished)
        assert found.reporter.bytes_passed >= sum(found.reporter.finished.values())
        found.machine.assert_complete()
        assert (await found.machine.inside.verify(deep=1.0)).clean
        assert await found.sync() == (0, 0)


async def test_a_worker_that_is_killed_costs_nothing(cluster: Cluster, bucket: Bucket, tmp_path: Path) -> None:
    async with site(worlds.flat(4, 100, 20_000), cluster, bucket, tmp_path / "home", latency=0.05) as found:
        running = asyncio.create_task(found.sync())
        await found.asked_for(60)
        with_signal(cluster.alive[0], signal.SIGKILL)

        assert await running == (400, 0)

        found.machine.assert_complete()
        assert any("is gone; its files are given to others" in note for note in found.reporter.notes)
        assert found.reporter.bytes_passed == sum(found.reporter.finished.values())


async def test_a_worker_that_hangs_loses_its_files_and_may_go_on_later(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with site(worlds.flat(4, 100, 20_000), cluster, bucket, tmp_path / "home", latency=0.1) as found:
        running = asyncio.create_task(found.sync())
        await found.asked_for(60)
        hanging = cluster.alive[0]
        with_signal(hanging, signal.SIGSTOP)
        await found.when(lambda: any("does not answer" in note for note in found.reporter.notes))
        with_signal(hanging, signal.SIGCONT)

        assert await running == (400, 0)

        found.machine.assert_complete()
        assert hanging.poll() is None
        assert await found.sync() == (0, 0)
