"""The documentation site: built without a warning, complete in itself, and every link in it leads somewhere."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from smug2s3.settings import VARIABLES
from tests.repo.test_commands import COMMANDS, WHOLE
from tests.support.browser import tab
from tests.support.documents import DOCS, PAGES, ROOT


@dataclass
class Page(HTMLParser):
    """What a page links to, what it needs to be shown, and what can be linked to in it."""

    links: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found["id"]} if "id" in found else set()
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.needs.append(found["href"])
        elif "src" in found:
            self.needs.append(found["src"])

    def handle_data(self, data: str) -> None:
        self.text += data


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as the README says but into another folder."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-d",
        f"{folder}/work",
        "docs",
        f"{folder}/site",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: read(path) for path in site.rglob("*.html") if "_static" not in path.parts}


def test_every_page_is_built_and_can_be_reached_from_the_first(site: Path, pages: dict[Path, Page]) -> None:
    written = {site / path.relative_to(DOCS).with_suffix(".html") for path in PAGES}
    assert written <= pages.keys()

    linked = {(site / urlsplit(link).path).resolve() for link in pages[site / "index.html"].links}
    assert {path for path in written if path.resolve() not in linked} <= {site / "index.html"}


def test_every_link_leads_to_a_page_and_to_a_heading_on_it(pages: dict[Path, Page]) -> None:
    broken = [
        f"{path.name}: {link}"
        for path, page in pages.items()
        for link in page.links
        if not urlsplit(link).scheme and not leads_somewhere(path, urlsplit(link).path, urlsplit(link).fragment, pages)
    ]
    assert broken == []


def leads_somewhere(page: Path, path: str, anchor: str, pages: dict[Path, Page]) -> bool:
    target = (page.parent / unquote(path)).resolve() if path else page
    return target.exists() and (not anchor or unquote(anchor) in pages[target].anchors)


def test_no_page_needs_the_network(pages: dict[Path, Page]) -> None:
    assert {
        need for page in pages.values() for need in page.needs if urlsplit(need).scheme or urlsplit(need).netloc
    } == set()


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_page_of_a_command_says_what_its_help_says(name: str, site: Path, pages: dict[Path, Page]) -> None:
    page = pages[site / "reference" / (f"{name.replace(' ', '-')}.html" if name else "index.html")]
    said = " ".join(page.text.split())
    for parameter in (COMMANDS[name] if name else WHOLE).params:
        assert all(option in said for option in parameter.opts if option.startswith("-"))
        assert parameter.name == "help" or " ".join(parameter.help.replace("`", "").split()) in said


def test_every_setting_is_explained(site: Path, pages: dict[Path, Page]) -> None:
    said = pages[site / "reference" / "settings.html"].text
    assert [one.name for one in VARIABLES.values() if one.name not in said] == []


async def test_the_search_finds_things_without_network(browser: str, site: Path) -> None:
    async with tab(browser) as page:
        await page.call("Page.navigate", url=f"{(site / 'search.html').as_uri()}?q=outage")
        await page.until("document.querySelectorAll('#search-results li a').length > 1")
        assert [request for request in page.requests if not request.startswith(("file:", "data:"))] == []
