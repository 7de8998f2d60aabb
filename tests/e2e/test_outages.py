"""The command as it is, with its ordinary patience: both sides go away in mid-run, and nothing fails."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from smugmug_simulator import Simulator, worlds
from tests.e2e.test_interruptions import once
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.machine import Machine, machine_for

LONGER_THAN_RETRIES = 10.0
"""Seconds; the four attempts of a file last seven."""


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """An account that takes two seconds."""
    async with Simulator(worlds.flat(4, 25, 3_000), latency=0.05) as sim:
        yield sim


@pytest.fixture
async def proxy(bucket: Bucket) -> AsyncIterator[FaultProxy]:
    """Before the store."""
    async with fault_proxy(bucket.server.endpoint) as proxy:
        yield proxy


@pytest.fixture
def machine(sim: Simulator, bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> Machine:
    """A computer whose store is behind the proxy."""
    return machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)


def failed_ever(machine: Machine) -> int:
    """How many files the ledger has as failed."""
    with (
        closing(sqlite3.connect(f"file:{machine.home / 'transfer_log.db'}?mode=ro", uri=True)) as connection,
        connection,
    ):
        (count,) = connection.execute("SELECT count(*) FROM assets WHERE state = 'failed'").fetchone()
    return int(count)


async def test_a_run_outlasts_two_sides_that_go_and_come_back(
    machine: Machine, sim: Simulator, proxy: FaultProxy
) -> None:
    logging = ("--log-file", "log", "--log-format", "json")
    async with machine.started("sync", "--json", "--concurrency", "4", *logging) as process:
        await once(lambda: proxy.count("PUT") >= 20)
        port = urlsplit(sim.origin).port or 0
        await asyncio.gather(proxy.go_away(), sim.close())
        await asyncio.sleep(LONGER_THAN_RETRIES)
        assert failed_ever(machine) == 0
        await asyncio.gather(proxy.come_back(), sim.listen(port=port))
        ran = await machine.ended(process)

    assert ran.code == 0, ran.err
    assert (ran.json["moved"], ran.json["failed"]) == (100, 0)
    assert re.search(r"note: cannot reach .* \(.*\); nothing is lost", ran.err)
    assert re.search(r"note: .* is reachable again after \d+ s; continuing", ran.err)
    logged = [json.loads(line) for line in (machine.home / "log").read_text().splitlines()]
    away, back = ([one for one in logged if one["event"] == name] for name in ("away", "back"))
    assert {one["side"].partition(" 127.")[0] for one in away} & {"the store", "SmugMug's media host"}
    assert sorted(one["side"] for one in away) == sorted(one["side"] for one in back)
    assert failed_ever(machine) == 0
    machine.assert_complete()


async def test_ctrl_c_ends_a_run_that_waits_and_the_next_goes_on(machine: Machine, proxy: FaultProxy) -> None:
    async with machine.started("sync", "--concurrency", "4") as process:
        await once(lambda: proxy.count("PUT") >= 20)
        await proxy.go_away()
        await asyncio.sleep(3)
        process.send_signal(signal.SIGINT)
        ran = await machine.ended(process, timeout=10)

    assert ran.code == 130
    await proxy.come_back()
    assert (await machine.inside.sync()).failed == 0
    machine.assert_complete()


async def test_without_patience_an_outage_is_an_exit_code_of_its_own_and_says_how_to_go_on(
    machine: Machine, proxy: FaultProxy
) -> None:
    machine.write_env(OUTAGE_PATIENCE="0")
    async with machine.started("sync", "--concurrency", "4") as process:
        await once(lambda: proxy.count("PUT") >= 20)
        await proxy.go_away()
        ran = await machine.ended(process, timeout=30)

    assert ran.code == 4
    assert re.search(
        r"error: the S3 server has been unreachable since .*; nothing is lost, and the same command continues", ran.err
    )
    assert failed_ever(machine) == 0
    await proxy.come_back()
    assert (await machine.inside.sync()).failed == 0
    machine.assert_complete()
