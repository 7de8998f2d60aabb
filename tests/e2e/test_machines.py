"""The hostile account is copied completely by several machines, whatever happens to them and their network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bucket import Bucket
from tests.support.endured import account
from tests.support.losses import everything_is_lost_once
from tests.support.machines import machines_for
from tests.support.story import Story

pytestmark = pytest.mark.usefixtures("namespaces")


async def test_lost_schedulers_coordinators_workers_and_cables_cost_nothing_that_was_confirmed(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with machines_for(account(), bucket, tmp_path / "machines", places=6) as machines:
        await everything_is_lost_once(machines, Story(machines, ("--scheduler", machines.address), ends=1))

        assert await bucket.open_uploads() == []
        files = machines.proxy.count("PUT")
        assert all(line.connections < files / 4 for line in machines.lines)  # connections are reused
