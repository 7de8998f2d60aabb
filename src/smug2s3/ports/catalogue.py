"""What is in the archive, as its pages ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from smug2s3.rules.contents import AlbumTotals
from smug2s3.rules.search import Query
from smug2s3.rules.viewing import Item, Month, Wanted


class Catalogue(Protocol):
    """The archive's folders, albums and items. Methods block for up to a second: call them in a thread.

    Each raises LedgerError if the ledger cannot be read.
    """

    def albums(self) -> Sequence[AlbumTotals]:
        """Every album with its stored files and their bytes, by path."""

    def items(self, album_key: str) -> Sequence[Item]:
        """Every item of an album, stored or not, by key; files in SmugMug Source are not among them."""

    def item(self, album_key: str, image_key: str) -> Item | None:
        """One item, or one file in SmugMug Source."""

    def beside(self, item: Item) -> Sequence[Item]:
        """The item's other files in SmugMug Source that are stored, such as a camera's RAW."""

    def cover(self, album_key: str) -> Item | None:
        """The first stored photo of an album, else its first stored video."""

    def sidecar(self, album_key: str) -> tuple[str, str]:
        """Key and MD5 of the album's `_album.json`; empty if it has none."""

    def months(self) -> Sequence[Month]:
        """Every month with stored items, newest first."""

    def dated(self, month: str, wanted: Wanted, first: int, most: int) -> Sequence[Item]:
        """The stored items of a month, or of a year, in order of time: at most so many, from ``first`` on."""

    def found(self, query: Query, wanted: Wanted, most: int) -> Sequence[Item]:
        """At most so many items that the query fits, album by album."""

    def stored(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of a few keys whose objects are stored."""
