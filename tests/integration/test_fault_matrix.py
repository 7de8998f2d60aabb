"""Every cell of the fault matrix: the run ends, the others are moved, nothing wrong is seen, the next run ends it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import aiohttp
import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import exit_code
from smug2s3.flow.retry import RetryPolicy
from smug2s3.smugmug import client, media
from smug2s3.stores.quirks import Provider
from smugmug_simulator import Limits, Simulator, World
from smugmug_simulator.content import noise_photo, noise_video
from tests.integration.matrix import CELLS, MIB, Cell
from tests.support import quick
from tests.support.bucket import PREFIX, Bucket, should_hold
from tests.support.fault_proxy import fault_proxy
from tests.support.quick import Pair
from tests.support.watch import Watch

SILENCE = 0.5
SMALL_PARTS = Provider(name="small parts", single_put=5 * MIB, part_size=5 * MIB)
LONGEST = 30.0
"""Seconds within which every run must have come to its end by itself."""


@pytest.fixture
def impatience() -> Iterator[pytest.MonkeyPatch]:
    """Silence is not borne for a minute here, until this is undone."""
    silence = aiohttp.ClientTimeout(total=2 * SILENCE, sock_connect=SILENCE, sock_read=SILENCE)
    with pytest.MonkeyPatch.context() as patch:  # of its own: with that of all tests, their environment would be undone
        patch.setattr(client, "_TIMEOUT", silence)
        patch.setattr(media, "ANSWER_WITHIN", SILENCE)
        patch.setattr(quick, "QUICK", RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.05))
        yield patch


def account(cell: Cell) -> World:
    """Ten flowers, a large file, and others whom all this must not concern."""
    world = World("mine")
    garden = world.add_album("Garden", key="GARDEN", count_error=1 if cell.listed_less else 0)
    for number in range(1, 11):
        name = "rose.jpg" if number == 2 else f"flower-{number}.jpg"
        world.add_image(garden, name, noise_photo(number, 3_000))
    other = world.add_album("Other", world.add_folder("Family"), key="OTHERS")
    for number in range(1, 4):
        world.add_image(other, f"{number}.jpg")
    world.add_image(other, "clip.mov", noise_video(5, 9_000), is_video=True, format="MP4", width=640, height=480)
    large = world.add_album("Large", key="LARGES")
    if any("panorama" in path for path in (*(one.path for one in cell.source), *(one.path for one in cell.store))):
        world.add_image(large, "panorama.jpg", noise_photo(11, 11 * MIB + 7))
    return world


@asynccontextmanager
async def watched(watch: Watch, wrong: list[str]) -> AsyncIterator[None]:
    """Look for wrong objects all the time."""

    async def look() -> None:
        while True:
            wrong.extend(watch.wrong())
            await asyncio.sleep(0.04)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        wrong.extend(watch.wrong())


async def run(pair: Pair, cell: Cell) -> tuple[int, str]:
    """One run: its exit code, and all that it says."""
    async with asyncio.timeout(LONGEST):
        if cell.ends is not None:
            with pytest.raises(cell.ends) as ended:
                await pair.sync()
            return ended.value.exit_code, str(ended.value)
        summary = await pair.sync()
    assert summary.failed == cell.failed == len(pair.reporter.failures)
    said = [*summary.problems, *(f"{label}: {reason}" for label, reason in pair.reporter.failures.items())]
    return exit_code(Outcome(summary=summary)), "\n".join(said)


@pytest.mark.parametrize("cell", [pytest.param(cell, id=cell.id) for cell in CELLS])
async def test_whatever_fails_nothing_else_does_and_the_next_run_ends_it(
    cell: Cell, bucket: Bucket, tmp_path: Path, impatience: pytest.MonkeyPatch
) -> None:
    world, wrong = account(cell), list[str]()
    bucket.has_directories_of(world.assets())
    async with (
        Simulator(world, cell.source, limits=Limits(images=4)) as sim,
        fault_proxy(bucket.server.endpoint, *cell.store) as proxy,
    ):
        pair = Pair(
            sim,
            bucket,
            tmp_path / "ledger.db",
            endpoint=proxy.endpoint,
            provider=SMALL_PARTS,
            stall=SILENCE,
            work=SILENCE,
        )
        watch = Watch(bucket, proxy, world)
        async with watched(watch, wrong):
            code, said = await run(pair, cell)

        assert sim.faults.struck + proxy.hits.total() or cell.listed_less, "the fault was never met"
        assert code == cell.code, said
        assert re.search(cell.named, said), said
        if cell.ends is None:
            assert_only_lacks(bucket, world, cell.lacks)
        if proxy.count("POST"):
            assert await bucket.open_uploads() == []

        sim.faults.clear()
        world.miscount("GARDEN", 0)
        proxy.script()
        impatience.undo()  # a busy machine may be silent for half a second, and nothing is to fail any more
        pair.stall, pair.work = 20.0, 60.0
        async with watched(watch, wrong):
            summary = await pair.sync()
        assert exit_code(Outcome(summary=summary)) == 0
        pair.assert_complete()
        assert (await pair.verify(source=True)).clean
        assert wrong == []


def assert_only_lacks(bucket: Bucket, world: World, globs: tuple[str, ...]) -> None:
    """Everything is in the bucket but what the globs name, and something of each of them is not."""
    missing = should_hold(world.assets()) - Counter(bucket.media().values())
    names = {f"{PREFIX}{'/'.join((*one.folders, one.album, one.file_name))}": one.md5 for one in world.assets()}
    lacking = [key for key, md5 in names.items() if md5 in missing]
    assert [key for key in lacking if not any(fnmatchcase(key, glob) for glob in globs)] == []
    assert [glob for glob in globs if not any(fnmatchcase(key, glob) for key in lacking)] == []
