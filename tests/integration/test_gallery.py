"""`gallery` writes pages that need nothing else: every address on them leads to a file beside them, in a folder or in the bucket."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from PIL import Image

from smug2s3.errors import PrefixTaken, TargetUnusable, UsageError
from smug2s3.ledger.lock import locked
from smug2s3.rules import viewing
from smug2s3.rules.filters import Filters
from smug2s3.rules.gallery_pages import is_page
from smug2s3.stores.s3 import S3Store
from smug2s3.viewer import gallery, thumbnails
from smug2s3.viewer.spool import Spool
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import Literal, noise_photo
from smugmug_simulator.pictures import Picture
from tests.support.bucket import PREFIX, Bucket
from tests.support.home import files
from tests.support.wired import Wired, kinds
from tests.support.written_pages import WrittenPage, addresses_told, astray


def pages_of(top: Path) -> dict[str, WrittenPage]:
    """Every page below a folder."""
    return {
        path.relative_to(top).as_posix(): WrittenPage(path) for path in sorted(top.rglob("*.html")) if is_ours(path)
    }


def is_ours(path: Path) -> bool:
    return path.name == "index.html" or "_gallery" in path.parts


def assert_whole(top: Path) -> None:
    """Nothing on the pages leads elsewhere, or to what is not there."""
    pages = pages_of(top)
    for page in pages.values():
        assert astray(page.path, page.addresses) == []
        assert len(page.told) <= viewing.TILES
    for path in top.glob("_gallery/search/items-*.js"):
        said = json.loads(path.read_text(encoding="utf-8").partition(", ")[2].removesuffix(");\n"))
        assert len(said["tiles"]) == len(said["told"]) <= 100
        assert astray(top / "_gallery/search.html", addresses_told(said["told"])) == []


def searched(top: Path) -> set[str]:
    """All words of the index."""
    parts = top.glob("_gallery/search/w*.js")
    return {word for path in parts for word in json.loads(path.read_text(encoding="utf-8").partition(", ")[2][:-3])}


async def test_the_hostile_account_can_be_looked_at_from_a_folder_alone(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "Pictures"
    for module in (viewing, gallery):
        monkeypatch.setattr(module, "TILES", 200)
    async with Simulator(worlds.hostile()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await wired.get(home)
        copied = files(home)

        first = await wired.gallery(home)

        assert_whole(home)
        pages = pages_of(home)
        shown = [one for path, page in pages.items() if "/albums/" in path for one in page.told]
        assert {one["original"] for one in shown if one.get("original")}
        assert first.missing == 0
        assert len([one for one in shown if one.get("original")]) == first.items
        assert len([one for one in shown if one.get("missing")]) == len(shown) - first.items > 0
        assert [path for path in pages if path.endswith("/2.html")]  # of the long album
        assert sum(len(page.told) for path, page in pages.items() if "/dates/" in path) == first.items
        assert {"b", "bold", "写写", "etc", "sunny"} <= searched(home)
        assert copied.items() <= files(home).items()  # no file of `get` was touched

        before = {path: (home / path).stat().st_mtime_ns for path in files(home)}
        assert (await wired.gallery(home)).changed == 0
        assert {path: (home / path).stat().st_mtime_ns for path in files(home)} == before


async def test_a_changed_caption_changes_only_its_own_pages_and_what_is_left_over_goes(
    bucket: Bucket, tmp_path: Path
) -> None:
    home = tmp_path / "Pictures"
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await wired.get(home)
        await wired.gallery(home)
        before = files(home)
        image = next(one for one in sim.world.stored_images() if one.file_name == "IMG_0001.JPG")

        sim.world.set_caption(image.key, "A <b>kingfisher</b>")
        await wired.sync(full=True)
        await wired.gallery(home)

        changed = {path for path, digest in files(home).items() if before.get(path) != digest}
        assert {path.split("/")[1] for path in changed} == {"albums", "dates", "search", "pages.json"}
        assert len([path for path in changed if path.endswith(".html")]) == 2
        assert "kingfisher" in searched(home)

        (home / "_gallery/albums/left-over").mkdir()
        (home / "_gallery/albums/left-over/index.html").write_text("old")
        listed = json.loads((home / "_gallery/pages.json").read_bytes())
        listed["pages"]["_gallery/albums/left-over/index.html"] = "0"
        photo = next(path for path in before if path.endswith("IMG_0001.JPG"))
        listed["pages"][photo] = "0"  # of a damaged list nothing but pages is removed
        (home / "_gallery/pages.json").write_text(json.dumps(listed))
        await wired.gallery(home)
        assert not (home / "_gallery/albums/left-over").exists()
        assert (home / photo).exists()
        assert_whole(home)


async def test_pages_in_the_bucket_lead_to_its_objects_and_are_no_part_of_the_archive(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        archive = set(bucket.files())

        first = await wired.gallery(None)
        assert_whole(bucket.folder / PREFIX)
        added = set(bucket.files()) - archive
        assert added
        assert all(map(is_page, added))
        assert (await wired.gallery(None)).changed == 0

        await bucket.changed_from_outside()
        report = await wired.verify()
        assert kinds(report) == {}
        wired.ledger.unlink()
        assert (await wired.gallery(None)).changed == 0  # made of every `_album.json`, they are the same
        assert (await wired.rebuild()).unknown == 0
        home = tmp_path / "Pictures"
        await wired.get(home)
        assert not (home / "_gallery").exists()
        assert first.items == len(files(home))

        wired.ledger.unlink()
        for path in (bucket.folder / PREFIX).glob("[!_]*"):
            path.rename(path.with_name(f"a {path.name}"))  # now they are listed after the pages
        await bucket.changed_from_outside()
        monkeypatch.setattr(S3Store, "glance", _up_to_the_first_photo)
        with pytest.raises(PrefixTaken, match="already contains an archive of this account"):
            await wired.sync()


async def test_what_is_not_in_the_folder_is_shown_as_missing_and_a_folder_without_the_archive_is_refused(
    bucket: Bucket, tmp_path: Path
) -> None:
    home = tmp_path / "Pictures"
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        with pytest.raises(UsageError, match="there is no folder"):
            await wired.gallery(home)
        home.mkdir()
        with pytest.raises(UsageError, match="none of the archive's files is in"):
            await wired.gallery(home)
        assert files(home) == {}

        await wired.get(home)
        lost = next(path for path in home.rglob("IMG_0001.JPG"))
        lost.unlink()
        summary = await wired.gallery(home)

        assert summary.missing == 1
        assert_whole(home)
        told = [one for page in pages_of(home).values() for one in page.told if one.get("missing")]
        assert {one["missing"] for one in told} >= {"Not in this folder"}

        with pytest.raises(UsageError, match="no album matches"):
            await wired.gallery(home, filters=Filters(albums=("Nothing*",)))
        some = await wired.gallery(home, filters=Filters(albums=("Summer*",)))
        assert some.albums == 1
        assert len(list(home.glob("_gallery/albums/*"))) == 1
        assert_whole(home)

        (home / "index.html").write_text("mine")
        shutil.rmtree(home / "_gallery")
        await wired.gallery(home)
        assert (home / "index.html").read_text() == "mine"
        assert_whole(home / "_gallery")


async def test_a_run_that_ends_early_leaves_whole_pages_and_the_next_one_makes_the_rest(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other = tmp_path / "Pictures", tmp_path / "Other"
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await wired.get(home)
        await wired.get(other)
        await wired.gallery(other)

        with locked(str(home / ".smug2s3-get")), pytest.raises(UsageError, match="another smug2s3 is copying to"):
            await wired.gallery(home)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", _full)
            with pytest.raises(TargetUnusable, match="is full"):
                await wired.gallery(home)
        with monkeypatch.context() as patched:
            patched.setattr(Spool, "add", lambda *_: _no_room())
            with pytest.raises(TargetUnusable, match="is full"):
                await wired.gallery(home)
        assert pages_of(home) == {}

        seen: list[str] = []

        def stop(text: str) -> None:
            seen.append(text)
            if len(seen) == 2:
                current = asyncio.current_task()
                assert current is not None
                current.cancel()

        with pytest.raises(asyncio.CancelledError):
            await wired.gallery(home, advance=stop)
        assert 0 < len(pages_of(home)) < len(pages_of(other))
        assert not [path for path in files(home) if path.endswith(".part") or ".work" in path]

        await wired.gallery(home)
        assert files(home) == files(other)


async def _up_to_the_first_photo(store: S3Store, prefix: str) -> tuple[str, ...]:
    """A page of a listing that ends before its first `_album.json`, as that of many pages of an archive does."""
    listed = sorted([one.key async for page in store.list(prefix) for one in page])
    return tuple(listed[: next(place for place, key in enumerate(listed) if not is_page(key)) + 1])


def _no_room() -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _full(path: Path, target: Path) -> Path:
    if "_gallery" in path.parts:
        _no_room()
    os.replace(path, target)  # noqa: PTH105 - Path's own is the one that was replaced
    return target


async def test_small_pictures_are_made_once_of_what_is_large_or_no_browser_shows(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "Pictures"
    monkeypatch.setattr(thumbnails, "LIGHT", 3_000)
    world = World("pictures")
    album = world.add_album("Album")
    large = world.add_image(album, "large.jpg", Picture(1, "", None, 900, 600), width=900, height=600)
    world.add_image(album, "light.jpg", Picture(2, "", None, 20, 10), width=20, height=10)
    world.add_image(album, "broken.jpg", noise_photo(1, 5_000))
    scan = io.BytesIO()
    Image.new("RGB", (2000, 1000), "red").save(scan, "TIFF", compression="tiff_lzw")
    world.add_image(album, "scan.tif", Literal(scan.getvalue()), format="TIF", width=2000, height=1000)
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await wired.get(home)

        assert (await wired.gallery(home)).pictures == 3
        (page,) = [page for path, page in pages_of(home).items() if "/albums/" in path]
        told = {one["original"].rpartition("/")[2]: one for one in page.told}
        small, whole = (home / "_gallery/albums/x" / told["scan.tif"][name] for name in ("small", "src"))
        assert [size_of(path.resolve()) for path in (small, whole)] == [(480, 240), (1600, 800)]
        assert "thumbnails" in told["large.jpg"]["small"]
        assert told["large.jpg"]["src"].endswith("Album/large.jpg")
        assert told["light.jpg"]["small"] == told["light.jpg"]["src"]
        assert told["broken.jpg"]["small"].endswith("broken.jpg")  # the browser may know better
        assert_whole(home)
        assert (await wired.gallery(home)).pictures == 0

        world.replace_image(large, Picture(5, "", None, 900, 600), touch_album=True)
        await wired.sync()
        await wired.get(home)
        assert (await wired.gallery(home)).pictures == 1
        assert len(list(home.glob("_gallery/thumbnails/*/*"))) == 3


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size
