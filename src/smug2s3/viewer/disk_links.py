"""Addresses between files: relative, so that they hold wherever the folder or the bucket's copy is opened from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode

from smug2s3.rules import gallery_pages
from smug2s3.rules.viewing import Item, Wanted


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item's files are, from the top of the folder; empty for what is not there."""

    file: str = ""
    small: str = ""
    """A picture for a tile."""
    large: str = ""
    """A picture for the whole screen."""


@dataclass(frozen=True, slots=True)
class DiskLinks:
    """Implements ``Links`` for the page at ``page``, with the places of all items on it by album and image key."""

    page: str
    places: Mapping[tuple[str, str], Place]

    def folder(self, path: str) -> str:
        """By its path."""
        return self.to(gallery_pages.folder_page(path))

    def album(self, album_key: str, page: int = 1) -> str:
        """By its key."""
        return self.to(gallery_pages.album_page(album_key, page))

    def dates(self) -> str:
        """All of it on one page."""
        return self.to(gallery_pages.DATES)

    def month(self, month: str, wanted: Wanted, page: int = 1) -> str:  # noqa: ARG002 - a month has one set of pages
        """A year has no pages of its own: its months stand on the page of dates."""
        if len(month) == len("2019"):
            return f"{self.dates()}#y{quote(month)}"
        return self.to(gallery_pages.month_page(month, page))

    def search(self, words: str = "", wanted: Wanted = Wanted(), page: int = 1) -> str:  # noqa: ARG002, B008 - frozen
        """The script of that page reads the words."""
        return self.to(gallery_pages.SEARCH) + (f"?{urlencode({'q': words})}" if words else "")

    def photo(self, item: Item) -> str:
        """There is no page for one item: the browser shows the file, and the script what stands for a missing one."""
        return self.original(item) or f"#{quote(item.album_key)}/{quote(item.image_key)}"

    def small(self, item: Item) -> str:
        """Beside the pages, or the file itself."""
        return self._placed(self._place(item).small)

    def large(self, item: Item) -> str:
        """Beside the pages, or the file itself."""
        return self._placed(self._place(item).large)

    def original(self, item: Item) -> str:
        """The file."""
        return self._placed(self._place(item).file)

    def part(self, name: str) -> str:
        """Beside the pages."""
        return self.to(gallery_pages.part(name))

    def to(self, path: str) -> str:
        """The address of any file, from the page."""
        return _relative(self.page, path)

    def _place(self, item: Item) -> Place:
        return self.places.get((item.album_key, item.image_key), Place())

    def _placed(self, path: str) -> str:
        return self.to(path) if path else ""


@lru_cache(4096)
def _relative(page: str, path: str) -> str:
    """Kept for a while: an item's tile and what is told of it lead to the same files again and again."""
    here, there = page.split("/")[:-1], path.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return quote("/".join([*([".."] * (len(here) - shared)), *there[shared:]]))
