"""With a limit the bytes of all files together take the time they must, and all of them arrive."""

from __future__ import annotations

import time
from pathlib import Path

from smug2s3.rules.bandwidth import timetable
from smugmug_simulator import Simulator, worlds
from tests.support.bucket import Bucket
from tests.support.wired import Wired


async def test_a_limit_holds_for_all_files_together(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(2, 10, 100_000)) as sim:
        wired = Wired(sim, bucket, tmp_path)
        began = time.monotonic()

        summary = await wired.sync(bandwidth=timetable("1M"))

        assert summary.bytes == 2_000_000
        assert time.monotonic() - began > 2_000_000 / 1024**2 * 0.9
        wired.assert_complete()
