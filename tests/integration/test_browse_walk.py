"""Whole archives walked through in a real browser, from a bucket, from a folder without a ledger, and as files."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from smug2s3.ledger import lookup
from smug2s3.ledger.held import ignore
from smugmug_simulator import Simulator
from smugmug_simulator.demo import demo
from tests.support.browser import Tab, tab
from tests.support.browsing import Archive, browsing
from tests.support.servers import LocalS3
from tests.support.walk import Walked, walk
from tests.support.wired import Wired

EXPECTED = ("the server responded with a status of 404", "the server responded with a status of 410")
"""What Chromium says by itself of a picture that is not there."""
FETCHED = """fetch(%r).then(answer => answer.blob()).then(blob => new Promise(done => {
    const reader = new FileReader(); reader.onload = () => done(reader.result.split(',')[1]); reader.readAsDataURL(blob) }))"""


@pytest.fixture(scope="module")
def demonstrated(s3: LocalS3, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The demo's account, copied."""
    world, bucket, home = demo(), s3.new_bucket(), tmp_path_factory.mktemp("demo")

    async def copied() -> Archive:
        async with Simulator(world) as sim:
            wired = Wired(sim, bucket, home)
            await wired.sync()
            return Archive(world, bucket, wired.settings)

    return asyncio.run(copied())


@pytest.fixture
async def page(browser: str) -> AsyncIterator[Tab]:
    """A tab that has nothing to complain of at its end."""
    async with tab(browser) as opened:
        yield opened
        assert [one for one in opened.complaints if not any(text in one for text in EXPECTED)] == []


async def browsed(page: Tab, archive: Archive, **changes: object) -> Walked:
    """A walk through what `browse` shows."""

    async def download(address: str) -> bytes:
        return base64.b64decode(await page.run(FETCHED % address))

    async with browsing(archive.settings, cookie=False, changes=changes) as visitor:
        await page.show(visitor.address)
        await page.arrive("document.querySelector('.tiles')")
        return await walk(page, f"{visitor.origin}/", download)


def files_of(archive: Archive) -> tuple[int, int, set[bytes]]:
    """How many albums with items and items the ledger has, and the contents of all files."""
    ledger = archive.settings.ledger_path
    keys = [album.key for album in lookup.albums(ledger, ignore)]
    items = [file["album_key"] for file in lookup.files_of(ledger, ignore, keys) if "+" not in file["image_key"]]
    return (
        len(set(items)),
        len(items),
        {path.read_bytes() for path in archive.bucket.folder.rglob("*") if path.is_file()},
    )


async def test_the_hostile_account_is_walked_through_from_the_bucket(page: Tab, archive: Archive) -> None:
    albums, items, contents = files_of(archive)
    seen = await browsed(page, archive)
    assert (seen.albums, seen.items) == (albums, items)
    assert seen.drawn >= 5
    assert set(seen.downloads) <= contents


async def test_the_hostile_account_is_walked_through_in_a_folder_without_a_ledger(page: Tab, archive: Archive) -> None:
    seen = await browsed(page, archive, **archive.in_a_folder)
    assert seen.drawn >= 5
    assert set(seen.downloads) <= files_of(archive)[2]


async def test_the_demo_is_walked_through_from_the_bucket(page: Tab, demonstrated: Archive) -> None:
    albums, items, contents = files_of(demonstrated)
    seen = await browsed(page, demonstrated)
    assert (seen.albums, seen.items) == (albums, items)
    assert seen.drawn >= 4 * albums
    assert set(seen.downloads) <= contents


async def test_the_gallery_of_the_hostile_account_is_walked_through_from_the_disk(
    page: Tab, archive: Archive, tmp_path: Path
) -> None:
    async with Simulator(archive.world) as sim:
        wired = Wired(sim, archive.bucket, Path(archive.settings.ledger_path).parent)
        await wired.get(tmp_path / "home")
        await wired.gallery(tmp_path / "home")

    async def download(address: str) -> bytes:
        at = await page.run(f"new URL({address!r}, location).href")
        return Path(unquote(urlsplit(at).path)).read_bytes()

    seen = await walk(page, (tmp_path / "home" / "index.html").as_uri(), download)
    assert seen.albums == files_of(archive)[0]
    assert seen.drawn >= 5
    assert set(seen.downloads) <= files_of(archive)[2]
