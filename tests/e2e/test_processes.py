"""`sync --processes`: workers that the command starts and stops itself, however it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from smugmug_simulator import Simulator, World, worlds
from tests.support.bucket import Bucket
from tests.support.machine import PATIENCE, Machine, machine_for
from tests.support.process_losses import alive, workers_of


@asynccontextmanager
async def computer(
    world: World, bucket: Bucket, home: Path, latency: float = 0.0
) -> AsyncIterator[tuple[Simulator, Machine]]:
    async with Simulator(world, latency=latency) as sim:
        yield sim, machine_for(sim, bucket, home)


def with_raw() -> World:
    """Four albums of a hundred photos; every tenth has a RAW file in SmugMug Source."""
    world = worlds.flat(4, 100, 20_000)
    for asset in list(world.assets())[::10]:
        world.add_component(asset.image_key, f"{asset.image_key}.CR2")
    return world


async def once(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def family(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


async def test_everything_arrives_through_two_processes_that_listen_only_on_loopback(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with computer(with_raw(), bucket, tmp_path / "home", 0.02) as (sim, machine):
        async with machine.started("sync", "--processes", "2", "--previews", "S", "--json", "-v") as process:
            await once(lambda: sim.count("media") > 20)
            everybody = [psutil.Process(process.pid), *family(process)]
            listening = {
                connection.laddr.ip
                for one in everybody
                for connection in one.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }
            ran = await machine.ended(process)

        assert (ran.code, ran.json["moved"], ran.json["failed"]) == (0, 440, 0), ran.err
        assert (ran.json["components_moved"], ran.json["previews"]) == (40, 400)
        assert sum(one["files"] for one in ran.json["workers"]) == 840
        assert listening == {"127.0.0.1"}
        machine.assert_complete()
        await once(lambda: not alive(everybody), 10)


async def test_several_processes_write_to_a_folder_and_a_killed_one_is_replaced(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "disk" / "photos").mkdir(parents=True)
    async with computer(worlds.flat(4, 100, 20_000), bucket, tmp_path / "home", 0.05) as (sim, machine):
        machine.write_env(S3_ENDPOINT_URL=(tmp_path / "disk").as_uri(), S3_BUCKET="photos")
        async with machine.started("sync", "--processes", "2", "--json") as process:
            await once(lambda: sim.count("media") > 60)
            workers_of(process.pid)[0].kill()
            ran = await machine.ended(process)

        assert (ran.code, ran.json["moved"], ran.json["failed"]) == (0, 400, 0), ran.err
        assert sum(worker["losses"] for worker in ran.json["workers"]) > 0
        assert (await machine.run("verify", "--deep")).code == 0


@pytest.mark.parametrize("copying", [True, False], ids=["while files are copied", "while workers start"])
async def test_an_interrupt_ends_it_and_its_workers_within_seconds_without_output_of_dask(
    copying: bool, bucket: Bucket, tmp_path: Path
) -> None:
    async with computer(worlds.flat(4, 100, 20_000), bucket, tmp_path / "home", 0.1) as (sim, machine):
        async with machine.started("sync", "--processes", "2") as process:
            await once(lambda: sim.count("media") > 40 if copying else bool(workers_of(process.pid)))
            everybody = family(process)
            for one in [psutil.Process(process.pid), *workers_of(process.pid)]:
                one.send_signal(signal.SIGINT)  # as a terminal does: to its whole foreground group
            asked = asyncio.get_running_loop().time()
            ran = await machine.ended(process)
            assert asyncio.get_running_loop().time() - asked < 30

        assert ran.code == 130
        assert [line.split(":")[0] for line in ran.err.splitlines() if not line.startswith("20")] == [
            "stopping",
            "Interrupted; finished files are kept. Run the same command again to continue.",
        ]
        await once(lambda: not alive(everybody), 10)
        assert (await machine.inside.sync()).failed == 0
        machine.assert_complete()


async def test_if_it_is_killed_its_workers_end_and_the_next_run_continues(bucket: Bucket, tmp_path: Path) -> None:
    async with computer(with_raw(), bucket, tmp_path / "home", 0.05) as (sim, machine):
        async with machine.started("sync", "--processes", "2") as process:
            await once(lambda: sim.count("media") > 150)
            everybody = family(process)
            process.kill()
            await once(lambda: not alive(everybody), 60)

        again = await machine.inside.sync()

        assert again.failed == 0
        assert again.skipped > 50
        assert again.components_unavailable == 0  # an album that was complete before the kill is not listed again
        machine.assert_complete()
