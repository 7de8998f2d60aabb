"""A photo collected into many albums crosses the line once; every album has it in the store all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, World
from tests.support.bucket import PREFIX, Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.quick import Pair

ALBUMS = 8


@pytest.fixture
async def pair(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Pair]:
    """Three photos of one album, collected into seven others."""
    world = World("mine")
    first = world.add_album("Album 0")
    images = [world.add_image(first, f"photo-{number}.jpg") for number in range(3)]
    for number in range(1, ALBUMS):
        other = world.add_album(f"Album {number}")
        for image in images:
            world.collect_image(other, image)
    bucket.has_directories_of(world.assets())
    async with Simulator(world) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)


async def test_it_is_downloaded_once_and_stored_in_every_album(pair: Pair) -> None:
    summary = await pair.sync()

    assert (summary.moved, summary.copied, summary.failed) == (3 * ALBUMS, 3 * (ALBUMS - 1), 0)
    assert pair.sim.count("media") == 3
    pair.assert_complete()
    assert (await pair.bucket.metadata(f"{PREFIX}Album 5/photo-1.jpg"))["album-key"]
    assert (await pair.verify(deep=1.0, source=True)).clean
    assert (await pair.sync(full=True)).moved == 0


async def test_an_album_that_collects_it_later_costs_no_download(pair: Pair) -> None:
    await pair.sync()
    image = next(one for one in pair.sim.world.assets() if one.file_name == "photo-1.jpg")
    pair.sim.world.collect_image(pair.sim.world.add_album("Later"), image.image_key)
    pair.sim.stats.clear()

    summary = await pair.sync()

    assert (summary.moved, summary.copied, pair.sim.count("media")) == (1, 1, 0)
    pair.assert_complete()


async def test_what_the_server_will_not_copy_is_downloaded(pair: Pair, proxy: FaultProxy) -> None:
    gone = StoreFault(
        action="answer", method="PUT", path="*/Album%20*/photo-1.jpg", skip=1, status=404, code="NoSuchKey"
    )
    proxy.script(gone)

    summary = await pair.sync(transfers=1)

    assert proxy.struck == 1
    assert (summary.moved, summary.copied, summary.failed) == (3 * ALBUMS, 3 * (ALBUMS - 1) - 1, 0)
    assert pair.sim.count("media") == 4
    pair.assert_complete()


async def test_a_stored_photo_that_was_changed_is_not_copied_on(pair: Pair) -> None:
    await pair.sync()
    for number in range(ALBUMS):
        path = pair.bucket.path(f"Album {number}/photo-2.jpg")
        path.write_bytes(path.read_bytes()[::-1])
    await pair.bucket.changed_from_outside()
    image = next(one for one in pair.sim.world.assets() if one.file_name == "photo-2.jpg")
    pair.sim.world.collect_image(pair.sim.world.add_album("Later"), image.image_key)
    pair.sim.stats.clear()

    summary = await pair.sync()

    assert (summary.moved, summary.copied, pair.sim.count("media")) == (1, 0, 1)
    assert pair.bucket.media()[f"{PREFIX}Later/photo-2.jpg"] == image.md5
