"""RAW and other files of SmugMug Source are copied beside their preview, proven, counted apart, and come home."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smug2s3.models import Collecting
from smug2s3.rules.components import NOT_GIVEN
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support.bucket import PREFIX, SIDECAR, Bucket
from tests.support.wired import Wired

from .test_get import files, seconds, stored, zipped

RAW = noise_photo(3, 7_000)


@pytest.fixture
async def wired(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account."""
    async with Simulator(worlds.tiny()) as sim:
        yield Wired(sim, bucket, tmp_path)


def image(world: World, name: str) -> str:
    """The key of the image of that name."""
    return next(asset.image_key for asset in world.assets() if asset.file_name == name)


async def test_a_hostile_account_with_raw_files_goes_to_a_bucket_and_comes_home_in_every_way(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.hostile(long_album=5)) as sim:
        wired = Wired(sim, bucket, tmp_path)
        summary = await wired.sync()
        wired.assert_complete()
        raw = [asset for asset in sim.world.assets() if asset.component]
        assert (summary.components, summary.components_moved, summary.failed) == (len(raw), len(raw), 0)
        report = await wired.verify(source=True, heads=True, deep=1.0)
        assert report.components.total() == len(raw)
        print(summary, report.verdict, report.differences)
