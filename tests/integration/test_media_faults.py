"""When photos come wrong, late or not at all: what is visible in the store is right, and what is missing is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.errors import SourceRefused
from smugmug_simulator import Fault, Simulator, worlds
from smugmug_simulator.content import noise_photo, noise_video
from smugmug_simulator.model import Quirk
from smugmug_simulator.world import World
from tests.support.bucket import Bucket
from tests.support.quick import Pair


@pytest.fixture
async def pair(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db")


PASSING = {
    "busy": Fault(action="status", status=503),
    "broken-inside": Fault(action="status", status=500),
    "too-many": Fault(action="status", status=429, retry_after=1),
    "gateway": Fault(action="status", status=502, times=3),
    "web-page-with-200": Fault(action="html"),
    "nothing-with-200": Fault(action="empty"),
    "reset-before-a-byte": Fault(action="reset", amount=0),
    "reset-in-the-middle": Fault(action="reset", amount=1000),
    "reset-again-and-again": Fault(action="reset", amount=500, times=3),
    "closed-early": Fault(action="short", amount=700),
    "one-byte-wrong": Fault(action="corrupt", amount=1234),
    "first-byte-wrong": Fault(action="corrupt", amount=0),
    "bytes-nobody-announced": Fault(action="long", amount=100),
    "announced-too-long": Fault(action="wrong_length", amount=10),
    "announced-too-short": Fault(action="wrong_length", amount=-10),
    "slow": Fault(action="slow", amount=20_000),
    "late": Fault(action="delay", seconds=0.3),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in PASSING.items()])
async def test_what_passes_is_gone_through_without_a_failure(pair: Pair, fault: Fault) -> None:
    pair.sim.faults.add(replace(fault, kind="media", path="*IMG_0002*"))

    summary = await pair.sync()

    assert pair.sim.faults.struck >= 1
    assert (summary.moved, summary.failed) == (6, 0)
    pair.assert_complete()
    assert (await pair.verify(deep=1.0)).clean


async def test_a_broken_connection_is_taken_up_where_it_broke(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    # More than the sockets in between can hold, so that some of it has passed when the reset comes.
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 20_000_000))
    async with Simulator(world, faults=[Fault(action="reset", kind="media", amount=16_000_000, times=1)]) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        await pair.sync()

        statuses = [one.status for one in sim.requests if one.kind == "media"]
        assert statuses == [200, 206]
        pair.assert_complete()


async def test_a_host_that_ignores_ranges_makes_the_file_start_over(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 1_000_000))
    faults = [
        Fault(action="reset", kind="media", amount=400_000, times=1),
        Fault(action="ignore_range", kind="media", times=1),
    ]
    async with Simulator(world, faults=faults) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).moved == 1
        pair.assert_complete()


LASTING = {
    "wrong-byte": Fault(action="corrupt", amount=77),
    "too-short": Fault(action="short", amount=100),
    "too-long": Fault(action="long", amount=5),
    "other-length": Fault(action="wrong_length", amount=-3),
    "web-page": Fault(action="html"),
    "nothing": Fault(action="empty"),
    "reset": Fault(action="reset", amount=50),
    "busy": Fault(action="status", status=503),
    "refused": Fault(action="status", status=403),
    "not-there-but-listed": Fault(action="status", status=404),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in LASTING.items()])
async def test_what_lasts_is_named_never_visible_and_done_by_the_next_run(pair: Pair, fault: Fault) -> None:
    pair.sim.faults.add(replace(fault, kind="media", path="*IMG_0002*", times=None))

    summary = await pair.sync()

    assert (summary.moved, summary.failed, summary.unavailable) == (5, 1, 0)
    assert list(pair.reporter.failures) == ["Family/Summer 2019/IMG_0002.JPG"]
    assert pair.reporter.failures["Family/Summer 2019/IMG_0002.JPG"].startswith("SmugMug: ")
    assert not [key for key in pair.bucket.files() if "IMG_0002" in key]
    assert await pair.bucket.open_uploads() == []
    assert pair.reporter.bytes_passed == summary.bytes
    report = await pair.verify()
    assert [(d.kind, d.key) for d in report.differences] == [("missing", "Family/Summer 2019/IMG_0002.JPG")]

    pair.sim.faults.clear()
    assert (await pair.sync()).moved == 1
    pair.assert_complete()
    assert (await pair.verify(source=True)).clean


@pytest.mark.parametrize("action", ["corrupt", "short", "html", "reset"])
async def test_a_failed_replacement_leaves_the_old_bytes_in_place(pair: Pair, action: str) -> None:
    await pair.sync()
    old = dict(pair.bucket.media())
    rose = next(one for one in pair.sim.world.assets() if one.file_name == "rose.jpg")
    pair.sim.world.replace_image(rose.image_key)
    pair.sim.faults.add(Fault.from_json({"action": action, "kind": "media", "times": None, "amount": 40}))

    summary = await pair.sync()

    assert (summary.moved, summary.failed) == (0, 1)
    assert pair.bucket.media() == old


async def test_a_media_host_that_refuses_everything_ends_the_run_before_all_was_tried(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(
        worlds.flat(2, 100, 500), faults=[Fault(action="status", status=403, kind="media", times=None)]
    ) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        with pytest.raises(SourceRefused):
            await pair.sync()

        assert sim.count("media") < 150


async def test_a_photo_deleted_between_listing_and_copying_is_named_as_deleted(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    album = world.add_album("Lagging")
    world.add_image(album, "here.jpg")
    world.add_image(album, "gone.jpg", quirks=frozenset({Quirk.DELETED}))
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        assert (summary.moved, summary.failed, summary.unavailable) == (1, 0, 1)
        assert "deleted" in pair.reporter.missing["Lagging/gone.jpg"]
        pair.assert_complete()


@pytest.mark.parametrize("quirks", [{"no-md5"}, {"no-size"}, {"no-md5", "no-size"}], ids=lambda q: "+".join(sorted(q)))
@pytest.mark.parametrize("action", ["reset", "short", "html", "empty"])
async def test_files_of_which_little_is_known_are_not_taken_on_trust(
    bucket: Bucket, tmp_path: Path, quirks: set[str], action: str
) -> None:
    world = World("mine")
    world.add_image(world.add_album("One"), "a.jpg", quirks=frozenset(Quirk(name) for name in quirks))
    faults = [Fault.from_json({"action": action, "kind": "media", "amount": 900, "times": 1})]
    async with Simulator(world, faults=faults) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).moved == 1
        assert sim.faults.struck == 1
        pair.assert_complete()


async def test_a_video_is_copied_as_its_largest_rendition_and_says_so(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    video = {"is_video": True, "format": "MP4", "width": 1280, "height": 720}
    world.add_image(world.add_album("One"), "clip.MOV", noise_video(1, 50_000), **video)
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        await pair.sync()

        pair.assert_complete()
        metadata = await bucket.metadata("smugmug/One/clip.mp4")
        assert (metadata["source"], metadata["filename"], metadata["content-type"]) == (
            "rendition",
            "clip.MOV",
            "video/mp4",
        )


async def test_private_media_is_asked_for_with_a_signature(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.unsigned_private_media = "empty"
    world.add_image(world.add_album("Secret", privacy="Private"), "a.jpg")
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).moved == 1
        pair.assert_complete()
        assert all(one.signed for one in sim.requests)


@pytest.mark.parametrize("quirks", [set(), {Quirk.NO_MD5}, {Quirk.NO_SIZE}], ids=["both", "size", "md5"])
async def test_a_file_whose_end_only_a_closed_connection_shows_is_taken_if_the_listing_proves_it(
    bucket: Bucket, tmp_path: Path, quirks: set[Quirk]
) -> None:
    world = World("mine")
    world.add_image(world.add_album("One"), "a.jpg", noise_photo(1, 10_000), quirks=frozenset(quirks))
    faults = [
        Fault(action="unframed", kind="media", amount=9_000),
        Fault(action="unframed", kind="media", amount=10_000),
    ]
    async with Simulator(world, faults=faults) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).moved == 1
        assert sim.count("media") == 2
        pair.assert_complete()


@pytest.mark.parametrize("amount", [9_000, 10_000], ids=["cut-off", "whole"])
async def test_a_file_of_which_nothing_is_known_is_not_taken_because_the_connection_ends(
    bucket: Bucket, tmp_path: Path, amount: int
) -> None:
    world = World("mine")
    nothing = frozenset({Quirk.NO_MD5, Quirk.NO_SIZE})
    world.add_image(world.add_album("One"), "a.jpg", noise_photo(1, 10_000), quirks=nothing)
    async with Simulator(world, faults=[Fault(action="unframed", kind="media", amount=amount, times=None)]) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).failed == 1
        assert "the file may be incomplete" in pair.reporter.failures["One/a.jpg"]
        assert bucket.media() == {}

        sim.faults.clear()
        assert (await pair.sync()).moved == 1
        pair.assert_complete()
