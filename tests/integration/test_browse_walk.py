"""Whole archives walked through in a real browser, from a bucket, from a folder without a ledger, and as files."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from smug2s3.ledger.catalogue import LedgerCatalogue
from smug2s3.rules.viewing import Item
from smugmug_simulator import Simulator
from smugmug_simulator.demo import demo
from tests.support.browser import Tab, tab
from tests.support.browsing import Archive, browsing
from tests.support.servers import LocalS3
from tests.support.walk import FETCHED, Walked, walk
from tests.support.wired import Wired

EXPECTED = ("the server responded with a status of 404", "the server responded with a status of 410")
"""What Chromium says by itself of a picture that is not there."""


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
    """A tab in which no page has anything to complain of."""
    async with tab(browser, network=False) as opened:
        yield opened
        complaints = opened.complained + opened.complaints
        assert [one for one in complaints if not any(text in one for text in EXPECTED)] == []


@dataclass(slots=True)
class Visit:
    """A walk through what `browse` shows, and what it printed before."""

    walked: Walked
    notes: list[str]


async def browsed(page: Tab, archive: Archive, **changes: object) -> Visit:
    """From the address that is printed."""

    async def download(address: str) -> bytes:
        return base64.b64decode(await page.run(FETCHED % address))

    async with browsing(archive.settings, cookie=False, changes=changes) as visitor:
        await page.show(visitor.address)
        await page.arrive("document.querySelector('.tiles')")
        return Visit(await walk(page, f"{visitor.origin}/", download), visitor.notes)


def items_of(archive: Archive) -> list[Item]:
    """All that the ledger has."""
    catalogue = LedgerCatalogue(archive.settings.ledger_path)
    return [item for album in catalogue.albums() for item in catalogue.items(album.key)]


def pages_of(items: Iterable[Item]) -> list[str]:
    """Where they lead from an album."""
    return sorted(f"/photo/{one.album_key}/{one.image_key}" for one in items)


def has_all(seen: Walked, archive: Archive, items: list[Item]) -> None:
    """Every item once, and an original as it is stored."""
    assert sorted(map(unquote, seen.items)) == pages_of(items)
    assert seen.albums == len({one.album_key for one in items})
    contents_are_right(seen, archive)


def contents_are_right(seen: Walked, archive: Archive) -> None:
    """What was downloaded is in the archive."""
    assert seen.downloads
    assert set(seen.downloads) <= {path.read_bytes() for path in archive.bucket.files().values()}


async def test_the_hostile_account_is_walked_through_from_the_bucket(page: Tab, archive: Archive) -> None:
    visit = await browsed(page, archive)
    has_all(visit.walked, archive, items_of(archive))
    assert visit.walked.drawn >= 5


async def test_the_hostile_account_is_walked_through_in_a_folder_without_a_ledger(page: Tab, archive: Archive) -> None:
    visit = await browsed(page, archive, **archive.in_a_folder)
    assert visit.notes[0] == "there is no ledger, so every _album.json is read"
    # Only a ledger knows what is not stored.
    has_all(visit.walked, archive, [one for one in items_of(archive) if one.stored])
    assert visit.walked.drawn >= 5


async def test_the_demo_is_walked_through_from_the_bucket(page: Tab, demonstrated: Archive) -> None:
    visit = await browsed(page, demonstrated)
    has_all(visit.walked, demonstrated, items_of(demonstrated))
    assert visit.walked.drawn >= 4 * visit.walked.albums


async def test_the_demo_is_walked_through_in_a_folder_with_its_ledger(
    page: Tab, demonstrated: Archive, tmp_path: Path
) -> None:
    visit = await browsed(page, demonstrated, **kept_in_a_folder(demonstrated, tmp_path / "ledger.db"))
    assert visit.notes == []
    has_all(visit.walked, demonstrated, items_of(demonstrated))
    assert visit.walked.drawn >= 4 * visit.walked.albums


def kept_in_a_folder(archive: Archive, ledger: Path) -> dict[str, object]:
    """Settings that take the same files as a folder, with the ledger that copying them there would have left."""
    endpoint = archive.bucket.folder.parent.as_uri()
    with (
        closing(sqlite3.connect(archive.settings.ledger_path)) as source,
        closing(sqlite3.connect(ledger)) as target,
    ):
        source.backup(target)
        with target:
            target.execute("UPDATE about SET value = ? WHERE name = 'store'", (endpoint,))
    return {"endpoint": endpoint, "ledger_path": str(ledger)}


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
    assert seen.albums == len({one.album_key for one in items_of(archive)})
    assert seen.drawn >= 5
    contents_are_right(seen, archive)
