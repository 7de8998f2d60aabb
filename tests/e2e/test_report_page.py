"""The report as its reader meets it: a page in a real browser, on a desk and on a phone, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from smug2s3.app.ledger_runner import run_report
from smug2s3.models import Known
from smug2s3.reporting.moments import zone
from smug2s3.rules.verification import Verification
from smug2s3.settings import load
from tests.support.browser import Tab, tab
from tests.support.hostile_names import HOSTILE
from tests.support.ledgers import FULL_RUN, File, Told, lay, many

EVERYTHING = (
    Told(
        path="Family/2019/Christmas",
        files=(
            File(name="tree.jpg"),
            File(name="Größe.jpg", state=Known.FAILED, reason="SmugMug: SmugMug's media host answered 503"),
            File(
                name="late.mp4", state=Known.UNAVAILABLE, reason="SmugMug is still processing this video", is_video=True
            ),
        ),
    ),
    Told(
        path="Travel/Japan", files=(File(name="gone.jpg", gone=True), *(File(name=f"{n:04}.jpg") for n in range(150)))
    ),
    Told(path="Travel/Short", counted=7, complete=False, files=(File(name="one.jpg"),)),
)
VERIFIED = Verification(
    began="2026-05-02T08:00:00+00:00",
    ended="2026-05-02T09:00:00+00:00",
    levels=("listing", "deep:5", "source"),
    clean=True,
    safe=True,
    verdict="Safe to cancel: all 3 items SmugMug lists are in the bucket, verified and with current metadata.",
    counts={"checked": 4, "ok": 4, "read_back": 1, "read_bytes": 4_000_000, "source_assets": 3},
)
OPEN_ALL = "document.querySelectorAll('details:not([open])').forEach(one => { one.open = true }); 1"
SEARCH = "(() => { const box = document.getElementById('words'); box.value = %r; box.dispatchEvent(new Event('input')) })(); 1"
TEXT = "document.body.innerText"


@pytest.fixture
async def page(browser: str) -> AsyncIterator[Tab]:
    """A tab that must have nothing to complain of, and must have asked for nothing but the page, at its end."""
    async with tab(browser) as opened:
        yield opened
        assert opened.complaints == []
        assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []


async def made(folder: Path, albums: Any, **story: Any) -> Path:
    """The report of a ledger with these albums."""
    await lay(folder / "ledger.db", albums, **story)
    path = folder / "report.html"
    with path.open("w", encoding="utf-8") as file:
        settings = load({"LEDGER_PATH": str(folder / "ledger.db")}, needs=frozenset())
        await run_report(settings, file.write, thumbnails=0, notify=print)
    return path


async def opened(page: Tab) -> None:
    """Open everything, level by level, until nothing is left to be opened."""
    await page.until(
        "(document.querySelectorAll('details:not([open])').forEach(one => { one.open = true }), "
        "![...document.querySelectorAll('#tree details')].some(one => one.children.length < 2))"
    )


@pytest.mark.parametrize("width", [1280, 390])
async def test_everything_is_on_the_page_and_nothing_runs_off_its_side(page: Tab, tmp_path: Path, width: int) -> None:
    await page.show(await made(tmp_path, EVERYTHING, verified=VERIFIED), width=width)
    await opened(page)

    text = await page.run(TEXT)

    for said in (
        "1 file is still missing",
        "SmugMug was busy",
        "Größe.jpg",
        "SmugMug is still processing the video",
        "SmugMug counts 7 but listed 1",
        "Pictures by year",
        "Safe to cancel: all 3 items",
        f"All times are in {zone()}.",
        "Folders and albums",
        "Travel",
    ):
        assert said in text
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")


async def test_what_is_well_is_said_in_one_sentence(page: Tab, tmp_path: Path) -> None:
    await page.show(await made(tmp_path, [Told(path="A", files=(File(name="a.jpg"),))], verified=VERIFIED))

    assert (
        await page.run("document.querySelector('.verdict h2').textContent")
        == "Everything SmugMug offers is in your bucket"
    )
    assert "Safe to cancel" in await page.run("document.querySelector('.verdict').textContent")
    assert await page.run("document.querySelectorAll('#missing, #unavailable, #unlisted').length") == 0


async def test_names_of_any_kind_are_shown_and_do_nothing(page: Tab, tmp_path: Path) -> None:
    files = tuple(File(name=f"{name}.jpg", state=Known.FAILED, reason=name) for name in HOSTILE)
    albums = [
        Told(path=f"{name}/inner", directory=f"folder{number}/inner", files=files)
        for number, name in enumerate(HOSTILE)
    ]
    await page.show(await made(tmp_path, albums, run=FULL_RUN | {"problems": list(HOSTILE)}))
    await page.run("document.querySelectorAll('#tree .folder').forEach(one => { one.open = true }); 1")
    await page.until("document.querySelectorAll('#tree .album').length >= 10")
    await page.run(OPEN_ALL)
    await page.until("document.querySelectorAll('#tree .files li').length >= 100")

    assert await page.run("typeof hit") == "undefined"
    assert await page.run("document.scripts.length") == 2
    assert await page.run("document.images.length") == 0
    names = await page.run(
        "[...document.querySelectorAll('#tree .files li:first-child .name')].map(one => one.firstChild.data)"
    )
    assert "</script><script>hit()</script>.jpg" in await page.run(TEXT)
    assert names
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", await page.run("document.documentElement.textContent"))


async def test_search_finds_albums_and_files_whatever_their_accents_and_says_how_many(
    page: Tab, tmp_path: Path
) -> None:
    await page.show(await made(tmp_path, EVERYTHING))

    for words in ("grosse", "GRÖSSE", "größe", " Groß "):
        await page.run(SEARCH % "none of them")
        await page.until("found.textContent === '0 albums and 0 files found'")
        await page.run(SEARCH % words)
        await page.until("found.textContent === '0 albums and 1 file found'")
    await page.run(SEARCH % "japan")
    await page.until("found.textContent.includes('1 album and')")
    await page.run(SEARCH % "00")
    await page.until("found.textContent === '0 albums and 101 files found'")
    assert await page.run("document.querySelectorAll('#tree .files li').length") == 100
    await page.run("document.querySelector('#tree .more').click(); 1")
    assert await page.run("document.querySelectorAll('#tree .files li').length") == 101
    assert await page.run("document.querySelectorAll('#tree .more').length") == 0
    await page.run(SEARCH % "")
    await page.until("found.textContent.startsWith('3 albums, 155 files')")


@pytest.mark.parametrize(
    ("kind", "names"),
    [("fw", ["Größe.jpg"]), ("u", ["late.mp4"]), ("kl", ["gone.jpg"]), ("v", ["late.mp4"])],
    ids=["missing", "not available", "gone", "videos"],
)
async def test_files_of_one_kind_can_be_had_by_themselves(
    page: Tab, tmp_path: Path, kind: str, names: list[str]
) -> None:
    await page.show(await made(tmp_path, EVERYTHING))

    await page.run(f"which.value = '{kind}'; which.dispatchEvent(new Event('change')); 1")

    assert await page.run("[...document.querySelectorAll('#tree .name')].map(one => one.firstChild.data)") == names
    assert await page.run("found.textContent") == "1 file found"


async def test_a_search_without_result_leads_back(page: Tab, tmp_path: Path) -> None:
    await page.show(await made(tmp_path, EVERYTHING))
    await page.run(SEARCH % "nothing of that name")
    await page.until("tree.querySelector('button')")

    await page.run("tree.querySelector('button').click(); 1")

    assert await page.run("[words.value, document.activeElement.id]") == ["", "words"]
    assert "Family" in await page.run("tree.textContent")


async def test_all_of_it_can_be_done_by_keyboard(page: Tab, tmp_path: Path) -> None:
    await page.show(await made(tmp_path, EVERYTHING))

    await page.press("Tab", 9)
    assert await page.run("document.activeElement.className") == "skip"
    assert await page.run("document.activeElement.getBoundingClientRect().left >= 0")
    await page.press("Enter", 13)
    assert await page.run("document.activeElement.id") == "main"

    await page.run("which.focus(); 1")
    for depth, name in enumerate(["Family", "2019", "Christmas"], start=1):
        await page.press("Tab", 9)
        assert await page.run("document.activeElement.querySelector('.name').textContent") == name
        assert await page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await page.press("Enter", 13)
        await page.until(f"document.querySelectorAll('#tree details[open] > :not(summary)').length === {depth}")
    assert "tree.jpg" in await page.run("tree.innerText")


CONTRASTS = """(() => {
  const channel = (one) => (one /= 255) <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (one) => { for (; one; one = one.parentElement) {
    const found = parse(getComputedStyle(one).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found;
  } };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const poor = [];
  let seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const front = light(parse(element.closest("svg") ? style.fill : style.color));
    const back = light(behind(element));
    const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    seen += 1;
    if (contrast < 4.5) poor.push(`${contrast.toFixed(2)} ${texts.currentNode.data.trim().slice(0, 40)}`);
  }
  return [seen, poor];
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_text_stands_out_from_what_is_behind_it(page: Tab, tmp_path: Path, dark: bool) -> None:
    await page.show(await made(tmp_path, EVERYTHING, verified=VERIFIED), dark=dark)
    await opened(page)

    seen, poor = await page.run(CONTRASTS)

    assert seen > 150
    assert poor == []


NAMELESS = """[...document.querySelectorAll('input, select, button, summary, a, svg, section, [tabindex="0"]')].filter(one => {
  const labels = [...(one.labels || [])].map(label => label.textContent).join('');
  const by = (one.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id)?.textContent).join('');
  return !(labels + by + (one.getAttribute('aria-label') || '') + one.textContent).trim();
}).map(one => one.outerHTML.slice(0, 80))"""


async def test_what_can_be_used_has_a_name_and_headings_do_not_skip_a_level(page: Tab, tmp_path: Path) -> None:
    await page.show(await made(tmp_path, EVERYTHING, verified=VERIFIED))

    assert await page.run(NAMELESS) == []
    levels = await page.run("[...document.querySelectorAll('h1, h2, h3')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert await page.run("[...document.querySelectorAll('svg')].every(one => one.querySelector('title, desc'))")
    assert await page.run(
        "[...document.querySelectorAll('[id]')].length === new Set([...document.querySelectorAll('[id]')].map(one => one.id)).size"
    )


async def test_an_album_whose_name_shows_nothing_has_that_of_its_directory(page: Tab, tmp_path: Path) -> None:
    await page.show(await made(tmp_path, [Told(path=" ", directory="i-Xk2", files=(File(name="a.jpg"),))]))
    assert await page.run("document.querySelector('#tree .name').textContent") == "i-Xk2"


async def test_folders_and_albums_are_in_the_order_people_count_in(page: Tab, tmp_path: Path) -> None:
    albums = [Told(path=path, files=(File(name="a.jpg"),)) for path in ("Trip 10", "Trip 9", "b/x", "A/x", "Trip 1")]
    await page.show(await made(tmp_path, albums))

    names = await page.run("[...document.querySelectorAll('#tree .name')].map(one => one.textContent)")

    assert names == ["A", "b", "Trip 1", "Trip 9", "Trip 10"]


async def test_a_thousand_albums_are_not_drawn_until_somebody_opens_them(page: Tab, tmp_path: Path) -> None:
    await page.show(await made(tmp_path, many(60, 150)))

    assert await page.run("document.getElementsByTagName('*').length") < 900
    assert "60 albums, 9,000 files" in await page.run("found.textContent")


async def test_on_paper_the_named_files_are_open_and_the_search_is_away(page: Tab, tmp_path: Path) -> None:
    await page.show(await made(tmp_path, EVERYTHING), media="print")

    await page.run("dispatchEvent(new Event('beforeprint')); 1")

    assert await page.run("document.querySelectorAll('.cause details:not([open])').length") == 0
    assert await page.run("getComputedStyle(document.querySelector('.find')).display") == "none"
    await page.run("dispatchEvent(new Event('afterprint')); 1")
    assert await page.run("document.querySelectorAll('.cause details[open]').length") == 0


async def test_a_script_or_style_of_somebody_else_would_not_be_run(browser: str, tmp_path: Path) -> None:
    path = await made(tmp_path, EVERYTHING)
    text = path.read_text(encoding="utf-8").replace(
        "</main>", "<script>hit = 1</script><img src='http://127.0.0.1:9/x'></main>"
    )
    path.write_text(text, encoding="utf-8")
    async with tab(browser) as page:
        await page.show(path)

        assert await page.run("typeof hit") == "undefined"
        assert len([one for one in page.complaints if "Content Security Policy" in one]) == 2
