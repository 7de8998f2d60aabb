"""Killed, interrupted, or told to stop: the next run goes on, ends complete, and moves nothing twice."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support import slow_ending
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault, fault_proxy
from tests.support.machine import Machine, machine_for

MIB = 1024 * 1024


def confirmed(machine: Machine) -> set[str]:
    """Image keys the ledger says are in the store; read as somebody else would, without waiting."""
    ledger = machine.home / "transfer_log.db"
    if not ledger.exists():
        return set()
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT image_key FROM assets WHERE state = 'moved'").fetchall()
    return {row[0] for row in rows}


def fetched(sim: Simulator) -> Counter[str]:
    """How often each image was asked for, from the addresses of the media host."""
    paths = [one.path.split("/i-")[-1].split("/")[0] for one in sim.requests if one.kind == "media"]
    return Counter(paths)


async def after_media(sim: Simulator, count: int, ready: asyncio.Event) -> None:
    """Set ``ready`` when so many more files have been asked for."""
    target = sim.count("media") + count
    while sim.count("media") < target:
        await asyncio.sleep(0.005)
    ready.set()


async def after_parts(proxy: FaultProxy, numbers: tuple[int, ...], ready: asyncio.Event) -> None:
    """Set ``ready`` when these parts are stored and another one hangs."""
    await proxy.stalled.wait()
    while not all(proxy.count("PUT", f"*partNumber={number}", fault="") for number in numbers):
        await asyncio.sleep(0.02)
    ready.set()


async def test_killed_again_and_again_it_ends_complete_and_moves_nothing_confirmed_twice(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.flat(6, 25, 3_000), latency=0.01) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        for count in (10, 35, 50):
            done = confirmed(machine)
            sim.stats.clear()
            ready = asyncio.Event()
            watch = asyncio.create_task(after_media(sim, count, ready))
            code = await machine.killed_when(ready, "sync", "--concurrency", "4")
            watch.cancel()
            assert code == -signal.SIGKILL
            await asyncio.sleep(0.2)  # the simulator notes a request when it is over
            assert not fetched(sim).keys() & done
        done = confirmed(machine)
        assert 20 < len(done) < 150
        sim.stats.clear()

        ran = await machine.run("sync", "--json")

        assert ran.code == 0
        assert ran.json["moved"] == 150 - len(done)
        assert not fetched(sim).keys() & done
        machine.assert_complete()
        assert (await machine.run("verify", "--deep")).code == 0
        sim.stats.clear()
        assert (await machine.run("sync", "--json")).json["moved"] == 0
        assert sim.count("media") == 0


async def test_killed_in_the_middle_of_a_large_file_it_ends_complete(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 40 * MIB))
    async with Simulator(world) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        machine = machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)
        ready = asyncio.Event()

        async def first_bytes() -> None:
            while not sim.count("media"):
                await asyncio.sleep(0.002)
            ready.set()

        watch = asyncio.create_task(first_bytes())
        await machine.killed_when(ready, "sync")
        watch.cancel()
        assert bucket.media() == {}

        assert (await machine.run("sync")).code == 0

        machine.assert_complete()


async def test_killed_in_the_middle_of_parts_it_ends_complete(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 257 * MIB))  # above the largest single PUT
    async with Simulator(world) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        machine = machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)
        proxy.script(StoreFault(action="stall", method="PUT", path="*partNumber=3*"))
        ready = asyncio.Event()
        watch = asyncio.create_task(after_parts(proxy, (1, 2), ready))
        assert await machine.killed_when(ready, "sync") == -signal.SIGKILL
        await watch
        assert bucket.media() == {}
        proxy.script()

        assert (await machine.run("sync")).code == 0

        machine.assert_complete()
        assert "0 missing, 0 different" in (await machine.run("verify")).out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("json", [False, True], ids=["lines", "json"])
async def test_asked_to_stop_it_saves_what_is_done_says_so_and_goes_on_later(
    bucket: Bucket, tmp_path: Path, number: signal.Signals, json: bool
) -> None:
    async with Simulator(worlds.flat(4, 25, 3_000), latency=0.03) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        options = ["sync", "--concurrency", "3", *(["--json"] if json else [])]
        async with machine.started(*options) as process:
            ready = asyncio.Event()
            await asyncio.wait_for(after_media(sim, 20, ready), 60)
            process.send_signal(number)
            ran = await machine.ended(process, timeout=15)

        assert ran.code == 130
        assert "goes on" in ran.err or "to go on" in ran.err
        done = confirmed(machine)
        assert len(done) >= 10
        if json:
            assert (ran.json["moved"], ran.json["exit_code"]) == (len(done), 130)
        assert len(bucket.media()) == len(done)
        assert await bucket.open_uploads() == []
        sim.state.latency = 0.0
        sim.stats.clear()

        assert (await machine.run("sync")).code == 0

        assert not fetched(sim).keys() & done
        machine.assert_complete()


async def test_a_verification_that_is_interrupted_ends_with_130(machine: Machine) -> None:
    await machine.run("sync")
    assert machine.sim is not None
    machine.sim.state.latency = 5.0
    async with machine.started("verify", "--source", "--json") as process:
        await asyncio.sleep(1.5)
        process.send_signal(signal.SIGINT)
        ran = await machine.ended(process, timeout=15)

    assert ran.code == 130
    assert ran.json["exit_code"] == 130


async def test_asked_to_stop_twice_it_leaves_at_once(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(4, 25, 3_000), latency=0.03) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        async with machine.started("sync", command=(str(Path(slow_ending.__file__)),)) as process:
            await asyncio.wait_for(after_media(sim, 10, asyncio.Event()), 60)
            process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.5)
            assert process.returncode is None, "it should still be saving"
            process.send_signal(signal.SIGINT)
            ran = await machine.ended(process, timeout=5)

        assert ran.code == 130
        sim.state.latency = 0.0
        assert (await machine.run("sync")).code == 0
        machine.assert_complete()
