"""The pages of `gallery` opened from a disk, in a real browser: everything that `browse` shows, without a server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from smug2s3.rules.shards import words
from smugmug_simulator import Simulator
from tests.support.browser import Tab, tab
from tests.support.bucket import Bucket
from tests.support.shown_world import HOSTILE, world
from tests.support.wired import Wired

OPENED = "document.activeElement?.classList.contains('pswp')"
SHOWN = "document.querySelector('.pswp__below').innerText"
DRAWN = "[...document.querySelectorAll('.shot img')].filter(one => one.naturalWidth).length"
TEXTS = [*HOSTILE, "Straße ὁδός İstanbul ﬁlm", "東京タワー 2019", "สวัสดี", "हिन्दी", "12½ ①", "a\u0301\ufe0f", "한국어"]


@dataclass(frozen=True, slots=True)
class Copy:
    """A folder with the archive and its pages."""

    home: Path

    def __call__(self, page: str) -> str:
        """The address of a page."""
        return f"{self.home.as_uri()}/{page}"


@pytest.fixture
async def copy(bucket: Bucket, tmp_path: Path) -> Copy:
    """What `get` and `gallery` made of an account with all that can be shown."""
    home = tmp_path / "My Pictures & #1"
    async with Simulator(world()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await wired.get(home)
        await wired.gallery(home)
    return Copy(home)


@pytest.fixture
async def page(copy: Copy, browser: str) -> AsyncIterator[Tab]:
    """A tab that may read no more than the folder, and must have nothing to complain of."""
    async with tab(browser) as opened:
        await opened.show(copy("index.html"))
        yield opened
        assert opened.complaints == []
        assert [url for url in opened.requests if not url.startswith((copy(""), "data:"))] == []


async def click(page: Tab, words: str, then: str) -> None:
    """Follow the link with these words, and wait until its page is there."""
    await page.run(f"[...document.links].find(one => one.innerText.includes({json.dumps(words)})).click(); 1")
    await page.arrive(then)


async def find(page: Tab, copy: Copy, query: str) -> Any:
    """What the search says it found."""
    await page.show(copy(f"_gallery/search.html?{query}"))
    await page.arrive("document.getElementById('lead')?.textContent || !document.getElementById('said').hidden")
    return await page.run("document.getElementById('lead').textContent || document.getElementById('said').textContent")


async def test_a_walk_from_the_folders_to_a_picture_by_date_and_by_words(page: Tab, copy: Copy) -> None:
    await click(page, "Travel", "document.querySelector('h1')?.innerText === 'Travel'")
    assert await page.run("document.querySelector('.tile .lock').innerText") == "Private"
    await click(page, "Iceland", "document.querySelector('h1')?.innerText === 'Iceland'")
    await page.until(f"{DRAWN} >= 5")
    await page.until("document.querySelector('.shot.video video')?.readyState > 0")
    assert await page.run("document.querySelector('.time').textContent.trim()") == "0:02"
    assert await page.run("document.querySelectorAll('form[action*=zip], .pick, button.some').length") == 0

    await page.run("document.querySelector('[data-number]').focus(); 1")
    await page.press("Enter", 13)
    await page.until(f"{OPENED} && {SHOWN} === 'Geysir'")
    await page.press("ArrowRight", 39)
    await page.until(f"{SHOWN} === 'A waterfall behind the house'")
    assert await page.run("document.querySelector('.pswp__button--save').href") == copy("Travel/Iceland/IMG_1.jpg")
    await page.press("Escape", 27)
    await page.until("!document.querySelector('.pswp')")

    await click(page, "Dates", "document.querySelector('h1')?.innerText === 'By date'")
    await click(page, "July", "document.querySelector('h1')?.innerText === 'July 2019'")
    await page.until(f"{DRAWN} === 5")

    await page.run("document.getElementById('words').value = 'WATERF north'; document.forms[0].requestSubmit(); 1")
    await page.arrive("document.getElementById('lead')?.textContent === '1 item'")
    await page.until(f"{DRAWN} === 1")
    await page.arrive("document.documentElement.classList.contains('script')")
    await page.run("document.querySelector('[data-number]').click(); 1")
    await page.until(f"{OPENED} && {SHOWN} === 'A waterfall behind the house'")


async def test_the_search_finds_words_by_how_they_begin_and_can_be_narrowed(page: Tab, copy: Copy) -> None:
    assert await find(page, copy, "q=iceland") == "11 items"
    assert await find(page, copy, "q=icel&kind=videos") == "1 item"
    assert await find(page, copy, "q=iceland&year=2019") == "5 items"
    assert await find(page, copy, "q=iceland&year=2019&kind=videos") == "0 items"
    assert await page.run("document.getElementById('said').innerText") == "Nothing was found."
    assert await find(page, copy, "q=%E6%97%A5") == "1 item"
    assert await find(page, copy, "q=%D7%94%D7%95%D7%9C%D7%93%D7%AA") == "1 item"
    assert await find(page, copy, "q=%22north+coast%22") == "1 item"
    assert await page.run("document.querySelector('.filter').checkVisibility()")
    assert await find(page, copy, "q=--") == "Type words to look for, or how they begin."
    assert not await page.run("document.querySelector('.filter').checkVisibility()")
    assert await find(page, copy, "q=%3Cscript%3Ehit()%3C/script%3E") == "2 items"
    assert await page.run("document.querySelector('h1').innerText") == "Search: <script>hit()</script>"
    await page.until(f"{DRAWN} === 2")

    assert await page.run("typeof hit") == "undefined"
    for text in TEXTS:
        typed = await page.run(f"smug2s3.split({json.dumps(text)})")
        assert all(any(word.startswith(one) for word in words(text)) for one in typed), text
        assert len(typed) >= len(words(text)) - 4


async def test_without_script_every_page_can_be_reached_and_the_search_says_what_it_needs(
    page: Tab, copy: Copy
) -> None:
    await page.call("Emulation.setScriptExecutionDisabled", value=True)
    await page.show(await page.run("[...document.links].find(one => one.innerText.includes('Travel')).href"), dark=True)
    await page.show(await page.run("[...document.links].find(one => one.innerText.includes('Names')).href"), dark=True)
    assert await page.run("document.querySelectorAll('.grid li').length") == len(HOSTILE)
    await page.show(await page.run("document.querySelector('[data-number]').href"))
    assert await page.run("document.images[0].naturalWidth") == 60
    await page.show(copy("_gallery/search.html?q=iceland"))
    assert "needs JavaScript" in await page.run("document.querySelector('noscript').innerText")
    await page.call("Emulation.setScriptExecutionDisabled", value=False)
