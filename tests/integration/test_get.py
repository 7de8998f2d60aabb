"""`get` fills a folder: what is chosen, skipped, continued, replaced, renamed and refused."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from smug2s3.engine import album_files, fetch
from smug2s3.errors import INTERRUPTED, TargetUnusable, UsageError
from smug2s3.ledger.lock import locked
from smug2s3.models import Collecting
from smug2s3.rules.filter_parsing import span
from smug2s3.rules.filters import Filters
from smug2s3.rules.homecoming import PART, Times
from smug2s3.rules.xmp import Naming
from smug2s3.stores.local import home as home_folder
from smug2s3.stores.local.home_files import PartFile
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo, noise_video
from smugmug_simulator.model import Quirk
from tests.support.bucket import PREFIX, SIDECAR, Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.home import files, md5, seconds, stored, zipped
from tests.support.machine import machine_for
from tests.support.wired import Wired

ONE, OTHER = noise_photo(1, 5_000), noise_photo(2, 5_000)


@pytest.fixture
async def wired(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account, copied."""
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        yield wired


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where it comes to."""
    return tmp_path / "Pictures"


async def test_a_file_has_the_time_when_it_was_taken_or_uploaded(wired: Wired, home: Path) -> None:
    document = json.loads(wired.bucket.path(f"Summer 2019/{SIDECAR}").read_bytes())
    uploads = {item["key"].removeprefix(PREFIX): item["image"]["DateTimeUploaded"] for item in document["items"]}
    uploaded = {path: int(datetime.fromisoformat(moment).timestamp()) for path, moment in uploads.items()}
    lake = "Family/Summer 2019/IMG_0001.JPG"
    by_camera = int(datetime.fromisoformat("2019-07-01T10:30:00").timestamp())
    summer = Filters(albums=("Summer*",))

    await wired.get(home, filters=summer)
    assert seconds(home) == uploaded | {lake: by_camera}

    os.utime(home / lake, (1, 1))  # a time is no damage
    again = await wired.get(home, filters=summer)
    assert (again.copied, seconds(home)[lake]) == (0, by_camera)

    await wired.get(home, filters=summer, times=Times.UPLOADED)
    assert seconds(home) == uploaded

    os.utime(home / lake, (1, 1))
    await wired.get(home, filters=summer, times=Times.NONE)
    assert seconds(home)[lake] == 1


@pytest.mark.parametrize("ledger", [True, False])
async def test_filters_choose_what_comes_and_change_no_names(wired: Wired, home: Path, ledger: bool) -> None:
    if not ledger:
        wired.ledger.unlink()
    whole = stored(wired.bucket)
    for filters, ending in (
        (Filters(folders=("family",)), ("Summer 2019/IMG_0001.JPG", "IMG_0002.JPG", "MVI_0003.mp4")),
        (Filters(files=("*.mov",)), ("MVI_0003.mp4",)),
        (Filters(photos=False), ("MVI_0003.mp4",)),
        (Filters(keywords=("LAKE",)), ("IMG_0001.JPG",)),
        (Filters(taken=span("taken", "2019", "2019-07")), ("IMG_0001.JPG",)),
        (Filters(exclude_albums=("*/summer 2019", "Scans")), ("rose.jpg", "tulip (2).jpg")),
    ):
        shutil.rmtree(home, ignore_errors=True)
        summary = await wired.get(home, filters=filters)
        assert files(home) == {path: found for path, found in whole.items() if path.endswith(ending)}
        assert summary.copied == len(files(home))

    with pytest.raises(UsageError, match=r"no album matches Gardn \(--album\)") as refused:
        await wired.get(home, filters=Filters(albums=("Gardn",)))
    assert refused.value.hint == "Did you mean 'Garden'?"


async def test_sidecars_are_made_of_todays_words_and_what_another_program_wrote_is_kept(
    wired: Wired, home: Path
) -> None:
    lake, caption = "Family/Summer 2019/IMG_0001.JPG", "The lake at noon"
    first = await wired.get(home, xmp=Naming.STEM, filters=Filters(files=("IMG_0001*",)))
    assert (first.copied, first.sidecars) == (1, 1)
    assert set(files(home)) == {lake, "Family/Summer 2019/IMG_0001.xmp"}
    beside = home / "Family/Summer 2019/IMG_0001.xmp"
    assert b"The lake</rdf:li>" in beside.read_bytes()

    theirs = beside.read_bytes().replace(b"The lake", b"Loch Ness")
    beside.write_bytes(theirs)
    key = next(one.image_key for one in wired.sim.world.assets() if one.file_name == "IMG_0001.JPG")
    wired.sim.world.set_caption(key, caption)
    await wired.sync(full=True)
    again = await wired.get(home, xmp=Naming.STEM, dry_run=True)
    assert (again.copied, again.sidecars) == (5, 6)
    await wired.get(home, xmp=Naming.STEM)
    assert caption.encode() in beside.read_bytes()
    assert beside.with_stem("IMG_0001-before").read_bytes() == theirs
    assert (await wired.get(home, xmp=Naming.STEM)).sidecars == 0


async def test_sidecars_need_the_album_files_of_wanted_albums_only_and_without_one_the_photos_come_all_the_same(
    wired: Wired, proxy: FaultProxy, home: Path
) -> None:
    wired.changes["S3_ENDPOINT_URL"] = proxy.endpoint
    asked: set[str] = set()

    def note(album: str) -> StoreFault:
        def when(_: Mapping[str, str]) -> bool:
            asked.add(album)
            return False

        return StoreFault(action="answer", method="GET", path=f"*{album}*{SIDECAR}*", when=when)

    proxy.script(*[note(album) for album in ("Garden", "Summer", "Scans")])
    wired.bucket.path(f"Garden/{SIDECAR}").write_bytes(b"")
    await wired.bucket.changed_from_outside()

    summary = await wired.get(home, xmp=Naming.FULL, filters=Filters(albums=("Garden", "Scans")))

    assert asked == {"Garden", "Scans"}
    assert (summary.copied, summary.sidecars) == (3, 1)
    assert {path for path in files(home) if path.startswith("Garden")} == {"Garden/rose.jpg", "Garden/tulip (2).jpg"}
    assert [problem.partition(": ")[0] for problem in summary.problems] == [f"{PREFIX}Garden/{SIDECAR}"]
    wired.ledger.unlink()
    without = await wired.get(home.with_name("without"), xmp=Naming.FULL)
    assert [problem.partition(": ")[2] for problem in without.problems] == [
        "it is not an _album.json of smug2s3, or it is damaged"
    ]


async def test_what_differs_is_copied_again_and_what_was_there_is_kept(wired: Wired, home: Path) -> None:
    await wired.get(home)
    (home / "Garden" / "rose.jpg").write_bytes(b"edited by hand")
    (home / "Scans").joinpath(next(iter((home / "Scans").iterdir())).name).unlink()

    summary = await wired.get(home)

    assert summary.copied == 2
    assert files(home) == stored(wired.bucket) | {"Garden/rose-before.jpg": md5(b"edited by hand")}
    assert summary.kept == 1
    assert {
        "path": "Garden/rose.jpg",
        "state": "kept",
        "reason": "another file had this name; it is now rose-before.jpg",
    } in (summary.items)


async def test_a_dry_run_says_what_is_missing_and_writes_nothing(wired: Wired, home: Path) -> None:
    summary = await wired.get(home, dry_run=True)

    assert (summary.copied, summary.bytes > 0) == (len(stored(wired.bucket)), True)
    assert not home.exists()


@pytest.mark.parametrize("links", [True, False])
async def test_a_photo_of_two_albums_is_one_file_with_two_names_or_two_where_a_disk_has_no_links(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    world = World("mine")
    image = world.add_image(world.add_album("First"), "a.jpg", ONE)
    second = world.add_album("Second")
    world.add_image(second, "a.jpg", OTHER)
    world.collect_image(second, image)
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync(collected=Collecting.REFERENCE)
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(95, "not supported")))
    expected = {
        "First/a.jpg": ONE.md5,
        "Second/a.jpg": OTHER.md5,
        f"Second/a-{image}.jpg": ONE.md5,
    }
    for ledger in (True, False):
        home = tmp_path / f"home-{ledger}"
        summary = await wired.get(home)
        assert files(home) == expected
        assert (summary.copied, summary.linked) == (3, int(links))
        assert (home / "First/a.jpg").stat().st_nlink == 1 + links
        await wired.get(tmp_path / f"zip-{ledger}", zip=True)
        assert zipped(tmp_path / f"zip-{ledger}") == expected
        wired.ledger.unlink(missing_ok=True)


async def test_a_large_file_goes_on_where_it_broke_off_and_only_if_its_beginning_is_right(
    wired: Wired, proxy: FaultProxy, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_folder, "RESUMED", 20_000)
    wired.changes["S3_ENDPOINT_URL"] = proxy.endpoint
    video = "Family/Summer 2019/MVI_0003.mp4"
    data = wired.bucket.path("MVI_0003.mp4").read_bytes()
    part = home / f"{video}{PART}"
    part.parent.mkdir(parents=True)
    asked: list[str | None] = []

    def ask(headers: Mapping[str, str]) -> bool:
        asked.append(headers.get("range"))
        return False

    proxy.script(StoreFault(action="answer", method="GET", path="*MVI_0003*", when=ask))
    only = Filters(photos=False)

    part.write_bytes(data[:40_000])
    await wired.get(home, filters=only)
    assert files(home) == {video: md5(data)}
    assert wired.reporter.bytes_passed == len(data)
    assert asked == ["bytes=40000-"]

    (home / video).unlink()
    part.write_bytes(b"?" * 40_000)  # of another version, or damaged
    await wired.get(home, filters=only)
    assert files(home) == {video: md5(data)}
    assert not wired.reporter.retries, "the bucket is not to blame for what an earlier run left"

    (home / video).unlink()
    part.write_bytes(data)  # killed before it got its name
    await wired.get(home, filters=only)
    assert files(home) == {video: md5(data)}


async def test_a_large_file_comes_in_parts_side_by_side_and_goes_on_where_they_broke_off(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PART", 2_000_000)
    world, movie = World("mine"), noise_video(1, 20_000_000)
    world.add_image(world.add_album("Films"), "film.mp4", movie, is_video=True, format="MP4")
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
    wired.changes["S3_ENDPOINT_URL"] = proxy.endpoint
    asked: list[str | None] = []

    def ask(headers: Mapping[str, str]) -> bool:
        asked.append(headers.get("range"))
        return len(asked) == 6

    proxy.script(StoreFault(action="reset_midway", method="GET", path="*film*", when=ask))

    await wired.get(home)

    assert files(home) == {"Films/film.mp4": movie.md5}
    assert wired.reporter.bytes_passed == movie.size
    assert {f"bytes={start}-{start + 1_999_999}" for start in range(0, movie.size, 2_000_000)} <= set(asked)
    await wired.get(tmp_path / "zips", zip=True)
    assert zipped(tmp_path / "zips") == files(home)


async def test_a_zip_that_has_more_than_the_new_one_is_kept(wired: Wired, home: Path) -> None:
    summer = "Family/Summer 2019"
    await wired.get(home, zip=True, filters=Filters(videos=False))
    photos = zipped(home)
    with zipfile.ZipFile(home / "Garden.zip", "a") as archive:
        archive.writestr("notes.txt", b"mine")

    summary = await wired.get(home, zip=True)

    assert (summary.failed, summary.kept) == (0, 1)
    assert zipped(home) == stored(wired.bucket) | {
        path.replace("Garden/", "Garden-before/"): found for path, found in photos.items() if path.startswith("Garden/")
    } | {"Garden-before/notes.txt": md5(b"mine")}

    summary = await wired.get(home, zip=True, filters=Filters(photos=False))

    assert summary.kept == 1, "photos that the filters exclude now"
    assert {path: found for path, found in zipped(home).items() if path.startswith(f"{summer}-before/")} == {
        path.replace(f"{summer}/", f"{summer}-before/"): found
        for path, found in stored(wired.bucket).items()
        if path.startswith(f"{summer}/")
    }


async def test_bytes_that_are_not_what_was_stored_never_appear(wired: Wired, home: Path) -> None:
    path = wired.bucket.path("rose.jpg")
    path.write_bytes(path.read_bytes()[::-1])
    await wired.bucket.changed_from_outside()
    whole = {key: found for key, found in stored(wired.bucket).items() if key != "Garden/rose.jpg"}

    summary = await wired.get(home)

    assert (summary.failed, summary.copied) == (1, len(whole))
    assert "but MD5" in wired.reporter.failures["Garden/rose.jpg"]
    assert files(home) == whole
    earlier = home / "Garden.zip"
    with zipfile.ZipFile(earlier, "w") as archive:
        archive.comment = b"smug2s3"
        archive.writestr("rose.jpg", b"right then")
    assert (await wired.get(home, zip=True)).failed == 1
    assert zipped(home) == whole | {"Garden-before/rose.jpg": md5(b"right then")}


async def test_an_object_that_is_larger_than_recorded_is_not_read_to_its_end(
    wired: Wired, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = wired.bucket.path("rose.jpg")
    path.write_bytes(path.read_bytes() + bytes(30_000_000))
    await wired.bucket.changed_from_outside()
    written: list[int] = []
    write = PartFile.write

    def counted(part: PartFile, chunk: bytes) -> None:
        write(part, chunk)
        written.append(part.count)

    monkeypatch.setattr(PartFile, "write", counted)

    summary = await wired.get(home, filters=Filters(files=("rose*",)))

    assert (summary.failed, files(home)) == (1, {})
    assert "the bucket sent more than" in wired.reporter.failures["Garden/rose.jpg"]
    assert max(written) < 10_000_000


async def test_a_large_object_that_is_shorter_than_recorded_fails_and_leaves_no_file(
    wired: Wired, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PART", 20_000)
    path = wired.bucket.path("MVI_0003.mp4")
    path.write_bytes(path.read_bytes()[:40_000])
    await wired.bucket.changed_from_outside()

    summary = await wired.get(home, filters=Filters(photos=False))

    assert (summary.failed, files(home)) == (1, {})
    assert "is shorter than recorded (InvalidRange)" in wired.reporter.failures.popitem()[1]
    assert len(wired.reporter.retries) <= 1, "its end is certain, and no wait makes it longer"


@pytest.mark.parametrize("damage", [b"<html>gone</html>", b"[" * 200_000, b'{"album":' + b"\0" * 300_000])
async def test_a_damaged_album_file_is_named_and_the_rest_comes(
    wired: Wired, home: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    monkeypatch.setattr(album_files, "LARGEST", 250_000)
    wired.ledger.unlink()
    garden, summer = wired.bucket.path(f"Garden/{SIDECAR}"), wired.bucket.path(f"Summer 2019/{SIDECAR}")
    garden.write_bytes(damage)
    lines = summer.read_bytes().split(b"\n")
    lines = [line[:50] + damage[:99_000] if b"IMG_0002" in line else line for line in lines]
    summer.write_bytes(b"\n".join(lines))
    await wired.bucket.changed_from_outside()

    summary = await wired.get(home)

    assert sorted(problem.partition(": ")[0] for problem in summary.problems) == [
        f"{PREFIX}Family/Summer 2019/{SIDECAR}",
        f"{PREFIX}Garden/{SIDECAR}",
    ]
    assert files(home) == {
        path: found
        for path, found in stored(wired.bucket).items()
        if not path.startswith("Garden") and "0002" not in path
    }


async def test_the_album_files_alone_prove_what_smugmug_gives_no_md5_of(wired: Wired, home: Path) -> None:
    garden = wired.bucket.album("Garden")["album"]["AlbumKey"]
    wired.sim.world.add_image(garden, "lily.jpg", noise_photo(3, 5_000), quirks=frozenset({Quirk.NO_MD5}))
    await wired.sync()
    wired.ledger.unlink()
    lily, own = wired.bucket.path("Garden/lily.jpg"), wired.bucket.path(f"Garden/{SIDECAR}")
    lily.write_bytes(lily.read_bytes()[:-1] + b"?")
    await wired.bucket.changed_from_outside()

    summary = await wired.get(home)
    assert (summary.copied, summary.failed, summary.unrecorded) == (6, 1, 0)

    # As an earlier version wrote it, it says nothing of these bytes.
    document = json.loads(own.read_bytes())
    for item in document["items"]:
        del item["size"], item["md5"]
    own.write_text(json.dumps(document))
    await wired.bucket.changed_from_outside()
    summary = await wired.get(home)
    assert (summary.copied, summary.skipped, summary.failed, summary.unrecorded) == (1, 6, 0, 1)


async def test_an_album_whose_own_file_is_missing_is_named_but_nothing_else_that_is_there(
    wired: Wired, home: Path
) -> None:
    world = wired.sim.world
    garden = wired.bucket.album("Garden")["album"]["AlbumKey"]
    world.rename_album(garden, "Allotment")
    world.add_image(garden, "lily.jpg")
    rose = next(item["image"]["ImageKey"] for item in wired.bucket.album("Garden")["items"] if "rose" in item["key"])
    world.collect_image(wired.bucket.album("Summer 2019")["album"]["AlbumKey"], rose)
    await wired.sync(collected=Collecting.REFERENCE, xmp=Naming.FULL)
    top = wired.bucket.folder / PREFIX
    for name in ("notes.txt", "mine.jpg", "Holiday/mine.jpg", "Backup/disk.img", "_gallery/mine.jpg"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"mine")
    shutil.copytree(top, top / "Later")
    (top / f"Garden/{SIDECAR}").unlink(missing_ok=True)
    (top / f"Later/Allotment/{SIDECAR}").unlink()
    await wired.bucket.changed_from_outside()
    wired.ledger.unlink()

    assert (await wired.get(home)).problems == []

    (top / f"Allotment/{SIDECAR}").unlink()
    await wired.bucket.changed_from_outside()
    assert (await wired.get(home)).problems == [
        f"{PREFIX}{name}: it has no {SIDECAR}, and no other one names its {count}"
        for name, count in (("Allotment", "1 file"), ("Garden", "1 file"))
    ]
    assert (await wired.get(home, filters=Filters(albums=("Summer*",)))).problems == []


async def test_a_renamed_album_is_one_folder_whichever_of_its_files_is_read_first(wired: Wired, home: Path) -> None:
    node = next(node for node in wired.sim.world.album_nodes() if node.name == "Garden")
    assert node.album is not None
    wired.sim.world.rename_album(node.album.key, "Allotment")
    wired.sim.world.add_image(node.album.key, "lily.jpg")
    await wired.sync()
    expected = {"Allotment/rose.jpg", "Allotment/tulip (2).jpg", "Allotment/lily.jpg"}

    for place in (home, home.with_name("without")):
        await wired.get(place)
        assert {path for path in files(place) if "Family" not in path and "Scans" not in path} == expected
        wired.ledger.unlink(missing_ok=True)


async def test_a_bucket_without_any_album_file_is_no_archive(bucket: Bucket, tmp_path: Path, home: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        with pytest.raises(UsageError, match=f"there is no {SIDECAR} below {PREFIX}"):
            await Wired(sim, bucket, tmp_path).get(home)


async def test_a_folder_that_cannot_be_filled_is_refused_before_anything_is_written(wired: Wired, home: Path) -> None:
    home.write_bytes(b"a file")
    with pytest.raises(UsageError, match="is not a folder"):
        await wired.get(home)
    with pytest.raises(UsageError, match="there is no folder"):
        await wired.get(home.parent / "not" / "mounted")
    home.unlink()
    home.mkdir()
    with locked(str(home / ".smug2s3-get")), pytest.raises(UsageError, match="another smug2s3 is copying to"):
        await wired.get(home / "inside")


async def test_a_run_that_is_refused_leaves_no_empty_folder(wired: Wired, home: Path) -> None:
    with pytest.raises(UsageError, match="no album matches"):
        await wired.get(home, filters=Filters(albums=("Gardn",)))
    assert not home.exists()


async def test_a_dry_run_says_that_the_disk_has_no_room(
    wired: Wired, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000))

    await wired.get(home, dry_run=True)

    assert f"the disk of {home} has only 100 kB free" in wired.reporter.notes


async def test_a_full_disk_ends_the_run_in_one_sentence_and_leaves_whole_files_only(
    wired: Wired, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = PartFile.write

    def full(part: PartFile, chunk: bytes) -> None:
        if part.path.name.startswith("rose"):
            raise OSError(28, "No space left on device")
        write(part, chunk)

    monkeypatch.setattr(PartFile, "write", full)

    with pytest.raises(TargetUnusable, match=r"the disk of .* is full \(ENOSPC\)"):
        await wired.get(home)
    assert not list(home.rglob("*.part"))
    assert files(home).items() <= stored(wired.bucket).items()


async def test_a_disk_of_an_old_character_set_gets_names_that_it_takes_and_they_are_listed(
    wired: Wired, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch = Path.touch

    def latin(path: Path) -> None:
        if not path.name.isascii():
            raise OSError(22, "Invalid argument")
        touch(path)

    monkeypatch.setattr(Path, "touch", latin)

    summary = await wired.get(home)

    assert sorted(files(home).values()) == sorted(stored(wired.bucket).values())
    assert all(path.isascii() for path in files(home))
    assert summary.renamed == 1
    assert summary.items[0]["reason"] == "in the archive it is Scans/scan & copy 'A'~é!.jpg"


async def test_zips_are_split_where_that_is_asked_for(wired: Wired, home: Path) -> None:
    await wired.get(home, zip=True, zip_size=60_000, filters=Filters(folders=("Family",)))

    assert set(zipped(home)) == {
        "Family/Summer 2019 (part 1)/IMG_0001.JPG",
        "Family/Summer 2019 (part 1)/IMG_0002.JPG",
        "Family/Summer 2019 (part 2)/MVI_0003.mp4",
    }


async def test_a_folder_as_the_store_is_read_as_well(bucket: Bucket, tmp_path: Path, home: Path) -> None:
    archive = tmp_path / "disk" / "photos"
    archive.mkdir(parents=True)
    place = {"S3_ENDPOINT_URL": archive.parent.as_uri(), "S3_BUCKET": archive.name}
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path, place | {"S3_ACCESS_KEY": "", "S3_SECRET_KEY": ""})
        await wired.sync()
    whole = {
        path.relative_to(archive / PREFIX).as_posix(): md5(path.read_bytes())
        for path in (archive / PREFIX).rglob("*.*")
        if path.name != SIDECAR and path.is_file()
    }

    await wired.get(home)

    assert files(home) == whole
    with pytest.raises(UsageError, match="inside the folder that is the archive itself"):
        await wired.get(archive / PREFIX / "Garden")


async def test_what_is_archived_is_named_and_restored_on_request(wired: Wired, proxy: FaultProxy, home: Path) -> None:
    wired.changes["S3_ENDPOINT_URL"] = proxy.endpoint
    frozen = StoreFault(
        action="answer", method="GET", path="*rose.jpg*", status=403, code="InvalidObjectState", times=None
    )
    thawing = StoreFault(action="answer", method="POST", path="*rose.jpg*", status=202, body="", times=None)
    proxy.script(frozen, thawing)

    summary = await wired.get(home)

    assert (summary.archived, summary.restoring, summary.failed) == (1, 0, 0)
    assert summary.copied == len(stored(wired.bucket)) - 1
    assert proxy.count("POST", "*") == 0
    assert (await wired.get(home, restore_tier="bulk")).restoring == 1
    assert proxy.count("POST", "*rose.jpg*") == 1


async def test_killed_or_interrupted_it_leaves_no_half_file_and_goes_on(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    for name in ("a.jpg", "b.jpg"):
        world.add_image(world.add_album(f"Album {name}"), name, noise_photo(ord(name[0]), 30_000_000))
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        await machine.inside.sync()
    target, zips = machine.home / "Pictures", machine.home / "ZIPs"

    assert (
        await machine.killed_when(_grown(target, 8_500_000), "get", str(target), "--bwlimit", "16M") == -signal.SIGKILL
    )
    assert {path.suffix for path in target.rglob("*") if path.is_file()} <= {".part", ".lock"}

    async with machine.started("get", str(zips), "--zip", "--bwlimit", "16M") as process:
        await _grown(zips, 1_000_000)
        process.send_signal(signal.SIGINT)
        ran = await machine.ended(process)
    assert ran.code == INTERRUPTED
    assert "finished ZIPs are kept. Run the same command again to continue." in ran.err
    assert ran.out.startswith("Copied no files")
    assert not [path for path in zips.rglob("*") if path.is_file()]

    wired = machine.inside
    await wired.get(target)
    await wired.get(zips, zip=True)
    assert files(target) == zipped(zips) == stored(bucket)


async def _grown(folder: Path, size: int) -> None:
    """Return when a `.part` there has so many bytes."""
    while not any(path.stat().st_size >= size for path in folder.rglob("*.part")):
        await asyncio.sleep(0.005)
