"""What another run does after something changed on SmugMug: no more than it must, and never a deletion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from smugmug_simulator.content import noise_photo
from smugmug_simulator.model import Asset
from tests.support.bucket import PREFIX, Bucket, md5_of
from tests.support.quick import Pair


@pytest.fixture
async def moved(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account after its first sync, with the counters at zero."""
    async with Simulator(worlds.tiny()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")
        await pair.sync()
        pair.assert_complete()
        sim.stats.clear()
        yield pair


def asset(pair: Pair, file_name: str) -> Asset:
    """The asset of that name."""
    return next(one for one in pair.sim.world.assets() if one.file_name == file_name)


def times(bucket: Bucket) -> dict[str, int]:
    """When each file was written."""
    return {key: path.stat().st_mtime_ns for key, path in bucket.files().items()}


async def test_nothing_changed_means_nothing_copied_and_four_requests(moved: Pair) -> None:
    before = times(moved.bucket)

    summary = await moved.sync()

    assert (summary.moved, summary.skipped, summary.albums_unchanged) == (0, 6, 3)
    assert moved.sim.count("media") == 0
    assert moved.sim.count("api") == 4  # who, the list of all albums, the top folder, the folder in it
    assert times(moved.bucket) == before


async def test_a_full_run_lists_every_album_again_and_still_copies_and_writes_nothing(moved: Pair) -> None:
    before = times(moved.bucket)

    summary = await moved.sync(full=True)

    assert (summary.moved, summary.described, summary.skipped, summary.albums_unchanged) == (0, 0, 6, 0)
    assert moved.sim.count("media") == 0
    assert times(moved.bucket) == before


async def test_a_new_photo_is_the_only_one_that_moves(moved: Pair) -> None:
    moved.sim.world.add_image(asset(moved, "rose.jpg").album_key, "daisy.jpg")

    summary = await moved.sync()

    assert (summary.moved, moved.sim.count("media")) == (1, 1)
    moved.assert_complete()


async def test_new_photos_of_a_stored_name_leave_the_stored_one_in_its_place(moved: Pair) -> None:
    first = asset(moved, "rose.jpg")
    moved.sim.world.add_image(first.album_key, "rose.jpg")
    moved.sim.world.add_image(first.album_key, "ROSE.JPG")

    await moved.sync()

    moved.assert_complete()
    assert md5_of(moved.bucket.path("Garden/rose.jpg")) == first.md5


@pytest.mark.parametrize("touch_album", [True, False], ids=["album-notices", "album-does-not-notice"])
async def test_a_replaced_photo_takes_the_place_of_the_old_one(moved: Pair, touch_album: bool) -> None:
    old = asset(moved, "rose.jpg")
    new = moved.sim.world.replace_image(old.image_key, touch_album=touch_album)

    summary = await moved.sync()

    assert summary.moved == 1
    assert md5_of(moved.bucket.path("Garden/rose.jpg")) == new.content.md5
    moved.assert_complete()
    assert (await moved.verify(deep=1.0)).clean


async def test_a_replacement_of_the_same_size_in_an_album_that_did_not_notice_is_found_by_a_full_run(
    moved: Pair,
) -> None:
    old = asset(moved, "rose.jpg")
    moved.sim.world.replace_image(old.image_key, noise_photo(4711, old.size))

    assert (await moved.verify(source=True)).count("missing") == 1
    assert (await moved.sync(full=True)).moved == 1
    moved.assert_complete()


async def test_a_new_caption_is_written_beside_the_object_and_no_byte_moves(moved: Pair) -> None:
    rose = asset(moved, "rose.jpg")
    moved.sim.world.set_caption(rose.image_key, "Die schönste · 一番")

    summary = await moved.sync(full=True)

    assert (summary.moved, summary.described, moved.sim.count("media")) == (0, 1, 0)
    assert moved.reporter.in_place == ["Garden/rose.jpg"]
    assert (await moved.bucket.metadata(f"{PREFIX}Garden/rose.jpg"))["caption"] == "Die schönste · 一番"
    item = next(i for i in moved.bucket.album("Garden")["items"] if i["image"]["ImageKey"] == rose.image_key)
    assert item["image"]["Caption"] == "Die schönste · 一番"
    moved.assert_complete()
    assert (await moved.verify(deep=1.0)).clean
    assert (await moved.sync(full=True)).described == 0


async def test_what_is_stored_of_a_renamed_album_stays_and_new_photos_go_under_the_new_name(moved: Pair) -> None:
    garden = asset(moved, "rose.jpg").album_key
    moved.sim.world.rename_album(garden, "Park")
    moved.sim.world.add_image(garden, "oak.jpg")

    summary = await moved.sync()

    assert (summary.moved, moved.sim.count("media")) == (1, 1)
    assert {key for key in moved.bucket.media() if "Scans" not in key and "Family" not in key} == {
        f"{PREFIX}Garden/rose.jpg",
        f"{PREFIX}Garden/tulip (2).jpg",
        f"{PREFIX}Park/oak.jpg",
    }
    moved.assert_complete()
    assert (await moved.verify(deep=1.0, source=True)).clean
    keys = [item["key"] for item in moved.bucket.album("Park")["items"]]
    assert keys == [f"{PREFIX}Garden/rose.jpg", f"{PREFIX}Garden/tulip (2).jpg", f"{PREFIX}Park/oak.jpg"]


async def test_another_album_of_the_old_name_gets_a_directory_of_its_own(moved: Pair) -> None:
    moved.sim.world.rename_album(asset(moved, "rose.jpg").album_key, "Park")
    other = moved.sim.world.add_album("Garden")
    moved.sim.world.add_image(other, "rose.jpg")

    await moved.sync()

    moved.assert_complete()
    assert (await moved.verify(deep=1.0, source=True)).clean


@pytest.mark.parametrize("change", ["album", "folder", "move"])
async def test_renames_are_followed_by_copies_in_the_bucket_if_asked_for(moved: Pair, change: str) -> None:
    world, summer = moved.sim.world, asset(moved, "IMG_0001.JPG").album_key
    family = next(node for node in world.children(world.root) if node.name == "Family")
    if change == "album":
        world.rename_album(summer, "Sommer")
    elif change == "folder":
        world.rename_folder(family.id, "Familie")
    else:
        world.move_album(summer, world.root)
    directory = {"album": "Family/Sommer", "folder": "Familie/Summer 2019", "move": "Summer 2019"}[change]

    summary = await moved.sync(follow_renames=True)

    assert (summary.moved, summary.renamed, moved.sim.count("media")) == (0, 3, 0)
    assert {key.rpartition("/")[0] for key in moved.bucket.files()} == {
        f"{PREFIX}{directory}",
        f"{PREFIX}Garden",
        f"{PREFIX}Scans",
    }
    moved.assert_complete()
    assert (await moved.bucket.metadata(f"{PREFIX}{directory}/IMG_0001.JPG"))["caption"] == "The lake"
    assert (await moved.verify(deep=1.0, source=True)).clean
    assert (await moved.sync(follow_renames=True)).renamed == 0


async def test_a_deleted_photo_stays_in_the_bucket_and_in_the_album_file(moved: Pair) -> None:
    rose = asset(moved, "rose.jpg")
    moved.sim.world.delete_image(rose.image_key)

    summary = await moved.sync()

    assert (summary.moved, summary.failed, summary.gone) == (0, 0, 1)
    assert md5_of(moved.bucket.path("Garden/rose.jpg")) == rose.md5
    document = moved.bucket.album("Garden")
    assert [item["image"]["FileName"] for item in document["items"]] == ["tulip (2).jpg"]
    assert [item["image"]["FileName"] for item in document["former_items"]] == ["rose.jpg"]
    assert (await moved.verify(deep=1.0, source=True)).clean

    await moved.sync(full=True)
    assert [item["image"]["FileName"] for item in moved.bucket.album("Garden")["former_items"]] == ["rose.jpg"]


async def test_a_lost_album_file_is_rewritten_with_what_the_ledger_knows_of_deleted_photos(moved: Pair) -> None:
    rose = asset(moved, "rose.jpg")
    moved.sim.world.delete_image(rose.image_key)
    await moved.sync()
    moved.bucket.path("Garden/_album.json").unlink()
    await moved.bucket.changed_from_outside()

    await moved.sync(full=True)

    (former,) = moved.bucket.album("Garden")["former_items"]
    assert former["key"] == f"{PREFIX}Garden/rose.jpg"
    assert former["image"] == {
        "ImageKey": rose.image_key,
        "FileName": "rose.jpg",
        "ArchivedSize": rose.size,
        "ArchivedMD5": rose.md5,
    }


async def test_a_lost_album_file_comes_back_as_it_was_when_all_is_listed(moved: Pair) -> None:
    path = moved.bucket.path("Garden/_album.json")
    was = path.read_bytes()
    path.unlink()
    await moved.bucket.changed_from_outside()

    await moved.sync(full=True)

    assert path.read_bytes() == was


async def test_the_name_of_a_deleted_photo_is_not_given_to_a_new_one(moved: Pair) -> None:
    rose = asset(moved, "rose.jpg")
    moved.sim.world.delete_image(rose.image_key)
    moved.sim.world.add_image(rose.album_key, "rose.jpg")

    await moved.sync()

    assert md5_of(moved.bucket.path("Garden/rose.jpg")) == rose.md5
    held = list(moved.bucket.media().values())
    assert all(one.md5 in held for one in moved.sim.world.assets())
    assert (await moved.verify(deep=1.0, source=True)).clean


async def test_an_image_collected_into_a_second_album_is_stored_in_both(moved: Pair) -> None:
    moved.sim.world.collect_image(asset(moved, "rose.jpg").album_key, asset(moved, "IMG_0001.JPG").image_key)

    assert (await moved.sync()).moved == 1
    moved.assert_complete()
    assert md5_of(moved.bucket.path("Garden/IMG_0001.JPG")) == md5_of(moved.bucket.path("Summer 2019/IMG_0001.JPG"))


async def test_a_deleted_album_stays_in_the_bucket(moved: Pair) -> None:
    garden = asset(moved, "rose.jpg").album_key
    before = set(moved.bucket.files())
    world = moved.sim.world
    world.delete_node(world._albums[garden])

    summary = await moved.sync()

    assert (summary.failed, summary.problems) == (0, [])
    assert set(moved.bucket.files()) == before
    assert (await moved.verify(deep=1.0)).clean


async def test_a_reordered_album_only_gets_a_new_album_file(moved: Pair) -> None:
    garden = asset(moved, "rose.jpg").album_key
    moved.sim.world.reorder(garden)

    summary = await moved.sync(full=True)

    assert (summary.moved, moved.sim.count("media")) == (0, 0)
    names = [item["image"]["FileName"] for item in moved.bucket.album("Garden")["items"]]
    assert names == ["tulip (2).jpg", "rose.jpg"]


@pytest.mark.parametrize("first", ["sync --full", "verify --repair"])
async def test_a_damaged_album_file_is_rewritten_with_what_the_ledger_confirms_of_it(moved: Pair, first: str) -> None:
    moved.sim.world.delete_image(asset(moved, "rose.jpg").image_key)
    await moved.sync()
    path = moved.bucket.path("Garden/_album.json")
    whole = path.read_bytes()
    tulip = whole.index(b"tulip (2).jpg")
    path.write_bytes(whole[: tulip - 1] + b"{" + whole[tulip:])  # a line that is no JSON any more
    await moved.bucket.changed_from_outside()

    if first == "verify --repair":
        report = await moved.verify(repair=True)
        assert [one.key for one in report.differences] == [f"{PREFIX}Garden/_album.json"]
    summary = await moved.sync(full=first == "sync --full")

    assert (summary.failed, summary.problems) == (0, [])
    assert moved.bucket.path("Garden/_album.json").read_bytes() == whole
