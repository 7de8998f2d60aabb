"""The addresses on a page: those of the server, or of files beside the page."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote, urlencode

from smug2s3.rules.viewing import Item, Wanted


class Links(Protocol):
    """An address for everything that a page leads to; none leads elsewhere."""

    def folder(self, path: str) -> str:
        """A folder's page; that of the top for an empty path."""

    def album(self, album_key: str, page: int = 1) -> str:
        """A page of an album."""

    def dates(self) -> str:
        """The page of years and months."""

    def month(self, month: str, wanted: Wanted, page: int = 1) -> str:
        """The items of a month or a year."""

    def search(self, words: str = "", wanted: Wanted = Wanted(), page: int = 1) -> str:  # noqa: B008 - it is frozen
        """What is found, or the search itself."""

    def photo(self, item: Item) -> str:
        """A page of the item alone, or what is shown in its place."""

    def small(self, item: Item) -> str:
        """A picture for a tile; empty if there can be none."""

    def large(self, item: Item) -> str:
        """A picture for the whole screen; empty if there can be none."""

    def original(self, item: Item) -> str:
        """The file itself."""

    def part(self, name: str) -> str:
        """A style or script of the pages."""


class ServedLinks:
    """Implements ``Links`` for `browse`. An address of a picture changes with it, so it can be kept."""

    def folder(self, path: str) -> str:
        """By its path, which may be one that browsers would take for a way up."""
        return f"/folder{_query(path=path)}" if path else "/"

    def album(self, album_key: str, page: int = 1) -> str:
        """By its key."""
        return f"/album/{quote(album_key, safe='')}{_query(page=page)}"

    def dates(self) -> str:
        """All of it on one page."""
        return "/dates"

    def month(self, month: str, wanted: Wanted, page: int = 1) -> str:
        """``0`` stands for those without a date."""
        return f"/dates/{month or '0'}{_query(kind=wanted.kind, page=page)}"

    def search(self, words: str = "", wanted: Wanted = Wanted(), page: int = 1) -> str:  # noqa: B008 - it is frozen
        """As the form sends it."""
        return f"/search{_query(q=words, kind=wanted.kind, year=wanted.year, page=page)}"

    def photo(self, item: Item) -> str:
        """By its keys."""
        return f"/photo/{_name(item)}"

    def small(self, item: Item) -> str:
        """Made if need be."""
        return f"/small/{_name(item)}?v={item.identity}" if item.stored else ""

    def large(self, item: Item) -> str:
        """Made if need be."""
        return f"/large/{_name(item)}?v={item.identity}" if item.stored else ""

    def original(self, item: Item) -> str:
        """From the bucket."""
        return f"/original/{_name(item)}?v={item.identity}" if item.stored else ""

    def part(self, name: str) -> str:
        """From the program."""
        return f"/part/{name}"


def _name(item: Item) -> str:
    return f"{quote(item.album_key, safe='')}/{quote(item.image_key, safe='')}"


def _query(**values: str | int) -> str:
    given = {name: value for name, value in values.items() if value and not (name == "page" and value == 1)}
    return f"?{urlencode(given)}" if given else ""
