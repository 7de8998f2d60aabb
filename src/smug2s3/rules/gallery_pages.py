"""Where the pages of `gallery` are: names that are safe on every system, and distinct on a disk that ignores case."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from smug2s3.models import StoredObject
from smug2s3.rules.keys import fold
from smug2s3.rules.preview_keys import GALLERY

TOP = f"{GALLERY}/index.html"
"""The page to begin with. All paths are relative to the folder, or to the prefix in the bucket."""

DATES = f"{GALLERY}/dates.html"
SEARCH = f"{GALLERY}/search.html"
THUMBNAILS = f"{GALLERY}/thumbnails"
"""The folder of small pictures, beside pages in a folder; those in the bucket are SmugMug's own."""

LIST = f"{GALLERY}/pages.json"
"""Names every page with its digest, so that the next run writes only what changed and removes what is left over."""

_PAGE = re.compile(
    r"(index|dates|search)\.html|pages\.json|part/(photoswipe/)?[a-z.-]+\.(css|js|svg)|part/photoswipe/LICENSE|albums/[a-z0-9-]+/(index|\d+)\.html"
    r"|folders/[a-z0-9-]+\.html|dates/[a-z0-9-]+\.html|search/[a-z0-9-]+\.js"
)
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def album_page(album_key: str, number: int = 1) -> str:
    """A page of an album."""
    return f"{GALLERY}/albums/{distinct(album_key)}/{'index' if number == 1 else number}.html"


def folder_page(path: str) -> str:
    """The page of a folder; that of the top for an empty path."""
    return f"{GALLERY}/folders/{distinct(path, fold(path))}.html" if path else TOP


def month_page(month: str, number: int = 1) -> str:
    """A page of a month; of everything without a date for an empty one."""
    return f"{GALLERY}/dates/{month or 'undated'}{'' if number == 1 else f'-{number}'}.html"


def month_of(date: str) -> str:
    """``2019-07`` of a moment; empty if it is none."""
    return date[:7] if _MONTH.fullmatch(date[:7]) else ""


def part(name: str) -> str:
    """A style or script."""
    return f"{GALLERY}/part/{name}"


def shard(name: str) -> str:
    """A part of the search's index."""
    return f"{GALLERY}/search/{name}.js"


def is_page(key: str) -> bool:
    """Whether `gallery` wrote the object at ``key``, in an archive with any prefix; no photo has such a name."""
    _, found, name = f"/{key}".rpartition(f"/{GALLERY}/")
    return bool(found) and _PAGE.fullmatch(name) is not None


def left_out(listing: Iterable[StoredObject]) -> list[StoredObject]:
    """The objects that are no pages: those are made again from the others, and nobody keeps account of them."""
    return [one for one in listing if not is_page(one.key)]


def distinct(name: str, identity: str = "") -> str:
    """For people and for every disk: what is plain of ``name``, and a digest of it, or of its ``identity``."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub("[^a-z0-9]+", "-", ascii_only)[-40:].strip("-")
    digest = hashlib.sha256((identity or name).encode(errors="surrogatepass")).hexdigest()[:12]
    return f"{plain}-{digest}" if plain else digest
