"""Copying through the workers of a Dask cluster: everything arrives, whatever happens to the workers."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smug2s3.app.movers import Crew
from smug2s3.errors import ClusterError, SettingsError, SourceRefused, StoreUnusable
from smug2s3.rules.bandwidth import timetable
from smugmug_simulator import Fault, Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support.bucket import Bucket
from tests.support.cluster import Cluster, dask_cluster, with_signal
from tests.support.fault_proxy import FaultProxy, StoreFault, fault_proxy
from tests.support.machine import Machine, machine_for
from tests.support.recorder import Recorder
from tests.support.wiretap import wiretap

MIB = 1024 * 1024

WORKER_PATIENCE = 2
"""Seconds, instead of thirty."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One cluster for all of these tests; its workers read each test's settings from a `.env`."""
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
        """One run in this process; returns how many files were copied and how many failed."""
        inside = self.machine.inside
        inside.crew, inside.listener = Crew(scheduler=self.cluster.address), self.reporter
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
async def site(
    world: World,
    cluster: Cluster,
    bucket: Bucket,
    home: Path,
    latency: float = 0.0,
    endpoint: str | None = None,
    workers: int = 2,
) -> AsyncIterator[Site]:
    async with Simulator(world, latency=latency) as sim:
        yield Site(machine_for(sim, bucket, home, endpoint=endpoint), cluster, workers)


@asynccontextmanager
async def large_file(cluster: Cluster, bucket: Bucket, home: Path) -> AsyncIterator[tuple[Site, FaultProxy]]:
    """One file of three parts, of which the last upload stalls."""
    world = World("mine")
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 11 * MIB))
    async with fault_proxy(bucket.server.endpoint) as proxy:
        proxy.script(StoreFault(action="stall", method="PUT", path="*partNumber=3*"))
        async with site(world, cluster, bucket, home, endpoint=proxy.endpoint) as found:
            yield found, proxy


def stored(proxy: FaultProxy) -> bool:
    """Whether two parts are stored and the third one hangs."""
    return proxy.stalled.is_set() and all(proxy.count("PUT", f"*partNumber={part}*", fault="") for part in (1, 2))


async def test_the_hostile_account_arrives_through_workers_and_is_not_copied_twice(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with site(worlds.hostile(), cluster, bucket, tmp_path / "home") as found:
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


async def test_a_worker_that_hangs_loses_its_files_and_may_continue_later(
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


async def test_a_large_file_of_a_lost_worker_is_resumed_by_another(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with large_file(cluster, bucket, tmp_path / "home") as (found, proxy):
        running = asyncio.create_task(found.sync())
        await found.when(lambda: stored(proxy) and any(state.under_way for state in found.reporter.crew))
        holder = next(state.name for state in found.reporter.crew if state.under_way)
        with_signal(cluster.workers[int(holder.removeprefix("w"))], signal.SIGKILL)

        assert await running == (1, 0)

        found.machine.assert_complete()
        assert proxy.count("PUT", "*partNumber=1*") == proxy.count("PUT", "*partNumber=2*") == 1
        assert await bucket.open_uploads() == []


async def test_a_killed_coordinator_leaves_no_upload_open_and_the_next_run_starts_at_once(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with large_file(cluster, bucket, tmp_path / "home") as (found, proxy):
        hanging = found.when(lambda: stored(proxy))
        await found.machine.killed_when(hanging, "sync", "--scheduler", cluster.address)

        assert await found.sync() == (1, 0)

        found.machine.assert_complete()
        assert await bucket.open_uploads() == []
        assert bool(cluster.alive) is True


async def test_workers_that_lose_their_coordinator_cancel_their_transfers(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with large_file(cluster, bucket, tmp_path / "home") as (found, proxy):
        hanging = found.when(lambda: stored(proxy))
        await found.machine.killed_when(hanging, "sync", "--scheduler", cluster.address)

        assert await bucket.open_uploads() != []
        async with asyncio.timeout(60):
            while await bucket.open_uploads():
                await asyncio.sleep(0.2)

        assert bucket.media() == {}


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"S3_BUCKET": "bucket-0999"}, ClusterError, "name another bucket than this computer's"),
        ({"S3_PREFIX": "other"}, ClusterError, "name another prefix than this computer's"),
        ({"SMUGMUG_OAUTH_TOKEN": ""}, SettingsError, "SMUGMUG_OAUTH_TOKEN is missing"),
        ({"S3_SECRET_KEY": "wrong"}, StoreUnusable, "rejected the secret key"),
    ],
)
async def test_a_worker_with_other_settings_is_refused_by_name(
    changes: dict[str, str], kind: type[Exception], words: str, cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with site(worlds.tiny(), cluster, bucket, tmp_path / "home") as found:
        cluster.settle(found.machine.settings | changes)

        with pytest.raises(kind, match=words) as refused:
            await found.sync()

        assert "the worker" in str(refused.value)
        assert bucket.files() == {}


async def test_limits_hold_for_all_workers_together(cluster: Cluster, bucket: Bucket, tmp_path: Path) -> None:
    async with site(worlds.flat(4, 10, 100_000), cluster, bucket, tmp_path / "home") as found:
        began = asyncio.get_running_loop().time()
        assert await found.sync(bandwidth=timetable("1M"), max_bytes=2_000_000) == (20, 0)
        assert asyncio.get_running_loop().time() - began > 2_000_000 / 1024**2 * 0.9

        soon = datetime.now(UTC) + timedelta(seconds=3)
        found.sim.faults.add(Fault(action="delay", kind="media", seconds=4, times=None))
        found.machine.write_env(MAX_CONCURRENT_DOWNLOADS="2")
        some, failed = await found.sync(until=soon)  # none if this computer is too busy to start in time
        assert (some in (0, 2), failed) == (True, 0)
        found.sim.faults.clear()

        found.sim.stats.clear()
        found.machine.write_env(MAX_CONCURRENT_DOWNLOADS="3")
        found.sim.faults.add(Fault(action="delay", kind="media", seconds=0.1, times=None))
        assert await found.sync() == (20 - some, 0)
        assert 1 <= found.sim.stats.peaks["media"] <= 3


async def test_workers_wait_while_the_bucket_is_unreachable_and_nothing_fails(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with (
        fault_proxy(bucket.server.endpoint) as proxy,
        site(worlds.flat(4, 50, 3_000), cluster, bucket, tmp_path / "home", 0.03, endpoint=proxy.endpoint) as found,
    ):
        running = asyncio.create_task(found.sync())
        await found.asked_for(40)
        proxy.script(StoreFault(action="reset", times=None))
        await found.when(lambda: bool(found.reporter.outages))
        await asyncio.sleep(1)
        proxy.script()

        assert await running == (200, 0)

        found.machine.assert_complete()
        assert found.reporter.waited_for == {"the S3 server"}
        assert len(found.reporter.returned) >= 1


async def test_no_secret_is_sent_between_processes_or_written_by_them(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with (
        wiretap(int(cluster.address.rpartition(":")[2])) as tap,
        site(worlds.tiny(), cluster, bucket, tmp_path / "home") as found,
    ):
        through = f"tcp://127.0.0.1:{tap.port}"
        worker = cluster.start_worker(through)
        await asyncio.to_thread(cluster.wait_for, "Registered to", cluster.workers.index(worker))
        ran = await found.machine.run("sync", "--scheduler", through, "--json", "-v")
        with_signal(worker, signal.SIGKILL)

        assert ran.code == 0, ran.err
        heard = b"".join(tap.heard)
        assert b"rose.jpg" in heard  # nothing is compressed, so a secret would be found
        for secret in found.machine.secrets:
            assert secret.encode() not in heard
            assert secret not in cluster.everything_said()


async def test_a_worker_that_joins_later_is_used_only_if_it_matches(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    for worker in cluster.alive[1:]:
        with_signal(worker, signal.SIGKILL)
        worker.wait()
    async with site(worlds.flat(4, 150, 20_000), cluster, bucket, tmp_path / "home", 0.1, workers=1) as found:
        found.machine.write_env(MAX_CONCURRENT_DOWNLOADS="4")
        running = asyncio.create_task(found.sync())
        await found.asked_for(20)
        cluster.start_worker()
        await found.when(lambda: len(found.reporter.crew) == 2 and found.reporter.crew[1].copied > 0)
        cluster.settle(found.machine.settings | {"S3_BUCKET": "bucket-0999"})
        cluster.start_worker()
        await found.when(lambda: any("it is not used" in note for note in found.reporter.notes))
        found.sim.state.latency = 0

        assert await running == (600, 0)

        assert found.reporter.crew[2].copied == 0
        found.machine.assert_complete()


async def test_if_every_file_is_refused_the_run_ends_as_with_one_process(
    cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    async with site(worlds.flat(2, 100, 3_000), cluster, bucket, tmp_path / "home") as found:
        found.sim.faults.add(Fault(action="status", status=403, kind="media", times=None))

        with pytest.raises(SourceRefused, match="stopped after 60 failed files in a row"):
            await found.sync()

        assert bucket.media() == {}
