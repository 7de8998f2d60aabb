"""Whole accounts, moved once: everything arrives, and what cannot is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.support.bucket import Bucket
from tests.support.quick import Pair


@pytest.mark.parametrize("name", ["tiny", "flat:12x25x2000"])
async def test_every_asset_arrives_byte_for_byte(name: str, bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.make(name)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        pair.assert_complete()
        assert summary.moved == summary.assets == sim.world.asset_count()
        assert (summary.failed, summary.unavailable, summary.problems) == (0, 0, [])


async def test_the_hostile_account_arrives_and_what_cannot_is_named_with_its_reason(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.hostile()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        pair.assert_complete()
        lost = [asset for asset in sim.world.assets() if not asset.obtainable]
        assert summary.failed == 0
        assert summary.unavailable == len(lost) == len(pair.reporter.missing)
        assert {a.file_name.rpartition(".")[0] for a in lost} == {
            label.rpartition("/")[2].rpartition(".")[0] for label in pair.reporter.missing
        }
        assert all(reason for reason in pair.reporter.missing.values())
