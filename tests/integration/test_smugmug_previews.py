"""SmugMug's reduced pictures lie apart from the albums, are copied without any further API call, kept true, and count as nothing else."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import exit_code, summary_text
from smug2s3.cli.verify import report_text
from smug2s3.errors import PrefixTaken
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.status import read_status
from smug2s3.models import Collecting
from smug2s3.reporting.certificate import certificate_text
from smug2s3.reporting.page.sections import figures
from smug2s3.reporting.status import status_text
from smug2s3.rules.order import Order
from smug2s3.rules.preview_keys import Size, file_of, preview_key
from smug2s3.stores.s3 import S3Store
from smugmug_simulator import Fault, Simulator, worlds
from smugmug_simulator.model import Asset
from smugmug_simulator.pictures import Picture
from tests.support.bucket import PREFIX, Bucket, md5_of
from tests.support.wired import Wired, kinds

ROSE = f"{PREFIX}Garden/rose.jpg"
SIZES = (Size.SMALL, Size.X2LARGE)
S_OF_ROSE, X2_OF_ROSE = (preview_key(ROSE, size, prefix=PREFIX) for size in SIZES)
BOTH = {"PREVIEWS": "S,X2"}


@pytest.fixture
async def wired(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account of five photos and a video, copied without previews."""
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        assert (await wired.sync()).moved == 6
        wired.changes = BOTH
        yield wired


def asset(wired: Wired, name: str) -> Asset:
    return next(one for one in wired.sim.world.assets() if one.file_name == name)


def previews(bucket: Bucket) -> dict[str, Path]:
    return {key: path for key, path in bucket.files().items() if "/_gallery/" in key}


def age_previews(wired: Wired) -> None:
    """As if they had been stored on an earlier day."""
    with closing(sqlite3.connect(wired.ledger)) as ledger, ledger:
        ledger.execute("UPDATE objects SET stored_at = '2020-01-01' WHERE key LIKE '%/\\_gallery/%' ESCAPE '\\'")


def copied(wired: Wired) -> set[str]:
    """The sizes that SmugMug's media host was asked for."""
    return {seen.path.split("/")[-2] for seen in wired.sim.requests if seen.kind == "media"}


async def test_they_are_copied_for_what_was_copied_before_without_reading_it_and_without_more_api_calls(
    wired: Wired,
) -> None:
    wired.sim.stats.clear()
    assert (await wired.sync(full=True, previews=())).previews == 0
    calls = wired.sim.count("api")
    plan, dry = await wired.plan(items=True), await wired.sync(dry_run=True)
    assert (plan.previews.files, plan.to_move.files, plan.previews_stored.files) == (12, 0, 0)
    assert (dry.previews, dry.previews_bytes) == (12, plan.previews.bytes)
    wired.sim.stats.clear()

    first = await wired.sync()

    assert (first.previews, first.moved, first.skipped, first.described) == (12, 0, 6, 0)
    assert (wired.sim.count("api"), copied(wired)) == (calls, {"S", "X2"})
    expected = {preview_key(key, size, prefix=PREFIX) for key in wired.bucket.media() for size in SIZES}
    assert previews(wired.bucket).keys() == expected
    assert first.previews_bytes == sum(path.stat().st_size for path in previews(wired.bucket).values())
    assert await wired.bucket.metadata(S_OF_ROSE) == {"content-type": "image/jpeg"}

    again, full = await wired.sync(), await wired.sync(full=True)
    less = await wired.sync(previews=(Size.SMALL,))
    assert (again.albums_unchanged, again.previews, full.previews, less.albums_unchanged) == (3, 0, 0, 3)
    totals, exact = await wired.plan(), await wired.plan(items=True)
    assert (totals.previews.files, exact.previews.files, totals.previews_stored.files) == (0, 0, 12)
    wired.assert_complete()


async def test_a_lost_one_is_named_and_copied_again_but_no_reason_to_keep_the_account(wired: Wired) -> None:
    await wired.sync()
    previews(wired.bucket)[S_OF_ROSE].unlink()
    await wired.bucket.changed_from_outside()

    report = await wired.verify(source=True, certify=True, strict=True)
    assert kinds(report) == {S_OF_ROSE: "missing"}
    assert report.verdict is not None
    assert (report.passed, report.verdict.safe, report.previews, report.previews_wrong) == (True, True, 12, 1)
    text = certificate_text(wired.certificates[0])
    assert "Previews   12 reduced pictures from SmugMug, for viewing and no part of the albums: 11 proven" in text
    assert "all 6 items SmugMug lists are in the bucket" in text
    status = read_status(str(wired.ledger))
    assert (status.done, status.previews, status.own_files) == (6, 12, 3 + 4)
    assert "       12  previews for viewing, besides (" in status_text(status)
    async with open_ledger(str(wired.ledger)) as ledger:
        shown = figures(await ledger.overview())
    assert ("Files copied", "6", "with 1 video") in shown
    assert ("Previews besides", "12") in [figure[:2] for figure in shown]

    repaired = report_text(await wired.verify(repair=True))
    assert "Of these, 12 previews for viewing: 11 as recorded." in repaired
    assert "Run `smug2s3 sync --previews S`, then verify again." in repaired
    wired.sim.stats.clear()
    assert (await wired.sync()).previews == 1
    assert (await wired.verify(deep=1.0, heads=True, strict=True)).clean
    assert copied(wired) == {"S"}


async def test_a_rebuilt_ledger_knows_them_and_nothing_else_sees_them(wired: Wired, tmp_path: Path) -> None:
    await wired.sync()
    rows = {row["key"]: row["state"] for row in await wired.export()}
    assert [state for key, state in rows.items() if "/_gallery/" in key] == ["preview"] * 12
    (wired.bucket.folder / PREFIX / "_gallery" / "Garden" / "thumbnails" / "stranger.jpg-S.jpg").write_bytes(b"?")
    await wired.bucket.changed_from_outside()

    wired.ledger.unlink()
    found = await wired.rebuild()

    assert (found.previews, found.unknown, found.files) == (12, 1, 6)
    assert {row["key"]: row["state"] for row in await wired.export()} == rows
    assert (await wired.sync(full=True)).previews == 0
    assert list((await wired.verify(deep=1.0, strict=True)).strangers) == [
        f"{PREFIX}_gallery/Garden/thumbnails/stranger.jpg-S.jpg"
    ]
    assert (await wired.get(tmp_path / "home")).files == 6
    assert not list((tmp_path / "home").rglob("_gallery"))


async def test_they_follow_their_photo_and_stay_with_a_removed_one(wired: Wired) -> None:
    world, bucket = wired.sim.world, wired.bucket
    rose, tulip = asset(wired, "rose.jpg"), asset(wired, "tulip (2).jpg")
    await wired.sync()
    before = md5_of(previews(bucket)[S_OF_ROSE])

    world.replace_image(rose.image_key, touch_album=True)
    replaced = await wired.sync()
    assert (replaced.moved, replaced.previews) == (1, 2)
    assert md5_of(previews(bucket)[S_OF_ROSE]) != before

    world.delete_image(tulip.image_key)
    world.rename_album(rose.album_key, "Park")
    renamed = await wired.sync(follow_renames=True)
    assert (renamed.renamed, renamed.gone, renamed.previews) == (1, 1, 2)
    assert sorted(key.removeprefix(f"{PREFIX}_gallery/") for key in previews(bucket) if "/Summer" not in key)[:4] == [
        "Garden/thumbnails/tulip (2).jpg-S.jpg",
        "Garden/thumbnails/tulip (2).jpg-X2.jpg",
        "Park/thumbnails/rose.jpg-S.jpg",
        "Park/thumbnails/rose.jpg-X2.jpg",
    ]
    assert (await wired.verify(strict=True)).clean

    # A run without previews makes none, but leaves none that shows an earlier version.
    world.replace_image(rose.image_key, touch_album=True)
    age_previews(wired)
    assert (await wired.sync(previews=())).moved == 1
    assert not [key for key in previews(bucket) if "/rose" in key]
    assert (await wired.verify(strict=True)).clean
    assert (await wired.sync()).previews == 2


async def test_small_pictures_watermarks_and_what_is_not_offered_are_counted_and_left_out(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired, world = Wired(sim, bucket, tmp_path, BOTH), sim.world
        garden = asset(wired, "rose.jpg").album_key
        world.add_image(garden, "small.jpg", width=900, height=600)
        world.add_image(garden, "marked.jpg", watermarked=True)
        world.add_image(garden, "painted.jpg", Picture(3, "Painted", None, 900, 600), width=900, height=600)
        sim.faults.add(Fault(action="status", kind="media", path="*/S/tulip*", status=404, times=None))

        summary = await wired.sync()

        assert (summary.moved, summary.previews, summary.failed) == (9, 13, 0)
        assert (summary.previews_needless, summary.previews_unavailable, summary.previews_failed) == (2, 3, 0)
        with Image.open(io.BytesIO(bucket.path("thumbnails/painted.jpg-S.jpg").read_bytes())) as image:
            assert (image.format, image.size) == ("JPEG", (400, 267))
        said = summary_text(Outcome(summary=summary), dry_run=False)
        assert "       13  previews copied (" in said
        assert "        2  previews not needed, since the pictures are not larger themselves" in said
        assert "        3  previews that SmugMug does not offer, or only with a watermark" in said
        assert exit_code(Outcome(summary=summary)) == 0
        assert (await wired.sync()).albums_unchanged == 3  # nobody asks for these again every night
        assert (await wired.verify(source=True, strict=True)).passed


async def test_what_fails_or_is_left_is_copied_by_the_next_run(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path, BOTH)
        for path in ("*/S/rose*", "*/X2/rose*"):
            sim.faults.add(Fault(action="wrong_length", kind="media", path=path, amount=5, times=None))

        first = await wired.sync(order=Order.NEWEST)

        assert (first.moved, first.failed, first.previews, first.previews_failed) == (6, 0, 10, 2)
        failed = [item for item in first.items if item["state"] == "preview failed"]
        assert {f"{PREFIX}{item['key']}" for item in failed} == {S_OF_ROSE, X2_OF_ROSE}
        said = summary_text(Outcome(summary=first), dry_run=False)
        assert exit_code(Outcome(summary=first)) == 1
        assert "Previews failed:" in said
        assert "status --failed" not in said
        wired.assert_complete()
        assert (await wired.verify(source=True)).passed

        sim.faults.clear()
        stopped = await wired.sync(max_bytes=41_560)  # as much as the larger one has
        assert (stopped.previews, stopped.previews_left, stopped.stopped) == (1, 1, "max-bytes")
        last = await wired.sync()
        assert (last.previews, last.albums_unchanged) == (1, 2)


async def test_a_hostile_account_gets_all_that_smugmug_offers_and_is_as_safe_as_without(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.hostile(long_album=5)) as sim:
        wired = Wired(sim, bucket, tmp_path, {"PREVIEWS": "S"})
        plan = await wired.plan(items=True)

        summary = await wired.sync(collected=Collecting.REFERENCE)

        shown = {asset.image_key for asset in sim.world.assets() if asset.obtainable and not asset.component}
        assert (summary.failed, summary.previews_failed, summary.previews_left) == (0, 0, 0)
        assert 0 < summary.previews < plan.previews.files  # the plan knows no references
        assert len(previews(bucket)) == summary.previews
        assert summary.previews <= len(shown)
        files = {file_of(key) for key in previews(bucket)}
        assert files <= wired.bucket.media().keys()
        again = await wired.sync(full=True, collected=Collecting.REFERENCE)
        assert (again.previews, again.moved) == (0, 0)
        report = await wired.verify(source=True, accept_unavailable=True, strict=True)
        assert (report.previews, report.previews_wrong, report.objects, report.strangers) == (
            len(files),
            0,
            [],
            [],
        )


async def test_a_folder_holds_them_as_well(bucket: Bucket, tmp_path: Path) -> None:
    archive = tmp_path / "disk" / "photos"
    archive.mkdir(parents=True)
    place = {
        "S3_ENDPOINT_URL": archive.parent.as_uri(),
        "S3_BUCKET": archive.name,
        "S3_ACCESS_KEY": "",
        "S3_SECRET_KEY": "",
    }
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path, BOTH | place)
        assert (await wired.sync()).previews == 12
        assert (archive / S_OF_ROSE).stat().st_size == 4_600
        wired.ledger.unlink()
        assert ((await wired.rebuild()).previews, (await wired.sync(full=True)).previews) == (12, 0)
        assert (await wired.verify(deep=1.0, strict=True)).clean


async def test_an_archive_is_recognized_by_the_files_behind_its_previews(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of its listing may have nothing else: `_gallery` comes before most names in small letters."""
    await wired.sync()
    wired.ledger.unlink()
    glance = S3Store.glance

    async def only_previews(store: S3Store, prefix: str) -> tuple[str, ...]:
        return tuple(key for key in await glance(store, prefix) if "/_gallery/" in key)

    monkeypatch.setattr(S3Store, "glance", only_previews)
    with pytest.raises(PrefixTaken, match="already contains an archive of this account"):
        await wired.sync()
