"""Albums that refer to one object: nothing that one of them holds is lost, moved or replaced behind the others' back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from smug2s3.engine.summary import Summary
from smug2s3.models import Collecting
from smug2s3.reporting.certificate import certificate_text
from smug2s3.rules.filters import Filters
from smug2s3.rules.order import Order
from smugmug_simulator import Simulator, World
from smugmug_simulator.content import noise_photo
from tests.support.bucket import PREFIX, Bucket, md5_of
from tests.support.wired import Wired, kinds

ROSE = f"{PREFIX}Garden/rose.jpg"
REFERENCE = Collecting.REFERENCE
OTHERS = ("Best", "Calendar")


class Collection:
    """A rose of the album Garden, which Best and Calendar have collected; Garden has an oak of its own."""

    def __init__(self) -> None:
        self.world = World("mine")
        self.garden = self.world.add_album("Garden")
        self.rose = self.world.add_image(self.garden, "rose.jpg", noise_photo(1, 3_000))
        self.world.add_image(self.garden, "oak.jpg", noise_photo(2, 2_000))
        self.others = {name: self.world.add_album(name) for name in OTHERS}
        for album in self.others.values():
            self.world.collect_image(album, self.rose)

    @property
    def md5(self) -> str:
        """Of the rose as it is today."""
        return next(one.md5 for one in self.world.assets() if one.image_key == self.rose)

    def replace(self) -> None:
        """The rose gets other bytes."""
        self.world.replace_image(self.rose)


class Archive(Wired):
    """One that refers unless something else is said."""

    async def sync(self, **options: Any) -> Summary:
        """One sync; with the albums' order as it is, Garden moves before the others."""
        return await super().sync(**{"collected": REFERENCE} | options)

    def told(self, album: str) -> dict[str, tuple[str, bool]]:
        """Key by file name in an album's own file, and whether it is a reference."""
        items = self.bucket.album(album)["items"]
        return {item["image"]["FileName"]: (item["key"], item.get("reference", False)) for item in items}

    async def assert_right(self, key: str, md5: str, *, objects: int = 2) -> None:
        """All albums name the one object, which has these bytes; nothing is left to do, and all is proven."""
        again = await self.sync(full=True)
        assert (again.moved, again.described, again.renamed, again.failed) == (0, 0, 0, 0)
        assert len(self.bucket.media()) == objects
        assert self.bucket.media()[key] == md5
        for album in OTHERS:
            assert self.told(album) == {"rose.jpg": (key, True)}
        assert (await self.verify(heads=True, deep=1.0, source=True)).clean


@asynccontextmanager
async def archive_of(collection: Collection, bucket: Bucket, home: Path) -> AsyncIterator[Archive]:
    bucket.has_directories_of(collection.world.assets())
    async with Simulator(collection.world) as sim:
        yield Archive(sim, bucket, home)


@pytest.fixture
def collection() -> Collection:
    return Collection()


@pytest.fixture
async def fresh(collection: Collection, bucket: Bucket, tmp_path: Path) -> AsyncIterator[Archive]:
    """Nothing is moved yet."""
    async with archive_of(collection, bucket, tmp_path) as archive:
        yield archive


@pytest.fixture
async def moved(fresh: Archive) -> Archive:
    """Garden holds the rose, the others refer to it."""
    await fresh.sync(filters=Filters(albums=("Garden",)))
    summary = await fresh.sync()
    assert (summary.moved, summary.referred, summary.copied, summary.bytes) == (2, 2, 0, 0)
    assert fresh.told("Garden")["rose.jpg"] == (ROSE, False)
    fresh.sim.stats.clear()
    return fresh


async def test_albums_copied_concurrently_have_one_object_between_them(fresh: Archive, collection: Collection) -> None:
    summary = await fresh.sync()

    assert (summary.moved, summary.referred, summary.copied, summary.failed) == (4, 2, 0, 0)
    assert (summary.bytes, fresh.sim.count("media")) == (5_000, 2)
    assert sorted(fresh.bucket.media().values()).count(collection.md5) == 1
    told = [fresh.told(album)["rose.jpg"] for album in ("Garden", *OTHERS)]
    assert len({key for key, _ in told}) == 1
    assert sorted(reference for _, reference in told) == [False, True, True]
    assert (await fresh.verify(heads=True, deep=1.0, source=True)).clean


@pytest.mark.parametrize("order", Order)
async def test_a_dry_run_says_what_the_run_then_does(fresh: Archive, order: Order) -> None:
    would = await fresh.sync(dry_run=True, order=order)
    ran = await fresh.sync(order=order)

    assert (would.moved, would.referred, would.bytes) == (ran.moved, ran.referred, ran.bytes) == (4, 2, 5_000)
    assert (await fresh.sync(dry_run=True, full=True)).moved == 0


async def test_what_is_referred_takes_no_room_of_max_bytes(fresh: Archive) -> None:
    assert (await fresh.sync(max_bytes=5_000)).left == 0


@pytest.mark.parametrize("collected", Collecting)
async def test_a_reference_stays_one_whatever_is_chosen_later(
    moved: Archive, collection: Collection, collected: Collecting
) -> None:
    summary = await moved.sync(full=True, collected=collected)

    assert (summary.moved, summary.skipped) == (0, 4)
    await moved.assert_right(ROSE, collection.md5)


async def test_a_copy_made_earlier_stays_one(fresh: Archive, collection: Collection) -> None:
    await fresh.sync(collected=Collecting.COPY)
    assert len(fresh.bucket.media()) == 4
    collection.replace()

    summary = await fresh.sync(full=True)

    assert (summary.moved, summary.referred, summary.copied) == (3, 0, 2)
    fresh.assert_complete()
    assert (await fresh.verify(heads=True, deep=1.0, source=True)).clean


@pytest.mark.parametrize("collected", Collecting)
@pytest.mark.parametrize("first", [None, "Garden", "Best"])
async def test_a_replaced_photo_is_replaced_for_all_whichever_album_comes_first(
    moved: Archive, collection: Collection, first: str | None, collected: Collecting
) -> None:
    collection.replace()
    if first:
        await moved.sync(full=True, collected=collected, filters=Filters(albums=(first,)))
    await moved.sync(full=True, collected=collected)

    assert moved.sim.count("media") == 1
    await moved.assert_right(ROSE, collection.md5)


async def test_what_was_replaced_for_another_is_true_before_it_is_listed_again(
    moved: Archive, collection: Collection
) -> None:
    collection.replace()
    await moved.sync(full=True, filters=Filters(albums=("Garden",)))

    left = kinds(await moved.verify(source=True))  # the bytes are right, the own files of the others are of before
    assert left == {"Best/_album.json": "pending", "Calendar/_album.json": "pending"}
    assert (await moved.sync()).moved == 0  # unsettled, so they are listed again without --full
    assert (await moved.verify(source=True)).clean
    assert moved.bucket.album("Best")["items"][0]["image"]["ArchivedMD5"] == collection.md5


async def test_an_object_that_is_renamed_takes_the_references_with_it(moved: Archive, collection: Collection) -> None:
    collection.world.rename_album(collection.garden, "Park")
    summary = await moved.sync(follow_renames=True)
    await moved.sync()

    assert (summary.renamed, summary.moved, moved.sim.count("media")) == (2, 0, 0)
    await moved.assert_right(f"{PREFIX}Park/rose.jpg", collection.md5)


async def test_a_rename_of_one_album_alone_has_the_others_written_again_by_the_next_run(
    moved: Archive, collection: Collection
) -> None:
    collection.world.rename_album(collection.garden, "Park")
    await moved.sync(follow_renames=True, filters=Filters(albums=("Park",)))
    assert moved.told("Best")["rose.jpg"] == (ROSE, True)
    assert (await moved.verify()).clean

    await moved.sync()

    assert moved.told("Best")["rose.jpg"] == (f"{PREFIX}Park/rose.jpg", True)
    await moved.assert_right(f"{PREFIX}Park/rose.jpg", collection.md5)


async def test_an_album_that_only_refers_is_renamed_without_the_object(moved: Archive, collection: Collection) -> None:
    collection.world.rename_album(collection.others["Best"], "Finest")
    summary = await moved.sync(follow_renames=True)

    assert (summary.renamed, summary.moved) == (0, 0)
    assert moved.told("Finest")["rose.jpg"] == (ROSE, True)
    assert moved.bucket.media()[ROSE] == collection.md5
    assert (await moved.verify(deep=1.0, source=True)).clean


async def test_a_photo_that_left_the_album_with_the_object_is_kept_for_the_others(
    moved: Archive, collection: Collection
) -> None:
    collection.world.remove_from_album(collection.garden, collection.rose)
    collection.world.rename_album(collection.garden, "Park")
    summary = await moved.sync(follow_renames=True)

    assert (summary.gone, summary.moved, summary.renamed) == (1, 0, 1)
    await moved.assert_right(ROSE, collection.md5)


async def test_what_the_album_with_the_object_lost_is_not_replaced_by_what_the_others_have(
    moved: Archive, collection: Collection
) -> None:
    before = collection.md5
    collection.world.remove_from_album(collection.garden, collection.rose)
    await moved.sync(full=True)
    collection.replace()
    summary = await moved.sync(full=True)

    assert (summary.moved, summary.referred, moved.sim.count("media")) == (2, 1, 1)
    assert moved.bucket.media()[ROSE] == before
    keys = {moved.told(album)["rose.jpg"][0] for album in OTHERS}
    assert {moved.bucket.media()[key] for key in keys} == {collection.md5}
    assert len(keys) == 1
    assert (await moved.verify(deep=1.0, source=True)).clean


async def test_a_photo_that_left_an_album_that_referred_to_it_goes_where_the_object_goes(
    moved: Archive, collection: Collection
) -> None:
    collection.world.remove_from_album(collection.others["Best"], collection.rose)
    await moved.sync()
    (former,) = moved.bucket.album("Best")["former_items"]
    assert (former["key"], former["reference"]) == (ROSE, True)
    collection.world.rename_album(collection.garden, "Park")
    await moved.sync(follow_renames=True)
    await moved.sync()

    (former,) = moved.bucket.album("Best")["former_items"]
    assert former["key"] == f"{PREFIX}Park/rose.jpg"
    assert former["image"]["FileName"] == "rose.jpg"
    collection.replace()
    await moved.sync(full=True)
    await moved.sync()
    assert moved.bucket.album("Best")["former_items"] == []
    assert (await moved.verify(deep=1.0, source=True)).clean


@pytest.mark.parametrize("held", [True, False], ids=["held by an album", "kept for albums that refer"])
async def test_a_new_caption_is_written_and_then_there_is_peace(
    moved: Archive, collection: Collection, held: bool
) -> None:
    if not held:
        collection.world.remove_from_album(collection.garden, collection.rose)
        await moved.sync(full=True)
    collection.world.set_caption(collection.rose, "Früher war mehr Lametta")

    assert (await moved.sync(full=True)).described == (1 if held else 2)

    await moved.assert_right(ROSE, collection.md5)
    assert (await moved.bucket.metadata(ROSE))["caption"] == "Früher war mehr Lametta"


@pytest.mark.parametrize("collected", Collecting)
@pytest.mark.parametrize("held", [True, False], ids=["held by an album", "kept for albums that refer"])
async def test_a_missing_object_is_copied_again_once_and_all_albums_are_right(
    moved: Archive, collection: Collection, held: bool, collected: Collecting
) -> None:
    if not held:
        collection.world.remove_from_album(collection.garden, collection.rose)
        await moved.sync(full=True)
    moved.bucket.path("Garden/rose.jpg").unlink()
    await moved.bucket.changed_from_outside()

    report = await moved.verify(repair=True)
    assert (kinds(report), report.queued) == ({ROSE: "missing"}, 1)
    summary = await moved.sync(collected=collected)

    assert (summary.failed, moved.sim.count("media")) == (0, 1)
    await moved.assert_right(ROSE, collection.md5)


async def test_lost_metadata_is_rewritten(moved: Archive, collection: Collection) -> None:
    async with moved.bucket.client() as client:
        source = {"Bucket": moved.bucket.name, "Key": ROSE}
        await client.copy_object(Bucket=moved.bucket.name, Key=ROSE, CopySource=source, MetadataDirective="REPLACE")

    assert kinds(await moved.verify(heads=True, repair=True)) == {ROSE: "pending"}
    assert (await moved.sync()).described == 1

    await moved.assert_right(ROSE, collection.md5)


async def test_to_an_object_that_is_not_there_any_more_nothing_refers(moved: Archive, collection: Collection) -> None:
    moved.bucket.path("Garden/rose.jpg").unlink()
    await moved.bucket.changed_from_outside()
    collection.world.collect_image(collection.world.add_album("Later"), collection.rose)

    await moved.sync()

    assert moved.sim.count("media") == 1
    assert moved.told("Later")["rose.jpg"] == (ROSE, True)
    await moved.assert_right(ROSE, collection.md5)


async def test_objects_and_bytes_count_once_and_assets_in_every_album(moved: Archive) -> None:
    report = await moved.verify(source=True, certify=True)

    assert (report.clean, report.checked, report.ok) == (True, 5, 5)  # two photos, three albums' own files
    tallies = {album.path: (album.counted, album.listed, album.complete) for album in report.albums}
    assert tallies == {"Garden": (2, 2, True), "Best": (1, 1, True), "Calendar": (1, 1, True)}
    certificate = moved.certificates[-1]
    assert certificate.manifest_files == 5
    assert "Safe to cancel: all 4 items" in certificate_text(certificate)


async def test_the_ledger_is_rebuilt_with_references(moved: Archive, collection: Collection) -> None:
    collection.world.remove_from_album(collection.others["Best"], collection.rose)
    await moved.sync()
    old = await moved.export()
    moved.ledger.unlink()

    found = await moved.rebuild()

    assert (found.files, found.references, found.bytes, found.unknown) == (4, 2, 5_000, 0)
    new = await moved.export()
    facts = ("album_key", "image_key", "key", "md5", "size", "state", "reference")
    told = [sorted([tuple(row[name] for name in facts) for row in rows], key=str) for rows in (old, new)]
    assert told[0] == told[1]
    assert sum(row["reference"] for row in new) == 2
    summary = await moved.sync(full=True)
    assert (summary.moved, summary.described, summary.renamed, summary.failed) == (0, 0, 0, 0)
    collection.world.rename_album(collection.garden, "Park")
    for _ in range(2):  # the own files of the others follow
        await moved.sync(follow_renames=True)
    assert md5_of(moved.bucket.path("Park/rose.jpg")) == collection.md5
    assert (await moved.verify(deep=1.0, source=True)).clean


async def test_a_reference_survives_the_loss_of_its_holders_own_file(moved: Archive, collection: Collection) -> None:
    moved.bucket.path("Garden/_album.json").unlink()
    await moved.bucket.changed_from_outside()
    moved.ledger.unlink()
    await moved.rebuild()
    collection.world.remove_from_album(collection.garden, collection.rose)
    collection.world.add_image(collection.garden, "rose.jpg", noise_photo(3, 4_000))  # wants the name of the old one

    await moved.sync(full=True)

    assert moved.bucket.media()[ROSE] == collection.md5
    assert {moved.told(album)["rose.jpg"][0] for album in OTHERS} == {ROSE}
    assert (await moved.verify(deep=1.0, source=True)).clean
