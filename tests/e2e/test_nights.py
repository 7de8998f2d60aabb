"""The command that runs for ever ends in order: at once between two runs, and as any run in the middle of one."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.e2e.test_interruptions import once
from tests.support.bucket import Bucket
from tests.support.machine import Machine, machine_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


async def test_between_two_runs_a_signal_ends_it_at_once(machine: Machine) -> None:
    health = machine.home / "health.json"
    command = ("sync", "--every", "6h", "--health-file", "health.json")
    async with machine.started(*command) as process:
        # Before the first run it is waiting, too.
        await once(lambda: health.exists() and json.loads(health.read_bytes())["last_run"] is not None)
        assert (await machine.run("health", "--file", "health.json")).code == 0
        process.send_signal(signal.SIGINT)
        ran = await machine.ended(process, timeout=10)

    assert ran.code == 130
    (line,) = ran.out.splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ completed; 6 copied \(.+\) in \d+ s; exit code 0; next run \S+ \S+", line
    )
    assert "stopping: no run is at work." in ran.err
    assert json.loads(health.read_bytes())["state"] == "ended"
    machine.assert_complete()


async def test_in_the_middle_of_a_run_a_signal_keeps_what_is_finished(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(2, 10, 3_000), latency=0.1) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        command = ("sync", "--every", "6h", "--health-file", "health.json", "--concurrency", "1")
        async with machine.started(*command) as process:
            await once(lambda: sim.count("media") >= 3)
            assert json.loads((machine.home / "health.json").read_bytes())["state"] == "running"
            process.send_signal(signal.SIGTERM)
            ran = await machine.ended(process, timeout=30)

        assert ran.code == 143
        (line,) = ran.out.splitlines()
        assert re.search(r" interrupted; [2-9] copied .* exit code 143; no further run$", line)
        health = json.loads((machine.home / "health.json").read_bytes())
        assert (health["state"], health["last_run"]["exit_code"]) == ("ended", 143)
        assert (await machine.inside.sync()).failed == 0
        machine.assert_complete()
