"""The pages of `browse` as a photographer meets them: in a real browser, on a desk and on a phone, by mouse and by keyboard."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import axe as accessible
from tests.support.browsed import browsed
from tests.support.browser import Tab, tab
from tests.support.servers import LocalS3
from tests.support.shown_world import HOSTILE, MANY, shown

EXPECTED = ("the server responded with a status of 404", "the server responded with a status of 410")
"""What Chromium says by itself of a picture that is not there."""
FOCUSED = "document.activeElement.closest('[data-number]')?.dataset.number"
OPENED = "document.activeElement?.classList.contains('pswp')"
SHOWN = "document.querySelector('.pswp__below').innerText"
CURRENT = "document.querySelector('.pswp__item[aria-hidden=false] %s')"


@dataclass(frozen=True, slots=True)
class Site:
    """Where the archive is browsed."""

    address: str

    def __call__(self, path: str) -> str:
        """The address of a page."""
        return self.address.split("/?")[0] + path


@pytest.fixture(scope="module")
def site(s3: LocalS3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server over one archive for all of these tests."""
    machine = shown(s3.new_bucket(), tmp_path_factory.mktemp("computer"))
    with browsed(machine.home) as running:
        yield Site(running.address)


@pytest.fixture
async def page(site: Site, browser: str) -> AsyncIterator[Tab]:
    """A tab that was let in; it must have asked for nothing from elsewhere, and have nothing to complain of, at its end."""
    async with tab(browser) as opened:
        await opened.show(site.address)
        await opened.arrive("document.querySelector('.tiles')")  # without the secret in its address
        yield opened
        assert [one for one in opened.complaints if not any(text in one for text in EXPECTED)] == []
        assert [url for url in opened.requests if not url.startswith((site(""), "data:"))] == []


async def album(page: Tab, site: Site, name: str, **how: Any) -> None:
    """Open an album by its name, as its folder leads to it."""
    await page.show(site("/folder?path=Travel" if name != "Many" else "/"))
    address = await page.run(
        f"[...document.querySelectorAll('.tile')].find(one => one.querySelector('.name').textContent === {name!r}).href"
    )
    await page.show(address, **how)


async def key(page: Tab, name: str) -> None:
    """One key by its name."""
    codes = {"Enter": 13, "Escape": 27, "Home": 36, "End": 35, "ArrowLeft": 37, "ArrowRight": 39, "Tab": 9, " ": 32}
    await page.press(name, codes.get(name) or ord(name.upper()))


ROWS = """(() => {
  const tiles = [...document.querySelectorAll('.grid li')].map(one => one.querySelector('.shot').getBoundingClientRect());
  const rows = Object.values(Object.groupBy(tiles, one => Math.round(one.top)));
  const grid = document.querySelector('.grid').getBoundingClientRect();
  return rows.slice(0, -1).every(row =>
    Math.abs(row.at(-1).right - grid.right) < 2 && row.every(one => Math.abs(one.height - row[0].height) < 2)) && rows.length;
})()"""


async def test_folders_lead_to_an_album_whose_rows_are_full_at_every_width(page: Tab, site: Site) -> None:
    assert await page.run("[...document.querySelectorAll('h2')].map(one => one.innerText).join()") == "Folders,Albums"
    assert "2 albums, " in await page.run("document.querySelector('.tile').innerText")
    await page.run("document.querySelector('.tile').click(); 1")
    await page.arrive(
        "document.querySelector('h1')?.innerText === 'Travel' && document.querySelectorAll('.tile').length === 2"
    )
    assert await page.run("document.querySelector('.tile .lock').innerText") == "Private"

    await album(page, site, "Iceland", width=390)
    for width in (390, 820, 1600):
        await page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")
        assert await page.run(ROWS) >= 2
    assert await page.run("document.querySelector('.trail').innerText") == "All photos\nTravel"
    order = await page.run(
        "[...document.querySelectorAll('.shot')].map(one => one.textContent.trim() || one.querySelector('img')?.alt)"
    )
    assert order[:3] == ["Geysir", "A waterfall\nbehind the house", "IMG_2.jpg"]


async def test_what_cannot_be_shown_is_a_quiet_tile_with_its_name(page: Tab, site: Site) -> None:
    await album(page, site, "Iceland")
    await page.until("document.querySelectorAll('.shot.lost').length === 3")

    await page.until("document.querySelectorAll('.said span').length === 2")
    assert await page.run(
        "[...document.querySelectorAll('.lost')].map(one => one.innerText.replace(/\\s+/g, ' ').trim())"
    ) == [
        "phone.heic",
        "lost.jpg The bucket does not have smugmug/Travel/Iceland/elsewhere.jpg",
        "late.jpg Not available from SmugMug (SmugMug is still processing this photo)",
    ]
    assert await page.run("[...document.images].filter(one => one.complete && !one.naturalWidth).length") == 0
    assert await page.run("[...document.querySelectorAll('.mark')].map(one => one.textContent)") == [
        "Hidden on SmugMug",
        "No longer on SmugMug",
    ]
    await page.until("document.querySelector('.shot.video video')?.readyState > 0")
    assert await page.run("document.querySelector('.time').textContent.trim()") == "0:02"


async def test_one_picture_after_another_by_keyboard(page: Tab, site: Site) -> None:
    await album(page, site, "Iceland")
    await page.run("document.querySelector('[data-number]').focus(); 1")
    await key(page, "ArrowRight")
    assert await page.run(FOCUSED) == "1"
    await key(page, "Enter")
    await page.until(OPENED)
    assert await page.run(SHOWN) == "A waterfall behind the house"
    await page.until((CURRENT % "img.pswp__img:not(.pswp__img--placeholder)") + "?.naturalWidth === 200")

    await key(page, "i")
    told = await page.run("document.querySelector('.pswp__panel').innerText")
    for said in (
        "north coast",
        "14 July 2019, 11:01",
        "64.10000, -21.90000",
        "Travel/Iceland",
        "IMG_1.jpg",
        "smugmug/Travel/Iceland/IMG_1.jpg",
    ):
        assert said in told
    assert "/search?q=%22north+coast%22" in await page.run("document.querySelector('.pswp__panel').innerHTML")
    await key(page, "i")
    assert await page.run("document.querySelector('.pswp__panel').hidden")

    await key(page, "ArrowRight")
    await page.until(f"{SHOWN} === 'IMG_2.jpg'")
    await key(page, "End")
    await page.until(f"{SHOWN} === 'late.jpg'")
    assert "still processing" in await page.run((CURRENT % ".pswp__card") + ".innerText")
    await key(page, "Home")
    await page.until(f"{SHOWN} === 'Geysir'")
    assert (await page.run("document.querySelector('.pswp__button--save').href")).startswith(site("/original/"))
    assert await page.run("document.querySelector('main').inert")
    await key(page, "Escape")
    await page.until("!document.querySelector('.pswp') && !location.hash")
    assert await page.run(FOCUSED) == "0"


async def test_reload_shows_the_same_picture_again_and_back_closes_it(page: Tab, site: Site) -> None:
    await album(page, site, "Iceland")
    await page.run("document.querySelector('[data-number=\"2\"]').click(); 1")
    await page.until(OPENED)
    assert await page.run("history.length > 1 && location.hash.length > 5")

    await page.run("location.reload(); 1")
    await page.arrive(
        f"performance.getEntriesByType('navigation')[0].type === 'reload' && {OPENED} && {SHOWN} === 'IMG_2.jpg'"
    )
    await page.run("history.back(); 1")
    await page.until("!document.querySelector('.pswp')")
    assert await page.run("location.hash") == ""


async def test_a_video_plays_from_where_one_likes_and_stops_when_one_leaves(page: Tab, site: Site) -> None:
    await album(page, site, "Iceland")
    await page.run("document.querySelector('.shot.video').click(); 1")
    await page.until(f"{OPENED} && {CURRENT % 'video'}?.readyState >= 1")
    assert await page.run((CURRENT % "video") + ".controls")

    seek = (
        "new Promise(done => { const film = %s; film.onseeked = () => done(film.currentTime); film.currentTime = 1.5 })"
    )
    assert await page.run(seek % (CURRENT % "video")) == 1.5
    await page.run(f"window.film = {CURRENT % 'video'}; film.pause(); film.loop = true; film.currentTime = 0; 1")
    await key(page, " ")
    await page.until("!film.paused")
    await key(page, "ArrowLeft")
    await page.until(f"{SHOWN} === 'IMG_4.jpg'")
    assert await page.run("film.paused")


async def test_the_last_picture_of_a_page_leads_to_the_next_page_and_back(page: Tab, site: Site) -> None:
    await album(page, site, "Many")
    assert f"{MANY} items, page 1 of 2" in await page.run("document.querySelector('.lead').innerText")
    assert await page.run("document.querySelectorAll('.grid li').length") == 500
    await page.run("document.querySelector('[data-number=\"499\"]').click(); 1")
    await page.until(OPENED)
    await key(page, "ArrowRight")
    await page.arrive(
        f"location.search === '?page=2' && {OPENED} && document.querySelector('.pswp__place').innerText === '501 of 505'"
    )
    await key(page, "ArrowLeft")
    await page.arrive(
        f"!location.search.includes('2') && {OPENED} && document.querySelector('.pswp__place').innerText === '500 of 505'"
    )
    await key(page, "Escape")
    await page.until("!document.querySelector('.pswp')")
    assert await page.run(FOCUSED) == "499"


async def test_a_range_of_tiles_can_be_chosen_and_is_what_the_form_sends(page: Tab, site: Site) -> None:
    await album(page, site, "Iceland")
    assert await page.run("getComputedStyle(document.querySelector('.some')).display") == "none"
    boxes = "document.querySelectorAll('.pick input')"
    await page.run(f"{boxes}[1].click(); 1")
    await page.run(
        f"{boxes}[4].dispatchEvent(new MouseEvent('click', {{shiftKey: true, bubbles: true, cancelable: true}})); 1"
    )

    assert await page.run("document.querySelector('output').value") == "4 selected"
    sent = "[...new FormData(document.querySelector('.chosen'), document.querySelector('%s'))].map(one => one.join())"
    assert len(await page.run(sent % ".some")) == 4
    assert all(re.fullmatch(r"item,\w+/\w+", one) for one in await page.run(sent % ".some"))
    assert await page.run("[...document.querySelectorAll('.tools button')].map(one => one.innerText)") == [
        "Download the selection as a ZIP",
        "Download the album as a ZIP",
    ]
    assert await page.run(
        "[document.querySelector('.chosen').method, document.querySelector('.chosen').getAttribute('action')]"
    ) == ["post", "/zip"]
    await page.run(f"{boxes}[0].focus(); 1")
    await key(page, "Escape")
    assert await page.run("document.querySelectorAll(':checked').length") == 0


async def test_months_lead_to_days_and_to_the_months_beside_them(page: Tab, site: Site) -> None:
    await page.show(site("/dates"), width=390)
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")
    assert await page.run("[...document.querySelectorAll('.jump a')].map(one => one.innerText)") != []
    await page.run("[...document.querySelectorAll('.month')].find(one => one.innerText.includes('July')).click(); 1")
    await page.arrive("document.querySelector('h1')?.innerText === 'July 2019'")
    assert (await page.run("[...document.querySelectorAll('.day')].map(one => one.innerText)"))[0] == "Saturday 13 July"
    await page.run("[...document.querySelectorAll('.kinds a')].find(one => one.innerText === 'Videos').click(); 1")
    await page.arrive("document.querySelector('.lead')?.innerText === '0 items'")


async def test_what_is_found_can_be_narrowed(page: Tab) -> None:
    await page.run(
        "document.getElementById('words').value = 'iceland'; document.querySelector('[role=search]').requestSubmit(); 1"
    )
    await page.arrive("document.querySelector('h1')?.innerText === 'Search: iceland'")
    count = await page.run("document.querySelectorAll('.grid li').length")
    assert count > 5
    await page.run(
        "document.querySelector('.filter [name=kind]').value = 'videos'; document.querySelector('.filter').requestSubmit(); 1"
    )
    await page.arrive("document.querySelector('.lead')?.innerText === '1 item'")
    assert await page.run("[document.getElementById('words').value, document.querySelector('[name=kind]').value]") == [
        "iceland",
        "videos",
    ]
    await page.run(
        "document.querySelector('[name=year]').value = '2019'; document.querySelector('.filter').requestSubmit(); 1"
    )
    await page.arrive("document.querySelector('.lead')?.innerText === '0 items'")


async def test_names_of_any_kind_are_shown_and_do_nothing(page: Tab, site: Site) -> None:
    await album(page, site, "Names")
    await page.run("document.querySelector('[data-number]').click(); 1")
    await page.until(OPENED)
    await key(page, "i")
    assert "<script>hit()</script>" in await page.run("document.querySelector('.pswp__panel').innerText")
    await key(page, "ArrowRight")
    await page.until(f"{SHOWN}.includes('</script><script>')")

    assert await page.run("typeof hit") == "undefined"
    assert await page.run("document.querySelectorAll('[onerror], [onmouseover]').length") == 0
    assert await page.run("[...document.querySelectorAll('a')].filter(one => /^javascript/.test(one.href)).length") == 0
    assert await page.run("document.querySelectorAll('.grid li').length") == len(HOSTILE)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", await page.run("document.documentElement.outerHTML"))
    assert await page.run("getComputedStyle([...document.querySelectorAll('.grid .title')].at(-2)).direction") == "rtl"


async def test_without_script_links_lead_from_picture_to_picture(page: Tab, site: Site) -> None:
    await page.call("Emulation.setScriptExecutionDisabled", value=True)
    await album(page, site, "Iceland")
    assert await page.run("getComputedStyle(document.querySelector('.some')).display") != "none"
    await page.show(await page.run("document.querySelector('[data-number]').href"))
    assert await page.run("document.querySelector('.stage img').naturalWidth") == 300
    await page.show(await page.run("document.querySelector('[rel=next]').href"))
    assert await page.run("document.querySelector('h1').innerText") == "IMG_1.jpg"
    assert "14 July 2019" in await page.run("document.querySelector('.facts').innerText")
    assert await page.run("document.querySelector('[rel=prev]').href.includes('/photo/')")
    await page.call("Emulation.setScriptExecutionDisabled", value=False)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its source; where npm cannot fetch it, CI fails and others are told."""
    source = accessible.fetched(tmp_path_factory.mktemp("axe"))
    if source is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"axe-core could not be fetched: {accessible.HOW_TO}")
    return source


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nothing_keeps_anybody_from_using_the_pages(page: Tab, site: Site, axe: str, dark: bool) -> None:
    await album(page, site, "Iceland", dark=dark)
    await page.until("document.querySelectorAll('.shot.lost').length === 3")
    assert await accessible.violations(page, axe) == []
    photo = await page.run("document.querySelector('[data-number]').href")
    await page.run("document.querySelector('[data-number]').click(); 1")
    await page.until(OPENED)
    await key(page, "i")
    assert await accessible.violations(page, axe) == []
    await page.show(site("/"))
    many = await page.run("document.querySelector('.tile.album').getAttribute('href')")
    for path in (
        f"{many}?page=2",
        "/",
        "/folder?path=Travel",
        "/dates",
        "/dates/2019-07",
        "/search?q=iceland",
        "/search",
        "/nowhere",
    ):
        await page.show(site(path), dark=dark)
        assert (path, await accessible.violations(page, axe)) == (path, [])
    await page.show(photo, dark=dark)
    assert await accessible.violations(page, axe) == []


async def test_all_of_it_is_told_to_who_cannot_see_it(page: Tab, site: Site) -> None:
    await album(page, site, "Iceland")
    assert json.loads(await page.run("document.getElementById('items').textContent"))[0]["alt"] == "Geysir"
    assert await page.run("[...document.querySelectorAll('.pick')].every(one => one.innerText.startsWith('Select '))")
    await key(page, "Tab")
    assert await page.run("document.activeElement.className") == "skip"
    await key(page, "Enter")
    assert await page.run("document.activeElement.id") == "main"
    await key(page, "Tab")
    assert await page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
