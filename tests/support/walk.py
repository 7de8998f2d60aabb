"""A walk through all of an archive's pages in a real browser: each folder and album, one picture, the search, the dates."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.browser import Tab

HEADING = "document.querySelector('h1')?.innerText"
# Only these are loaded, and perhaps some that are near.
VISIBLE = """[...document.querySelectorAll('.grid .shot, .cover')].filter(one => {
  const { top, bottom } = one.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
})"""
SETTLED = f"{VISIBLE}.every(one => [...one.querySelectorAll('img')].every(img => img.naturalWidth))"
LISTED = "document.querySelectorAll('.grid li').length"
FIRST = "document.querySelector('[data-number]:not(.lost):not(.video)')"
OPENED = "document.activeElement?.classList.contains('pswp')"
IN_FULL = (
    "document.querySelector('.pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)')?.naturalWidth"
)
ORIGINAL = f"JSON.parse(document.getElementById('items').textContent)[{FIRST}.dataset.number].original"
SEEN = f"""{SETTLED} && {{
  isAlbum: Boolean(document.querySelector('.grid')),
  tiles: [...document.querySelectorAll('.tiles .tile')].map(one => one.href),
  items: [...document.querySelectorAll('.grid .shot')].map(one => one.getAttribute('href')),
  drawn: {VISIBLE}.filter(one => one.querySelector('img')).length,
  next: document.querySelector('a[rel=next]')?.href ?? '',
  hasPhoto: Boolean({FIRST}),
}}"""
"""What a person sees of a page once all pictures in sight are there."""

FETCHED = """fetch(%r).then(answer => answer.blob()).then(blob => new Promise(done => {
    const reader = new FileReader(); reader.onload = () => done(reader.result.split(',')[1]); reader.readAsDataURL(blob) }))"""
"""The bytes at an address, as text."""


@dataclass(slots=True)
class Walked:
    """What was seen."""

    folders: int = 0
    albums: int = 0
    items: list[str] = field(default_factory=list)
    """Where each leads."""
    drawn: int = 0
    """Items in sight with a picture; others have a tile with their name."""
    downloads: list[bytes] = field(default_factory=list)
    shown: str = ""
    """The last page with a picture to look at."""


def everything(tiles: list[str]) -> list[str]:
    """Of the tiles of a folder, the ones to open: all."""
    return tiles


async def walk(
    page: Tab,
    top: str,
    download: Callable[[str], Awaitable[bytes]],
    choose: Callable[[list[str]], list[str]] = everything,
) -> Walked:
    """From the first page through all; ``download`` gives the bytes at an address. Every assertion is a person's."""
    walked, waiting, known = Walked(), [top], {top}
    while waiting:
        seen = await look(page, at := waiting.pop())
        if seen["isAlbum"]:
            await _album(page, at, seen, walked)
            continue
        walked.folders += 1
        new = set(choose(seen["tiles"])) - known
        waiting += sorted(new)
        known |= new
    assert walked.shown, "no album has a picture to look at"
    await page.show(walked.shown)
    await _one_picture(page)
    walked.downloads.append(await download(await page.run(ORIGINAL)))
    await _search(page)
    await _dates(page)
    return walked


async def look(page: Tab, address: str) -> dict[str, Any]:
    """Open a page, and what there is to see."""
    await page.show(address)
    seen: dict[str, Any] = await page.until(SEEN)
    return seen


async def _album(page: Tab, at: str, seen: dict[str, Any], walked: Walked) -> None:
    """All pages of an album, of which the first is open."""
    walked.albums += 1
    while True:
        walked.items += seen["items"]
        walked.drawn += seen["drawn"]
        walked.shown = at if seen["drawn"] and seen["hasPhoto"] else walked.shown
        if not (at := seen["next"]):
            break
        seen = await look(page, at)


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
