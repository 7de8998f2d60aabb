"""With a folder as the store every use case does what it does with a bucket."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from smug2s3.errors import LedgerError
from smug2s3.rules.finding import BAD, GOOD, NOTE
from smug2s3.stores.local.folder import HIDDEN
from smugmug_simulator import Simulator, worlds
from tests.support.bucket import PREFIX, Bucket, md5_of
from tests.support.wired import Wired, kinds

ROSE = f"{PREFIX}Garden/rose.jpg"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The folder everything goes to."""
    folder = tmp_path / "disk" / "photos"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
async def wired(bucket: Bucket, archive: Path, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account and the folder."""
    place = {
        "S3_ENDPOINT_URL": archive.parent.as_uri(),
        "S3_BUCKET": archive.name,
        "S3_ACCESS_KEY": "",
        "S3_SECRET_KEY": "",
    }
    async with Simulator(worlds.tiny()) as sim:
        yield Wired(sim, bucket, tmp_path, place)


def garden(wired: Wired) -> str:
    """The key of that album."""
    return next(one.album_key for one in wired.sim.world.assets() if one.file_name == "rose.jpg")


def files(archive: Path) -> set[str]:
    """What a person sees there."""
    shown = (path.relative_to(archive) for path in archive.rglob("*") if path.is_file())
    return {path.as_posix() for path in shown if path.parts[0] != HIDDEN}


async def test_a_file_has_the_time_of_its_picture_and_another_time_is_no_damage(wired: Wired, archive: Path) -> None:
    await wired.sync()
    lake, rose = archive / PREFIX / "Family/Summer 2019/IMG_0001.JPG", archive / ROSE
    assert lake.stat().st_mtime == datetime.fromisoformat("2019-07-01T10:30:00").timestamp()
    uploaded = next(one.uploaded for one in wired.sim.world.images(garden(wired)) if one.file_name == "rose.jpg")
    assert rose.stat().st_mtime == int(uploaded.timestamp())

    os.utime(rose, (1, 1))

    assert (await wired.verify(deep=1.0, source=True)).clean
    assert (await wired.sync(full=True)).moved == 0


async def test_a_raw_file_lies_beside_its_photo_and_has_its_time(wired: Wired, archive: Path) -> None:
    rose = next(one for one in wired.sim.world.assets() if one.file_name == "rose.jpg")
    raw = wired.sim.world.add_component(rose.image_key, "rose.CR2")

    await wired.sync()

    photo, beside = archive / ROSE, archive / ROSE.replace("jpg", "CR2")
    assert (md5_of(beside), beside.stat().st_mtime) == (raw.content.md5, photo.stat().st_mtime)
    assert (await wired.verify(deep=1.0, source=True)).clean


async def test_a_check_of_a_good_folder_leaves_it_as_it_was(wired: Wired, archive: Path) -> None:
    archive.chmod(0o700)

    found = await wired.check()

    grades = {name: finding.grade for name, finding in found.items()}
    assert [name for name, grade in grades.items() if grade == BAD] == []
    for name in ("sign-in", "write and read", "list", "metadata", "access"):
        assert grades[name] == GOOD, found[name]
    assert "GB" in found["free space"].meaning
    assert list(archive.iterdir()) == []

    archive.chmod(0o755)
    assert (await wired.check())["access"].grade == NOTE


async def test_what_a_killed_check_left_is_deleted_by_one_an_hour_later(wired: Wired, archive: Path) -> None:
    old, young = (archive / "smugmug" / f".smug2s3-check-{digit * 12}" / "odd name.jpg" for digit in "ab")
    for left, age in ((old, 4_000), (young, 60)):
        left.parent.mkdir(parents=True)
        left.write_bytes(b"smug2s3")
        os.utime(left, (time.time() - age,) * 2)

    await wired.check()

    assert (old.parent.exists(), young.exists()) == (False, True)


async def test_a_check_of_a_folder_that_cannot_be_written_says_so(wired: Wired, archive: Path) -> None:
    (archive / HIDDEN).write_bytes(b"in the way")

    found = (await wired.check())["write and read"]

    assert found.grade == BAD
    assert "sync will fail" in found.meaning


async def test_a_second_run_copies_nothing_and_a_changed_caption_only_its_record(wired: Wired, archive: Path) -> None:
    assert (await wired.sync()).moved == 6
    before = (archive / ROSE).stat()
    assert (await wired.sync()).moved == 0

    rose = next(one for one in wired.sim.world.assets() if one.file_name == "rose.jpg")
    wired.sim.world.set_caption(rose.image_key, "Die schönste")
    summary = await wired.sync(full=True)

    assert (summary.moved, summary.described) == (0, 1)
    after = (archive / ROSE).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (await wired.verify(heads=True, deep=1.0)).clean


async def test_a_renamed_file_is_copied_to_its_new_name_and_leaves_no_empty_folder(wired: Wired, archive: Path) -> None:
    await wired.sync()
    rose = next(one for one in wired.sim.world.assets() if one.file_name == "rose.jpg")
    wired.sim.world.rename_album(rose.album_key, "Park")

    summary = await wired.sync(full=True, follow_renames=True)

    assert summary.renamed > 0
    assert f"{PREFIX}Park/rose.jpg" in files(archive)
    assert not (archive / PREFIX / "Garden").exists()
    assert (await wired.verify(heads=True, deep=1.0)).clean


async def test_a_certificate_names_the_folder_and_its_manifest_can_be_checked_there(
    wired: Wired, archive: Path
) -> None:
    await wired.sync()

    report = await wired.verify(source=True, certify=True)

    assert report.clean
    (certificate,) = wired.certificates
    assert certificate.place.startswith(f"folder {archive}")
    process = await asyncio.create_subprocess_exec(
        "md5sum", "--check", "--quiet", "manifest-md5.txt", cwd=archive / PREFIX
    )
    assert await process.wait() == 0


async def test_a_lost_ledger_is_rebuilt_from_the_folder_even_without_its_hidden_folder(
    wired: Wired, archive: Path
) -> None:
    await wired.sync()
    wired.ledger.unlink()
    shutil.rmtree(archive / HIDDEN)

    found = await wired.rebuild()

    assert (found.albums, found.files, found.doubtful, found.unknown) == (3, 6, 0, 0)
    assert (await wired.verify()).clean
    assert (await wired.sync(full=True)).moved == 0
    assert set(kinds(await wired.verify(heads=True, repair=True)).values()) == {"pending"}
    assert (await wired.sync(full=True)).described == 6
    assert (await wired.verify(heads=True)).clean


async def test_a_ledger_belongs_to_one_folder(wired: Wired, archive: Path) -> None:
    await wired.sync()
    other = archive.parent.with_name("other")
    (other / archive.name).mkdir(parents=True)
    wired.changes["S3_ENDPOINT_URL"] = other.as_uri()

    with pytest.raises(LedgerError, match="is for store"):
        await wired.sync()

    assert list((other / archive.name).iterdir()) == []


async def test_a_file_that_cannot_be_stored_does_not_keep_the_others(wired: Wired, archive: Path) -> None:
    (archive / ROSE).mkdir(parents=True)
    (archive / ROSE / "mine.txt").write_bytes(b"mine")

    summary = await wired.sync()

    assert (summary.moved, summary.failed) == (5, 1)
    assert "it is the folder of" in summary.items[0]["reason"]
    assert [path.name for path in (archive / ROSE).iterdir()] == ["mine.txt"]
