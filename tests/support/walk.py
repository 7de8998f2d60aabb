"""A walk through all of an archive's pages in a real browser: each folder and album, one picture, the search, the dates."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.support.browser import Tab

TILES = "[...document.querySelectorAll('.tiles .tile')].map(one => one.href)"
HEADING = "document.querySelector('h1')?.innerText"
# Only these are loaded, and perhaps some that are near.
VISIBLE = "[...document.querySelectorAll('.grid .shot')].filter(one => one.getBoundingClientRect().top < innerHeight)"
NEXT = "document.querySelector('a[rel=next]')?.href"
SETTLED = f"{VISIBLE}.every(one => [...one.querySelectorAll('img')].every(img => img.naturalWidth))"
DRAWN = f"{VISIBLE}.filter(one => one.querySelector('img')).length"
LISTED = "document.querySelectorAll('.grid li').length"
FIRST = "document.querySelector('[data-number]:not(.lost):not(.video)')"
OPENED = "document.activeElement?.classList.contains('pswp')"
IN_FULL = (
    "document.querySelector('.pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)')?.naturalWidth"
)
ORIGINAL = f"JSON.parse(document.getElementById('items').textContent)[{FIRST}.dataset.number].original"


@dataclass(slots=True)
class Walked:
    """What was seen."""

    folders: int = 0
    albums: int = 0
    items: int = 0
    drawn: int = 0
    """Items in sight with a picture; others have a tile with their name."""
    downloads: list[bytes] = field(default_factory=list)


async def walk(page: Tab, top: str, download: Callable[[str], Awaitable[bytes]]) -> Walked:
    """From the first page through all; ``download`` gives the bytes at an address. Every assertion is a person's."""
    seen, waiting, known, shown = Walked(), [top], {top}, ""
    while waiting:
        await page.show(waiting.pop())
        if await page.run("Boolean(document.querySelector('.grid'))"):
            seen.albums += 1
            shown = await _album(page, seen) or shown
        else:
            seen.folders += 1
            new = set(await page.run(TILES)) - known
            waiting += sorted(new)
            known |= new
    assert shown, "no album has a picture to look at"
    await page.show(shown)
    await _one_picture(page)
    seen.downloads.append(await download(await page.run(ORIGINAL)))
    await _search(page)
    await _dates(page)
    return seen


async def _album(page: Tab, seen: Walked) -> str:
    """All pages of an album; the address of the last if it has a picture in sight."""
    while True:
        await page.until(SETTLED)
        seen.items += await page.run(LISTED)
        drawn = await page.run(DRAWN)
        seen.drawn += drawn
        if not (more := await page.run(NEXT)):
            return str(await page.run("location.href")) if drawn and await page.run(f"Boolean({FIRST})") else ""
        await page.show(more)


async def _one_picture(page: Tab) -> None:
    await page.until(SETTLED)
    await page.run(f"{FIRST}.focus(); 1")
    await page.press("Enter", 13)
    await page.until(f"{OPENED} && {IN_FULL} > 0")
    await page.press("i", 73)
    assert "Stored as" in await page.run("document.querySelector('.pswp__panel').innerText")
    await page.press("Escape", 27)
    await page.until("!document.querySelector('.pswp')")
    assert await page.run(f"document.activeElement === {FIRST}"), "the focus is lost"


async def _search(page: Tab) -> None:
    words = json.dumps(await page.run(HEADING))
    await page.run(f"document.getElementById('words').value = {words}; document.forms[0].requestSubmit(); 1")
    await page.arrive(f"{HEADING}?.startsWith('Search') && {LISTED} > 0")


async def _dates(page: Tab) -> None:
    await page.run("[...document.querySelectorAll('header a')].find(one => one.innerText === 'Dates').click(); 1")
    await page.arrive(f"{HEADING} === 'By date'")
    month = await page.run("document.querySelector('.months a').href")
    await page.show(month)
    assert await page.run(LISTED) > 0
