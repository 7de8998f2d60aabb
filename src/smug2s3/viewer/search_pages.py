"""The search of the pages without a server: its page, and what it shows of the items that it finds."""

from __future__ import annotations

import json
from collections.abc import Sequence

from smug2s3.rules import gallery_pages
from smug2s3.rules.shards import COMMON
from smug2s3.viewer.disk_links import DiskLinks
from smug2s3.viewer.rendering import render
from smug2s3.viewer.shown import Shown, data
from smug2s3.viewer.spool import Placed

CHUNK = 100
"""Items in a file, of which whole numbers make a page: a page of results may need as many files as items."""


def search_page(links: DiskLinks, place: str, years: Sequence[str]) -> str:
    """The page; its script does the rest."""
    return render(
        "gallery_search.html",
        title="Search",
        links=links,
        place=place,
        live=False,
        here="search",
        trail=[],
        words="",
        index=links.to(gallery_pages.shard("shards")),
        years=years,
        chunk=CHUNK,
        common=COMMON,
    )


def chunk(month: str, first: int, some: Sequence[Placed], links: DiskLinks) -> tuple[str, str]:
    """The file of the items from place ``first`` of a month's order on: their tiles as HTML, and what these tell."""
    shown = [Shown(item=one.item, look=one.look, links=links) for one in some]
    tiles = [str(render("tile.html", one=one, links=links, live=False)) for one in shown]
    name = f"items-{month.replace('-', '') or '0'}-{first // CHUNK}"
    body = json.dumps(tiles, ensure_ascii=False)
    return gallery_pages.shard(name), f'smug2s3.got("{name}", {{"tiles": {body}, "told": {data(shown)}}});\n'
