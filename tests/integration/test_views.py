"""Less than everything: sign-ins that see less, filters, and runs that only look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smug2s3.rules.filters import Filters
from smugmug_simulator import Simulator, World, worlds
from tests.support.bucket import PREFIX, Bucket, assert_holds
from tests.support.quick import Pair


@pytest.fixture
async def pair(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db")


def guarded() -> World:
    """One album of every kind that a stranger does not see, and one that they do."""
    world = World("mine")
    public = world.add_album("Public")
    world.add_image(public, "seen.jpg")
    world.add_image(public, "hidden.jpg", hidden=True)
    world.add_image(world.add_album("Unlisted", privacy="Unlisted"), "unlisted.jpg")
    world.add_image(world.add_album("Private", privacy="Private"), "private.jpg")
    world.add_image(world.add_album("Locked", security="Password", password="x"), "locked.jpg")
    folder = world.add_folder("Private folder", privacy="Private")
    world.add_image(world.add_album("Inside", folder), "inside.jpg")
    return world


async def test_an_api_key_alone_copies_what_is_public_and_says_so(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(guarded()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", signed=False)

        summary = await pair.sync()

        assert list(bucket.media()) == [f"{PREFIX}Public/seen.jpg"]
        assert summary.failed == 0
        assert "only the public albums" in pair.reporter.notes[0]
        assert any("Locked" in note and "locked" in note for note in pair.reporter.notes[1:])
        assert not any(one.signed for one in sim.requests)


async def test_a_token_for_public_albums_copies_those_and_warns(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(guarded(), access="Public") as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        await pair.sync()

        assert list(bucket.media()) == [f"{PREFIX}Public/seen.jpg"]
        assert "only the public albums" in pair.reporter.notes[0]


async def test_the_owner_gets_everything(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(guarded()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).moved == 6
        pair.assert_complete()
        assert pair.reporter.notes == []


async def test_what_a_public_sign_in_left_behind_is_copied_by_a_full_one(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(guarded()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", signed=False)
        await pair.sync()
        pair.signed = True

        assert (await pair.sync()).moved == 5
        pair.assert_complete()


FILTERS = [
    pytest.param(Filters(albums=("Garden",)), {"rose.jpg", "tulip (2).jpg"}, id="album-by-name"),
    pytest.param(Filters(albums=("gard*", "SCANS")), {"rose.jpg", "tulip (2).jpg", "scan & copy 'A'~é!.jpg"}, id="two-globs-any-case"),
    pytest.param(Filters(albums=("Family/Summer*",)), {"IMG_0001.JPG", "IMG_0002.JPG", "MVI_0003.mp4"}, id="album-by-path"),
    pytest.param(Filters(folders=("Family",)), {"IMG_0001.JPG", "IMG_0002.JPG", "MVI_0003.mp4"}, id="folder"),
    pytest.param(Filters(folders=("Family",), videos=False), {"IMG_0001.JPG", "IMG_0002.JPG"}, id="photos-of-a-folder"),
    pytest.param(Filters(photos=False), {"MVI_0003.mp4"}, id="videos"),
    pytest.param(Filters(albums=("Garden",), folders=("Family",)), set(), id="none-fits-both"),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "names"), FILTERS)
async def test_filters_copy_what_they_name_and_a_later_run_the_rest(
    pair: Pair, filters: Filters, names: set[str]
) -> None:
    summary = await pair.sync(filters=filters)

    assert {key.rpartition("/")[2] for key in pair.bucket.media()} == names
    assert summary.moved == len(names)

    assert (await pair.sync()).moved == 6 - len(names)
    pair.assert_complete()
    assert (await pair.verify(source=True)).clean


async def test_a_dry_run_says_what_the_sync_then_does_and_leaves_no_trace(pair: Pair) -> None:
    would = await pair.sync(dry_run=True)

    assert not pair.ledger.exists()
    assert pair.bucket.files() == {}
    assert pair.sim.count("media") == 0

    did = await pair.sync()
    assert (would.albums, would.assets, would.moved, would.bytes) == (did.albums, did.assets, did.moved, did.bytes)


async def test_a_dry_run_after_a_sync_counts_only_what_is_new_and_changes_nothing(pair: Pair) -> None:
    await pair.sync()
    rose = next(one for one in pair.sim.world.assets() if one.file_name == "rose.jpg")
    pair.sim.world.add_image(rose.album_key, "daisy.jpg")
    pair.sim.world.replace_image(rose.image_key)
    stored = pair.bucket.media()
    pair.sim.stats.clear()

    would = await pair.sync(dry_run=True)

    assert (would.moved, would.skipped) == (2, 5)
    assert pair.sim.count("media") == 0
    assert pair.bucket.media() == stored
    did = await pair.sync()
    assert (did.moved, did.bytes) == (would.moved, would.bytes)
    pair.assert_complete()


async def test_an_empty_account_is_no_error(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(World("mine")) as sim:
        summary = await Pair(sim, bucket, tmp_path / "ledger.db").sync()

        assert (summary.albums, summary.assets, summary.failed) == (0, 0, 0)
        assert bucket.files() == {}


async def test_an_empty_album_has_its_own_file_and_nothing_else(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_album("Nothing yet")
    async with Simulator(world) as sim:
        await Pair(sim, bucket, tmp_path / "ledger.db").sync()

        assert list(bucket.files()) == [f"{PREFIX}Nothing yet/_album.json"]
        assert bucket.album("Nothing yet")["items"] == []
        assert_holds(bucket, [])
