"""Sidecars lie beside the photos, are written only when they change, and are kept and proven like everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import summary_text
from smug2s3.engine.executor import CLOSED_AT_ONCE
from smug2s3.engine.summary import Summary
from smug2s3.engine.xmp_sidecars import XmpSidecars
from smug2s3.ledger.status import read_status
from smug2s3.models import Contents, Entry
from smug2s3.rules.status import next_step
from smug2s3.rules.xmp import Naming
from smugmug_simulator import Simulator, worlds
from smugmug_simulator.model import Asset
from tests.support.bucket import PREFIX, Bucket
from tests.support.wired import Wired, kinds

ROSE = f"{PREFIX}Garden/rose.jpg"


@pytest.fixture
async def wired(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account of six items, copied without sidecars."""
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        assert (await wired.sync()).moved == 6
        yield wired


def asset(wired: Wired, name: str) -> Asset:
    return next(one for one in wired.sim.world.assets() if one.file_name == name)


def next_of(wired: Wired) -> str:
    """The command that `status` names."""
    return next_step(read_status(str(wired.ledger)))[0]


def sidecars(wired: Wired) -> dict[str, bytes]:
    return {key: path.read_bytes() for key, path in wired.bucket.files().items() if key.endswith(".xmp")}


async def test_few_albums_write_them_at_once_since_each_is_in_memory_meanwhile(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, writing, most = XmpSidecars.write, 0, 0

    async def counted(self: XmpSidecars, contents: Contents, known: Mapping[str, Entry]) -> None:
        nonlocal writing, most
        writing += 1
        most = max(most, writing)
        await write(self, contents, known)
        writing -= 1

    monkeypatch.setattr(XmpSidecars, "write", counted)
    async with Simulator(worlds.flat(12, 4, 500)) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        assert (await wired.sync(xmp=Naming.FULL, full=True)).sidecars == 48
    assert 0 < most <= CLOSED_AT_ONCE


async def test_they_are_written_for_what_was_copied_before_and_then_only_when_they_change(wired: Wired) -> None:
    photos = {f"{key}.xmp" for key in wired.bucket.media()}
    wired.sim.stats.clear()

    first = await wired.sync(xmp=Naming.FULL)

    assert (first.moved, first.sidecars, wired.sim.count("media")) == (0, 6, 0)
    written = sidecars(wired)
    assert written.keys() == photos
    assert b"SmugMug|Garden" in written[f"{ROSE}.xmp"]

    again, without = await wired.sync(xmp=Naming.FULL, full=True), await wired.sync()
    assert (again.sidecars, without.sidecars, without.albums_unchanged) == (0, 0, 3)

    wired.sim.world.set_caption(asset(wired, "rose.jpg").image_key, "Grandma's <b>rose</b>")
    assert (await wired.sync(xmp=Naming.FULL, full=True)).sidecars == 1
    assert [key for key, body in sidecars(wired).items() if body != written[key]] == [f"{ROSE}.xmp"]
    assert b"Grandma's rose" in sidecars(wired)[f"{ROSE}.xmp"]

    report = await wired.verify(heads=True, deep=1.0, source=True, strict=True)
    assert report.clean
    assert report.verdict is not None
    assert report.verdict.safe


async def test_a_lost_one_is_written_again_and_a_new_ledger_knows_them(wired: Wired) -> None:
    await wired.sync(xmp=Naming.FULL)
    wired.bucket.path("rose.jpg.xmp").unlink()
    tulip = wired.bucket.path("tulip (2).jpg.xmp")
    tulip.write_bytes(b"<x:xmpmeta/>")
    await wired.bucket.changed_from_outside()

    lacking = {f"{ROSE}.xmp": "missing", f"{PREFIX}Garden/{tulip.name}": "different"}
    assert kinds(await wired.verify(repair=True)) == lacking
    assert next_of(wired) == "sync --sidecars xmp"
    await wired.sync()  # writes no sidecars: what is queued stays queued
    assert next_of(wired) == "sync --sidecars xmp"
    report = await wired.verify(deep=1.0, strict=True)
    assert kinds(report) == lacking
    assert "sync --sidecars xmp" in report.objects[1].detail
    assert (await wired.sync(xmp=Naming.FULL)).sidecars == 2
    assert next_of(wired).startswith("verify")
    assert (await wired.verify(strict=True)).clean

    wired.bucket.path("tulip (2).jpg.xmp").write_bytes(b"<x:xmpmeta/>")  # not what would be written
    await wired.bucket.changed_from_outside()
    wired.ledger.unlink()
    assert (await wired.rebuild()).unknown == 0
    assert (await wired.verify(strict=True)).clean
    assert (await wired.sync(xmp=Naming.FULL)).sidecars == 1


@pytest.mark.parametrize("naming", Naming)
async def test_a_dry_run_says_how_many_the_run_then_writes(bucket: Bucket, tmp_path: Path, naming: Naming) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)

        async def told_and_written() -> tuple[int, int]:
            told = await wired.sync(xmp=naming, full=True, dry_run=True)
            return told.sidecars, (await wired.sync(xmp=naming, full=True)).sidecars

        assert await told_and_written() == (6, 6)
        assert await told_and_written() == (0, 0)
        rose = asset(wired, "rose.jpg")
        sim.world.set_caption(rose.image_key, "Grandma's rose")
        sim.world.replace_image(asset(wired, "tulip (2).jpg").image_key)  # its sidecar stays as it is
        sim.world.add_image(rose.album_key, "daisy.jpg")
        assert await told_and_written() == (2, 2)
    assert "        2  XMP sidecars to write" in summary_text(
        Outcome(summary=Summary(albums=1, sidecars=2)), dry_run=True
    )


@pytest.mark.parametrize("naming", Naming)
async def test_one_of_a_removed_photo_cannot_be_written_again(wired: Wired, naming: Naming) -> None:
    await wired.sync(xmp=naming)
    wired.sim.world.delete_image(asset(wired, "rose.jpg").image_key)
    await wired.sync()
    lost, other = (wired.bucket.path(f"{name}{'.jpg' * (naming is Naming.FULL)}.xmp") for name in ("rose", "tulip (2)"))
    lost.unlink()
    other.unlink()
    await wired.bucket.changed_from_outside()

    report = await wired.verify(repair=True)

    assert [key for key, _ in report.beyond_repair] == [f"{PREFIX}Garden/{lost.name}"]
    assert (report.queued, report.queued_sidecars) == (1, 1)
    assert (await wired.sync(xmp=naming)).sidecars == 1
    assert (await wired.verify(strict=True)).clean


async def test_they_follow_their_photos_names_and_the_way_they_are_named(wired: Wired) -> None:
    garden = asset(wired, "rose.jpg").album_key
    await wired.sync(xmp=Naming.FULL)
    wired.sim.world.delete_image(asset(wired, "tulip (2).jpg").image_key)
    wired.sim.world.rename_album(garden, "Park")
    await wired.sync(xmp=Naming.FULL, follow_renames=True)

    names = sorted(key.removeprefix(PREFIX) for key in sidecars(wired) if "/rose" in key or "/tulip" in key)
    assert names[-1] == "Park/rose.jpg.xmp"
    assert all(name.startswith("Garden/tulip") for name in names[:-1])  # a removed photo keeps its own
    assert b"SmugMug|Park" in sidecars(wired)[f"{PREFIX}Park/rose.jpg.xmp"]

    await wired.sync(xmp=Naming.STEM)
    assert f"{PREFIX}Park/rose.xmp" in sidecars(wired)
    assert f"{PREFIX}Park/rose.jpg.xmp" not in sidecars(wired)
    assert (await wired.verify(deep=1.0, strict=True)).clean
