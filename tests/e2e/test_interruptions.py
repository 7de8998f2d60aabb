"""Killed, interrupted, or told to stop: the next run goes on, ends complete, and moves nothing twice."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from smug2s3.ledger.status import read_status
from smugmug_simulator import Fault, Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support import slow_ending, small_parts
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault, fault_proxy
from tests.support.machine import PATIENCE, Machine, machine_for

MIB = 1024 * 1024
SLOW_ENDING, SMALL_PARTS = str(Path(slow_ending.__file__)), str(Path(small_parts.__file__))


def confirmed(machine: Machine) -> set[str]:
    """Image keys the ledger says are in the store; read as somebody else would, without waiting."""
    ledger = machine.home / "transfer_log.db"
    if not ledger.exists():
        return set()
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection, connection:
        rows = connection.execute("SELECT image_key FROM assets WHERE state = 'moved'").fetchall()
    return {row[0] for row in rows}


def fetched(sim: Simulator) -> Counter[str]:
    """How often each image was asked for, from the addresses of the media host."""
    paths = [one.path.split("/i-")[-1].split("/")[0] for one in sim.requests if one.kind == "media"]
    return Counter(paths)


async def quiet(sim: Simulator) -> None:
    """Wait until SmugMug has done with every request, also with those of a process that is no more: then all are noted."""
    await once(lambda: not any(sim.state.stats._now.values()))


async def once(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.005)


async def asked_for(sim: Simulator, count: int) -> None:
    """Wait until so many files have been asked for."""
    await once(lambda: sim.count("media") >= count)


async def stored(proxy: FaultProxy, parts: tuple[int, ...]) -> None:
    """Wait until these parts are stored and another one hangs."""
    await proxy.stalled.wait()
    await once(lambda: all(proxy.count("PUT", f"*partNumber={number}", fault="") for number in parts))


async def test_killed_again_and_again_it_ends_complete_and_copies_nothing_confirmed_twice(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.flat(6, 25, 3_000), latency=0.01) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        for count in (10, 35, 50):
            done = confirmed(machine)
            sim.stats.clear()
            assert await machine.killed_when(asked_for(sim, count), "sync", "--concurrency", "4") == -signal.SIGKILL
            await quiet(sim)
            assert not fetched(sim).keys() & done
        done = confirmed(machine)
        assert 20 < len(done) < 150
        sim.stats.clear()

        ran = await machine.run("sync", "--json")

        assert ran.code == 0
        assert ran.json["moved"] == 150 - len(done)
        await quiet(sim)
        assert not fetched(sim).keys() & done
        machine.assert_complete()
        assert (await machine.inside.verify(deep=1.0)).clean
        sim.stats.clear()
        assert (await machine.inside.sync()).moved == 0
        assert sim.count("media") == 0


async def test_killed_in_the_middle_of_a_large_file_it_ends_complete(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 20 * MIB))
    async with Simulator(world) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        machine = machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)
        sim.faults.add(Fault(action="stall", kind="media", amount=10 * MIB))
        on_its_way = once(lambda: any(method == "PUT" for method, _ in proxy.under_way))
        assert await machine.killed_when(on_its_way, "sync") == -signal.SIGKILL
        await once(lambda: bucket.media() == {})  # the server removes what came of it when the connection is gone

        assert (await machine.inside.sync()).moved == 1

        machine.assert_complete()


async def test_killed_in_the_middle_of_parts_it_ends_complete(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 11 * MIB))
    async with Simulator(world) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        machine = machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)
        proxy.script(StoreFault(action="stall", method="PUT", path="*partNumber=3*"))
        two = stored(proxy, (1, 2))
        assert await machine.killed_when(two, "sync", command=(SMALL_PARTS,)) == -signal.SIGKILL
        assert bucket.media() == {}
        proxy.script()

        assert (await machine.run("sync", command=(SMALL_PARTS,))).code == 0

        machine.assert_complete()
        assert proxy.count("PUT", "*partNumber=3*", fault="") == 1
        assert (await machine.inside.verify()).clean


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["ctrl-c", "sigterm", "hang-up"])
@pytest.mark.parametrize("json", [False, True], ids=["lines", "json"])
async def test_asked_to_stop_it_saves_what_is_done_says_so_and_goes_on_later(
    bucket: Bucket, tmp_path: Path, number: signal.Signals, json: bool
) -> None:
    stall = StoreFault(action="stall", method="PUT", skip=12, times=None)
    async with Simulator(worlds.flat(4, 15, 3_000)) as sim, fault_proxy(bucket.server.endpoint, stall) as proxy:
        machine = machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)
        options = ["sync", "--concurrency", "3", *(["--json"] if json else [])]
        async with machine.started(*options) as process:
            await once(lambda: proxy.hits[stall] == 3)  # so all three movers wait, and what they did before is noted
            process.send_signal(number)
            ran = await machine.ended(process, timeout=15)

        assert ran.code == 128 + number
        assert read_status(str(machine.home / "transfer_log.db")).runs[0].summary["exit_code"] == 128 + number
        assert "Run the same command again to continue." in ran.err
        done = confirmed(machine)
        # The server may refuse one at first, which is then stored by a second try.
        stored = sum(one.method == "PUT" and one.status == 200 for one in proxy.log)
        assert 9 <= stored <= 12
        assert len(done) == stored
        if json:
            assert (ran.json["moved"], ran.json["exit_code"]) == (stored, 128 + number)
        assert len(bucket.media()) == stored
        assert await bucket.open_uploads() == []
        proxy.script()
        await quiet(sim)
        sim.stats.clear()

        assert (await machine.inside.sync()).moved == 60 - stored

        await quiet(sim)
        assert not fetched(sim).keys() & done
        machine.assert_complete()


async def test_a_verification_that_is_interrupted_ends_with_130(machine: Machine) -> None:
    await machine.inside.sync()
    assert machine.sim is not None
    machine.sim.stats.clear()
    machine.sim.faults.add(Fault(action="hang", kind="api", times=None))
    async with machine.started("verify", "--source", "--json") as process:
        await once(lambda: machine.sim is not None and machine.sim.count("api") > 0)
        process.send_signal(signal.SIGINT)
        ran = await machine.ended(process, timeout=15)

    assert ran.code == 130
    assert ran.json["exit_code"] == 130


async def test_asked_to_stop_twice_it_leaves_at_once(bucket: Bucket, tmp_path: Path) -> None:
    stall = StoreFault(action="stall", method="PUT", skip=5, times=None)
    async with Simulator(worlds.flat(2, 10, 3_000)) as sim, fault_proxy(bucket.server.endpoint, stall) as proxy:
        machine = machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)
        async with machine.started("sync", command=(SLOW_ENDING,)) as process:
            await asyncio.wait_for(proxy.stalled.wait(), PATIENCE)
            process.send_signal(signal.SIGINT)
            await once((machine.home / "saving").exists)
            process.send_signal(signal.SIGINT)
            ran = await machine.ended(process, timeout=15)

        assert ran.code == 130
        proxy.script()
        assert (await machine.inside.sync()).failed == 0
        machine.assert_complete()
