"""A million items as a person meets them in a browser, from an S3 server and from a folder; `python -m tests.million` runs this."""

from __future__ import annotations

import base64
import io
import os
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest

from smug2s3.local_servers import s3_server
from tests.million.archive import BUCKET, ITEMS, Large, build
from tests.million.waiting import Waiting
from tests.support.browsed import Browsed, browsed
from tests.support.browser import Tab, chromium, running, tab
from tests.support.walk import FETCHED, FIRST, HEADING, IN_FULL, LISTED, OPENED, SEEN, SETTLED, look, walk

WITHOUT_LEDGER = 20_000
"""Every file is read, which takes 1.4 ms of processor time for each: a million would take half an hour."""

STORES = {"S3 server": ITEMS, "folder": ITEMS, "folder without a ledger": WITHOUT_LEDGER}

LONG = "A000000"
"""The album that has the most."""
MONTH = "2005-06"

NEAR = """[...document.querySelectorAll('.grid img')].filter(one => one.getBoundingClientRect().top < innerHeight + 2600)
    .map(one => one.src)"""
"""What Chromium may load of `loading=lazy`: 1,250 pixels below the window, 2,500 where it takes the connection for slow."""
FILM = "document.querySelector('.shot.video[data-number]')"
PLAYING = "document.querySelector('.pswp__item[aria-hidden=false] video')"
PLACE = "document.querySelector('.pswp__place')?.innerText"

EXPECTED = ("the server responded with a status of 404",)
"""What Chromium says by itself of a video, which has no small picture."""


class Visit(NamedTuple):
    """A person at an archive."""

    large: Large
    served: Browsed
    page: Tab
    waiting: Waiting
    downloads: Path
    stored_only: bool
    """Whether nothing is known of files that are not stored."""

    def file(self, image: str) -> bytes:
        """The stored bytes of an item, by where its tile leads."""
        album_key, image_key = unquote(image).split("/")[-2:]
        ((key,),) = self.large.rows(
            "SELECT key FROM assets WHERE album_key = ? AND image_key = ?", album_key, image_key
        )
        return (self.large.folder / str(key)).read_bytes()

    def known(self, condition: str, *values: object) -> list[str]:
        """Where the items lead that the ledger has, and the pages should."""
        rows = self.large.rows(
            "SELECT album_key, image_key FROM assets JOIN details USING (album_key, image_key)"
            f" WHERE {condition} AND state IN ('moved', ?)",
            *values,
            "" if self.stored_only else "failed",
        )
        return sorted(f"/photo/{album}/{image}" for album, image in rows)


@pytest.fixture(scope="session")
def browser() -> Iterator[str]:
    path = chromium()
    assert path, "there is no Chromium"
    with running(path) as address:
        yield address


@pytest.fixture(scope="session")
def worlds() -> Iterator[dict[int, Large]]:
    """An archive of each size."""
    items = int(os.environ.get("SMUG2S3_TEST_ITEMS", ITEMS))
    with tempfile.TemporaryDirectory(prefix="smug2s3-million-") as home:
        few = min(items, WITHOUT_LEDGER)
        yield {ITEMS: build(Path(home) / "all", items), WITHOUT_LEDGER: build(Path(home) / "few", few)}


@asynccontextmanager
async def visiting(store: str, large: Large, browser: str, downloads: Path) -> AsyncIterator[Visit]:
    """`browse` over the archive, and an empty page."""
    alone = "without" in store
    waiting = Waiting(store)
    place = {"S3_ENDPOINT_URL": large.buckets.as_uri(), "S3_BUCKET": BUCKET}
    place["LEDGER_PATH"] = str(large.home / "no-ledger.db" if alone else large.ledger)
    async with s3_server(large.buckets) as server, tab(browser) as page:
        if store == "S3 server":
            place |= {"S3_ENDPOINT_URL": server.endpoint, "S3_ACCESS_KEY": server.access_key}
            place["S3_SECRET_KEY"] = server.secret_key
        await page.keep_downloads(downloads)
        with ExitStack() as stack:
            with waiting.of("`browse` answers"):
                served = stack.enter_context(browsed(large.home, **place))
            stack.callback(lambda: waiting.end(served.peak_mb))
            yield Visit(large, served, page, waiting, downloads, alone)


@pytest.mark.parametrize("store", STORES)
async def test_a_large_archive_is_walked_searched_viewed_and_downloaded(
    worlds: dict[int, Large], browser: str, store: str, tmp_path: Path
) -> None:
    async with visiting(store, worlds[STORES[store]], browser, tmp_path) as visit:
        await the_first_page(visit)
        await the_longest_album(visit)
        await one_picture(visit)
        await a_selection(visit)
        await a_film(visit)
        await searches(visit)
        await dates(visit)
        await a_sample_of_all_folders(visit)
    assert visit.waiting.missed() == []


async def the_first_page(visit: Visit) -> None:
    page = visit.page
    with visit.waiting.of("the first page"):
        await page.show(visit.served.address)
        await page.arrive("document.querySelector('.tiles')")  # without the secret in its address
        await page.until(SEEN)
    with visit.waiting.of("the first page again"):
        seen = await look(page, f"{visit.served.origin}/")
    assert len(seen["tiles"]) == 1


def loaded(page: Tab) -> set[str]:
    """The small pictures it asked for since it was opened."""
    return {url for url in page.requests if "/small/" in url}


async def the_longest_album(visit: Visit) -> None:
    page, address = visit.page, f"{visit.served.origin}/album/{LONG}"
    with visit.waiting.of("an album of 5,000"):
        seen = await look(page, address)
    with visit.waiting.of("an album of 5,000 again"):
        seen = await look(page, address)
    everything = visit.known("album_key = ?", LONG)
    assert seen["items"] == everything[::-1][:500]  # the order of the gallery, not that of names
    assert loaded(page) <= set(await page.run(NEAR))
    assert seen["drawn"] <= len(loaded(page)) < 250
    with visit.waiting.of("the middle of its first page"):
        await page.run("scrollTo(0, document.body.scrollHeight / 2); 1")
        await page.until(SETTLED)
    assert len(loaded(page)) < 500
    last = await page.run("[...document.querySelectorAll('.pages ol a')].at(-1).href")
    with visit.waiting.of("its last page"):
        seen = await look(page, last)
    assert seen["items"] == everything[::-1][(len(everything) - 1) // 500 * 500 :]
    assert not seen["next"]


async def one_picture(visit: Visit) -> None:
    """By keyboard alone; the original comes as a file."""
    page = visit.page
    await look(page, f"{visit.served.origin}/album/{LONG}")
    await page.run(f"{FIRST}.focus(); 1")
    with visit.waiting.of("a picture on the whole screen"):
        await page.press("Enter", 13)
        await page.until(f"{OPENED} && {IN_FULL} > 0")
    number = int(await page.run(f"{FIRST}.dataset.number"))
    count = len(visit.known("album_key = ?", LONG))
    assert await page.run(PLACE) == f"{number + 1:,} of {count:,}"
    with visit.waiting.of("the next one"):
        await page.press("ArrowRight", 39)
        await page.until(f"{PLACE} === '{number + 2:,} of {count:,}' && {IN_FULL} > 0")
    with visit.waiting.of("its original"):
        await page.press("d", 68)
        body = await page.downloaded(visit.downloads)
    await page.press("Escape", 27)
    await page.until("!document.querySelector('.pswp')")
    assert await page.run("document.activeElement.dataset.number") == str(number + 1)
    assert body == visit.file(await page.run("document.activeElement.getAttribute('href')"))


async def a_selection(visit: Visit) -> None:
    """Of the pictures on a page, as a ZIP."""
    chosen = await visit.page.run(
        "[...document.querySelectorAll('.pick input')].slice(0, 20).map(one => (one.click(), one.value))"
    )
    with visit.waiting.of("a ZIP of twenty"):
        await visit.page.run("document.querySelector('.tools .some').click(); 1")
        body = await visit.page.downloaded(visit.downloads)
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        assert opened.testzip() is None
        found = sorted(opened.read(name) for name in opened.namelist())
    assert found == sorted(map(visit.file, chosen))


async def a_film(visit: Visit) -> None:
    """Plays, and goes on elsewhere."""
    page = visit.page
    await page.run(f"{FILM}.focus(); 1")
    with visit.waiting.of("a video plays"):
        await page.press("Enter", 13)
        await page.until(f"{OPENED} && {PLAYING}?.currentTime > 0.1 && {PLAYING}.videoWidth > 0")
    with visit.waiting.of("the video further on"):
        await page.run(f"{PLAYING}.pause(); {PLAYING}.currentTime = 1.5; 1")
        await page.until(f"!{PLAYING}.seeking && {PLAYING}.currentTime === 1.5 && {PLAYING}.readyState >= 2")
    await page.press("Escape", 27)
    await page.until("!document.querySelector('.pswp')")


async def searches(visit: Visit) -> None:
    page = visit.page
    for words, fits in {"grandma*": "%grandma%", "京都": "%京都%", "*andma*": "%andma%"}.items():
        with visit.waiting.of(f"a search: {words}"):
            await page.run(f"document.getElementById('words').value = '{words}'; document.forms[0].requestSubmit(); 1")
            await page.arrive(f"{HEADING} === 'Search: {words}' && {SETTLED}")
        seen = await page.until(SEEN)
        assert sorted(seen["items"]) == visit.known("caption LIKE ?", fits)


async def dates(visit: Visit) -> None:
    page = visit.page
    with visit.waiting.of("by date"):
        await page.run("[...document.querySelectorAll('header a')].find(one => one.innerText === 'Dates').click(); 1")
        await page.arrive(f"{HEADING} === 'By date' && {SETTLED}")
    months = {month for (month,) in visit.large.rows("SELECT DISTINCT substr(taken, 1, 7) FROM assets")}
    assert await page.run("document.querySelectorAll('.month').length") == len(months)
    with visit.waiting.of("a jump to a year"):
        await page.run(f"document.querySelector('.jump a[href=\"#y{MONTH[:4]}\"]').click(); 1")
        await page.until(
            f"Math.abs(document.getElementById('y{MONTH[:4]}').getBoundingClientRect().top) < innerHeight && {SETTLED}"
        )
    for what, begin in (("a year", MONTH[:4]), ("a month", MONTH)):
        link = f"[...document.querySelectorAll('a')].find(one => one.pathname === '/dates/{begin}').href"
        address = await page.run(link)
        with visit.waiting.of(what):
            await look(page, address)
        stored = visit.large.rows("SELECT count(*) FROM assets WHERE taken LIKE ? AND state = 'moved'", f"{begin}%")
        assert (await page.run("document.querySelector('.lead').innerText")).startswith(f"{stored[0][0]:,} items")
        assert await page.run(LISTED) == min(500, stored[0][0])
        await look(page, f"{visit.served.origin}/dates")


def a_few(tiles: list[str]) -> list[str]:
    """All folders, and the first album of each."""
    albums = [one for one in tiles if "/album/" in one]
    return [one for one in tiles if "/album/" not in one] + albums[:1]


async def a_sample_of_all_folders(visit: Visit) -> None:
    page = visit.page

    async def download(address: str) -> bytes:
        return base64.b64decode(await page.run(FETCHED % address))

    with visit.waiting.of("a walk through all folders, one album of each"):
        walked = await walk(page, f"{visit.served.origin}/", download, a_few)
    albums = {one.split("/")[2] for one in walked.items}
    above = {directory.rpartition("/")[0] for (directory,) in visit.large.rows("SELECT directory FROM albums")}
    assert (walked.folders, walked.albums, len(albums)) == (2 + len(above), len(above), len(above))
    assert LONG in albums
    places = ", ".join("?" * len(albums))
    assert sorted(walked.items) == visit.known(f"album_key IN ({places})", *sorted(albums))
    assert walked.drawn >= 10 * walked.albums
    complaints = page.complained + page.complaints
    assert [one for one in complaints if not any(text in one for text in EXPECTED)] == []
