"""The installed command on whatever Python it was installed with: the ways of the newest break none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.support.bucket import Bucket
from tests.support.machine import machine_for


@pytest.mark.parametrize("warnings", ["error", "error::DeprecationWarning"])
async def test_warnings_that_are_errors_elsewhere_end_no_run(bucket: Bucket, tmp_path: Path, warnings: str) -> None:
    async with Simulator(worlds.tiny()) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        for command in ["check", "plan", "sync", "verify", "status", "report"]:
            ran = await machine.run(command, environment={"PYTHONWARNINGS": warnings})
            assert ran.code == 0, (command, ran.err)
        machine.assert_complete()
