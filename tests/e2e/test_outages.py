"""The command as it is: one side or both go away in mid-run, and nothing fails."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from smugmug_simulator import Simulator, worlds
from tests.bench import impatient
from tests.e2e.test_interruptions import once
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.machine import Machine, machine_for

LONGER_THAN_RETRIES = 2.5
"""Seconds; with a tenth of the patience, the tries of a file or a request last one and a half."""

LOGGED = ("--log-file", "log", "--log-format", "json")


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


def events(machine: Machine, name: str) -> list[dict[str, Any]]:
    """What the log says of them so far, in whole lines."""
    whole = (machine.home / "log").read_text().rpartition("\n")[0].splitlines()
    return [event for event in map(json.loads, whole) if event["event"] == name]


async def test_a_run_outlasts_two_sides_that_go_and_come_back(
    machine: Machine, sim: Simulator, proxy: FaultProxy
) -> None:
    options = ("--json", "--concurrency", "4", *LOGGED)
    async with machine.started("sync", *options, command=impatient.COMMAND) as process:
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
    away, back = events(machine, "away"), events(machine, "back")
    assert {one["side"].partition(" 127.")[0] for one in away} & {"the store", "SmugMug's media host"}
    assert sorted(one["side"] for one in away) == sorted(one["side"] for one in back)
    assert failed_ever(machine) == 0
    machine.assert_complete()


async def test_ctrl_c_ends_a_run_that_waits_and_the_next_goes_on(machine: Machine, proxy: FaultProxy) -> None:
    async with machine.started("sync", "--concurrency", "4", *LOGGED) as process:
        await once(lambda: proxy.count("PUT") >= 20)
        await proxy.go_away()
        await once(lambda: bool(events(machine, "away")))
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
