"""New descriptions and names of what is stored: never on wrong bytes, and no photo is moved because its text was not written."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.status import read_status, unmoved
from smug2s3.models import Collecting, Proof
from smug2s3.rules import sidecar
from smug2s3.rules.status import next_step
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from smugmug_simulator.faults import Fault
from tests.support.bucket import PREFIX, Bucket, md5_of
from tests.support.fault_proxy import NOTHING, PORTAL, FaultProxy, StoreFault
from tests.support.machine import machine_for
from tests.support.wired import Wired, kinds

ROSE = f"{PREFIX}Garden/rose.jpg"
IN_PARK = f"{PREFIX}Park/rose.jpg"
REFUSED = StoreFault(action="answer", method="PUT", path="*rose.jpg", times=None, status=403, code="AccessDenied")


@dataclass(slots=True)
class Kept(Wired):
    """The tiny account, moved to somewhere whose files lie in ``folder``."""

    folder: Path = Path()

    @property
    def rose(self) -> str:
        """The image key of the rose."""
        return next(one.image_key for one in self.sim.world.assets() if one.file_name == "rose.jpg")

    @property
    def md5(self) -> str:
        """Of the rose as SmugMug has it."""
        return next(one.md5 for one in self.sim.world.assets() if one.file_name == "rose.jpg")

    def describe(self, caption: str = "Red") -> None:
        """Somebody writes another caption."""
        self.sim.world.set_caption(self.rose, caption)

    def rename(self) -> None:
        """Somebody gives the album another name."""
        album = next(one.album_key for one in self.sim.world.assets() if one.file_name == "rose.jpg")
        self.sim.world.rename_album(album, "Park")

    async def damage(self, key: str = ROSE) -> None:
        """A bit turns."""
        path = self.folder / key
        content = path.read_bytes()
        path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
        if self.folder == self.bucket.folder:
            await self.bucket.changed_from_outside()

    async def proof(self, key: str) -> Proof:
        """What proves an object, by the ledger."""
        async with open_ledger(str(self.ledger)) as ledger:
            recorded = await ledger.recorded(key)
            assert recorded is not None
            return recorded.proof

    def found_wrong(self, key: str) -> None:
        """What a verification writes down that read other bytes back."""
        with closing(sqlite3.connect(self.ledger, isolation_level=None)) as ledger:
            ledger.execute("UPDATE objects SET proof = 'wrong' WHERE key = ?", (key,))

    async def assert_right(self, key: str) -> None:
        """The rose lies at ``key``, its bytes are SmugMug's and proven, and nothing is left to do."""
        assert md5_of(self.folder / key) == self.md5
        assert await self.proof(key) is not Proof.NONE
        assert (await self.verify(heads=True, deep=1.0, source=True)).clean
        again = await self.sync(full=True, follow_renames=True)
        assert (again.moved, again.described, again.renamed, again.failed, again.not_updated) == (0, 0, 0, 0, 0)


@pytest.fixture(params=["bucket", "folder", "disguised", "foreign"])
async def kept(
    request: pytest.FixtureRequest, bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> AsyncIterator[Kept]:
    """In a bucket, in a folder, and in stores whose ETags say nothing."""
    place, folder = {"S3_ENDPOINT_URL": proxy.endpoint}, bucket.folder
    if request.param == "folder":
        folder = tmp_path / "disk" / "photos"
        folder.mkdir(parents=True)
        place = {"S3_ENDPOINT_URL": folder.parent.as_uri(), "S3_BUCKET": "photos"}
    elif request.param != "bucket":
        proxy.etags = request.param
    async with Simulator(worlds.tiny()) as sim:
        kept = Kept(sim, bucket, tmp_path, place, folder=folder)
        assert (await kept.sync()).moved == 6
        sim.stats.clear()
        yield kept


@pytest.fixture
async def remote(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Kept]:
    """In a bucket behind a proxy."""
    async with Simulator(worlds.tiny()) as sim:
        kept = Kept(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint}, folder=bucket.folder)
        await kept.sync()
        sim.stats.clear()
        yield kept


async def test_a_new_caption_of_a_damaged_file_has_it_copied_again(kept: Kept) -> None:
    await kept.damage()
    kept.describe()

    summary = await kept.sync(full=True)

    assert (summary.moved, summary.described, summary.failed, summary.not_updated) == (1, 0, 0, 0)
    assert kept.sim.count("media") == 1
    await kept.assert_right(ROSE)


async def test_what_reading_found_wrong_is_never_as_new_by_being_copied(kept: Kept) -> None:
    """A disk that forgets a bit says nothing of it: the record, the time, and so the ETag are as they were."""
    if kept.folder == kept.bucket.folder:
        kept.found_wrong(ROSE)
    else:
        before = (kept.folder / ROSE).stat()
        await kept.damage()
        os.utime(kept.folder / ROSE, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert kinds(await kept.verify(deep=1.0)) == {ROSE: "different"}
    kept.describe()

    summary = await kept.sync(full=True)

    assert (summary.moved, summary.described, summary.failed, summary.not_updated) == (1, 0, 0, 0)
    assert kept.sim.count("media") == 1
    await kept.assert_right(ROSE)


async def test_a_renamed_album_with_something_damaged_takes_no_wrong_byte_along(kept: Kept) -> None:
    await kept.damage()
    kept.rename()

    summary = await kept.sync(follow_renames=True)

    assert (summary.moved, summary.renamed, summary.failed, summary.not_updated) == (1, 2, 0, 0)
    assert not (kept.folder / ROSE).exists()
    assert kept.sim.count("media") == 1
    await kept.assert_right(IN_PARK)


async def test_of_what_is_damaged_and_cannot_come_again_the_ledger_does_not_say_that_it_is_there(kept: Kept) -> None:
    await kept.damage()
    kept.describe()
    kept.rename()
    kept.sim.faults.add(Fault(action="status", kind="media", status=403, times=None))

    summary = await kept.sync(follow_renames=True)

    assert (summary.moved, summary.failed, summary.not_updated) == (0, 1, 0)
    assert md5_of(kept.folder / ROSE) != kept.md5
    kept.sim.faults.clear()
    assert (await kept.sync(follow_renames=True)).moved == 1
    assert md5_of(kept.folder / IN_PARK) == kept.md5


async def test_what_is_missing_comes_again_when_it_is_to_be_described(kept: Kept) -> None:
    (kept.folder / ROSE).unlink()
    if kept.folder == kept.bucket.folder:
        await kept.bucket.changed_from_outside()
    kept.describe()

    assert (await kept.sync(full=True)).moved == 1

    await kept.assert_right(ROSE)


@pytest.mark.parametrize("how", ["described", "renamed"])
async def test_what_is_right_is_updated_without_a_byte_of_it(kept: Kept, how: str) -> None:
    kept.describe() if how == "described" else kept.rename()

    summary = await kept.sync(follow_renames=True)

    assert (summary.described, summary.renamed) == ((1, 0) if how == "described" else (0, 2))
    assert kept.sim.count("media") == 0
    await kept.assert_right(ROSE if how == "described" else IN_PARK)


@pytest.mark.parametrize("how", ["described", "renamed"])
async def test_an_update_that_is_refused_leaves_the_photo_stored_and_is_tried_again(
    remote: Kept, proxy: FaultProxy, how: str
) -> None:
    remote.describe() if how == "described" else remote.rename()
    proxy.script(REFUSED)

    summary = await remote.sync(follow_renames=True)

    assert (summary.moved, summary.failed, summary.not_updated) == (0, 0, 1)
    (item,) = summary.items
    assert item["state"] == "not updated"
    assert "AccessDenied" in item["reason"]
    report = await remote.verify(deep=1.0)
    assert (report.objects, kinds(report)) == ([], {"Garden/rose.jpg": "pending"})
    assert [(key, state) for key, state, _, _ in unmoved(str(remote.ledger))] == [(ROSE, "moved")]
    stands = read_status(str(remote.ledger))
    assert (stands.done, next_step(stands)[0]) == (6, "sync")
    again = await remote.sync(follow_renames=True)
    assert again.not_updated == 1
    proxy.script()

    summary = await remote.sync(follow_renames=True)

    assert (summary.described + summary.renamed, summary.moved, remote.sim.count("media")) == (1, 0, 0)
    assert list(unmoved(str(remote.ledger))) == []
    await remote.assert_right(ROSE if how == "described" else IN_PARK)


async def test_a_text_that_could_not_be_written_is_still_to_be_written_when_the_ledger_is_lost(
    remote: Kept, proxy: FaultProxy
) -> None:
    remote.describe()
    proxy.script(REFUSED)
    await remote.sync(full=True)
    remote.ledger.unlink()
    proxy.script()
    await remote.rebuild()

    assert (await remote.sync(full=True)).described == 1

    assert (await remote.bucket.metadata(ROSE))["caption"] == "Red"
    assert "not_updated" not in (remote.folder / f"{PREFIX}Garden/_album.json").read_text()
    await remote.assert_right(ROSE)


async def test_a_text_that_is_as_it_was_again_is_not_pending_any_more(remote: Kept, proxy: FaultProxy) -> None:
    image = remote.sim.world.image(remote.rose)
    assert image is not None
    before = image.caption
    remote.describe()
    proxy.script(REFUSED)
    assert (await remote.sync(full=True)).not_updated == 1
    remote.describe(before)

    assert (await remote.sync(full=True)).not_updated == 0

    assert list(unmoved(str(remote.ledger))) == []


async def test_many_refused_texts_keep_no_photo_from_being_copied(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> None:
    world = World("mine")
    album = world.add_album("Album")
    images = [world.add_image(album, f"{number:03}.jpg", noise_photo(number, 600)) for number in range(70)]
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        await wired.sync()
        for image in images:
            world.set_caption(image, "new")
        world.add_image(album, "zzz.jpg")
        proxy.script(
            StoreFault(action="answer", method="PUT", path="*/0*.jpg", times=None, status=403, code="AccessDenied")
        )

        summary = await wired.sync(full=True)

    assert (summary.moved, summary.not_updated) == (1, 70)


@pytest.mark.parametrize("fault", [NOTHING, PORTAL], ids=["nothing", "a portal's page"])
async def test_what_only_says_that_it_copied_is_not_believed(
    remote: Kept, proxy: FaultProxy, fault: StoreFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smug2s3.stores.bucket.retry", lambda _, call, **_more: call())
    remote.describe("Never heard")
    proxy.script(StoreFault(action="answer", method="PUT", path="*rose.jpg", times=None, status=200,
                            content_type=fault.content_type, body=fault.body))  # fmt: skip

    assert (await remote.sync(full=True)).not_updated == 1

    proxy.script()
    assert (await remote.bucket.metadata(ROSE)).get("caption") != "Never heard"
    assert (await remote.sync(full=True)).described == 1
    assert (await remote.bucket.metadata(ROSE))["caption"] == "Never heard"


@pytest.mark.parametrize("size", ["same", "other"])
async def test_a_copy_that_has_other_bytes_is_removed_and_the_original_stays(
    remote: Kept, proxy: FaultProxy, size: str
) -> None:
    remote.rename()
    content = (remote.folder / ROSE).read_bytes()
    proxy.script(StoreFault(action="hold", method="PUT", path="*Park/rose.jpg"))
    # One at a time: what the server is told to look at again it does not find for a moment.
    sync = asyncio.create_task(remote.sync(follow_renames=True, transfers=1))
    await proxy.stalled.wait()
    (remote.folder / ROSE).write_bytes(content[::-1] if size == "same" else content + b"more")
    await remote.bucket.changed_from_outside()
    proxy.let_go.set()

    summary = await sync

    assert (summary.moved, summary.renamed, summary.failed, summary.not_updated) == (1, 2, 0, 0)
    assert proxy.count("DELETE", "*Park/rose.jpg") == 1
    await remote.assert_right(IN_PARK)


async def test_what_has_the_place_of_a_new_name_survives_a_rename_that_fails(remote: Kept, proxy: FaultProxy) -> None:
    remote.rename()
    (remote.folder / IN_PARK).parent.mkdir()
    (remote.folder / IN_PARK).write_bytes(b"a stranger")
    await remote.bucket.changed_from_outside()
    proxy.script(REFUSED)

    assert (await remote.sync(follow_renames=True)).not_updated == 1

    assert (remote.folder / IN_PARK).read_bytes() == b"a stranger"


async def test_a_run_with_a_pending_text_ends_with_1_and_names_it(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home", endpoint=proxy.endpoint)
        assert (await machine.run("sync")).code == 0
        sim.world.set_caption(next(one.image_key for one in sim.world.assets() if one.file_name == "rose.jpg"), "Red")
        proxy.script(REFUSED)

        ran = await machine.run("sync", "--full")
        status = await machine.run("status", "--failed")
        document = (await machine.run("status", "--json")).json
        proxy.script(REFUSED)
        told = (await machine.run("sync", "--full", "--json")).json

    assert (ran.code, told["not_updated"], told["failed"], document["not_updated"]) == (1, 1, 0, 1)
    assert "Not updated:" in ran.err + ran.out
    assert "copied, but metadata or name not updated" in status.out
    assert ROSE in status.out


class Shared:
    """A rose of the album Garden that the album Best refers to."""

    def __init__(self) -> None:
        self.world = World("mine")
        self.garden = self.world.add_album("Garden")
        self.rose = self.world.add_image(self.garden, "rose.jpg", noise_photo(1, 3_000))
        self.best = self.world.add_album("Best")

    async def moved(self, kept: Kept) -> None:
        """Garden first, so that the object is its own."""
        await kept.sync(collected=Collecting.REFERENCE)
        self.world.collect_image(self.best, self.rose)
        assert (await kept.sync(collected=Collecting.REFERENCE)).referred == 1
        kept.sim.stats.clear()


@pytest.mark.parametrize("how", ["described", "renamed", "described where nobody holds it"])
async def test_what_several_albums_refer_to_is_mended_for_all_of_them(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path, how: str
) -> None:
    shared = Shared()
    async with Simulator(shared.world) as sim:
        kept = Kept(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint}, folder=bucket.folder)
        await shared.moved(kept)
        if how == "described where nobody holds it":
            shared.world.remove_from_album(shared.garden, shared.rose)
            await kept.sync(full=True, collected=Collecting.REFERENCE)
        await kept.damage()
        shared.world.set_caption(shared.rose, "Red") if how != "renamed" else kept.rename()

        summary = await kept.sync(follow_renames=True, collected=Collecting.REFERENCE)

        assert (summary.moved, summary.failed, summary.not_updated, sim.count("media")) == (1, 0, 0, 1)
        await kept.sync(full=True, follow_renames=True, collected=Collecting.REFERENCE)
        key = IN_PARK if how == "renamed" else ROSE
        assert {row["key"] for row in await kept.export() if row["image_key"] == shared.rose} == {key}
        await kept.assert_right(key)


async def test_to_what_is_damaged_nothing_refers_and_it_is_mended(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> None:
    proxy.etags = "foreign"
    shared = Shared()
    async with Simulator(shared.world) as sim:
        kept = Kept(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint}, folder=bucket.folder)
        await shared.moved(kept)
        await kept.damage()
        shared.world.collect_image(shared.world.add_album("Later"), shared.rose)

        summary = await kept.sync(collected=Collecting.REFERENCE)

        assert (summary.referred, summary.failed, sim.count("media")) == (0, 0, 1)
        await kept.sync(full=True, collected=Collecting.REFERENCE)
        await kept.assert_right(ROSE)


async def test_to_what_is_not_proven_nothing_refers_and_of_it_no_copy_is_made(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> None:
    proxy.etags = "foreign"
    shared = Shared()
    async with Simulator(shared.world) as sim:
        kept = Kept(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint}, folder=bucket.folder)
        await shared.moved(kept)
        kept.ledger.unlink()
        await kept.rebuild()
        assert await kept.proof(ROSE) is Proof.NONE
        for name, collected in (("Later", Collecting.REFERENCE), ("Last", Collecting.COPY)):
            shared.world.collect_image(shared.world.add_album(name), shared.rose)

            await kept.sync(full=True, collected=collected)

        assert sim.count("media") == 1  # The first proved it for the second.
        assert await kept.proof(ROSE) is not Proof.NONE
        assert (await kept.verify(deep=1.0, source=True)).clean
        assert set(kinds(await kept.verify()).values()) == set()


async def test_an_album_file_without_proofs_is_no_difference_and_gets_them_when_it_is_written_next(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        with monkeypatch.context() as earlier:
            earlier.setattr(sidecar, "_head", lambda one: {"key": one.key or None})
            await wired.sync()
        assert (await wired.verify(source=True)).clean

        await wired.sync()
        assert "md5" not in bucket.album("Garden")["items"][0]
        await wired.sync(full=True)
        assert all(item["md5"] for item in bucket.album("Garden")["items"])
        assert (await wired.verify(source=True)).clean
