"""Writes the pages of the archive as files: album by album, so that memory does not grow with the archive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from itertools import islice
from pathlib import Path
from typing import TypeVar

from smug2s3.errors import StoreError
from smug2s3.flow.together import together
from smug2s3.models import Album
from smug2s3.ports.archive import Archive
from smug2s3.ports.catalogue import Catalogue
from smug2s3.rules import gallery_pages
from smug2s3.rules.contents import AlbumTotals, contents
from smug2s3.rules.filters import Filters, Verdict, judge, wants_album
from smug2s3.rules.homecoming import ArchivedAlbum
from smug2s3.rules.keys import fold
from smug2s3.rules.unmatched import Matches
from smug2s3.rules.viewing import TILES, UNKNOWN, Item, Look, Month, Span, Wanted, in_order, tiles
from smug2s3.viewer.albums import AlbumLooks
from smug2s3.viewer.disk_links import DiskLinks
from smug2s3.viewer.pages import Pages
from smug2s3.viewer.search_pages import CHUNK, chunk, search_page
from smug2s3.viewer.shelves import Written
from smug2s3.viewer.spool import Placed, Spool
from smug2s3.viewer.surroundings import Surroundings
from smug2s3.viewer.word_index import WordIndex

AT_ONCE = 8
"""Pages that are written at the same time."""

ALBUMS_AT_ONCE = 4
"""Albums in memory."""

FOOT = "Made with smug2s3"
"""Says nothing of the bucket: whoever gets the pages need not know it."""

T = TypeVar("T")
Page = tuple[str, str]
"""A path and what is to be there."""


@dataclass(slots=True, kw_only=True)
class GallerySummary:
    """What a run did."""

    albums: int = 0
    items: int = 0
    missing: int = 0
    """Stored items whose files are not beside the pages."""
    pages: int = 0
    """HTML pages."""
    changed: int = 0
    """Files that were written or removed."""
    pictures: int = 0
    """Small pictures that were made."""
    problems: list[str] = field(default_factory=list)
    """Albums that could not be read, each with its reason."""


@dataclass(frozen=True, slots=True)
class _Album:
    """An album on its way."""

    totals: AlbumTotals
    items: list[Placed]
    note: str


class Gallery:
    """One run."""

    def __init__(
        self,
        *,
        archive: Archive,
        catalogue: Catalogue,
        looks: AlbumLooks,
        surroundings: Surroundings,
        written: Written,
        scratch: Path,
        filters: Filters,
        advance: Callable[[str], object],
    ) -> None:
        self._archive = archive
        self._catalogue = catalogue
        self._looks = looks
        self._surroundings = surroundings
        self._written = written
        self._spool = Spool(scratch)
        self._words = WordIndex(scratch)
        self._filters = filters
        self._matches = Matches(filters)
        self._advance = advance
        self._known: dict[str, AlbumTotals] = {}
        self._albums: list[AlbumTotals] = []
        self._covers: dict[str, Placed] = {}
        self.summary = GallerySummary()

    async def run(self, *tops: str) -> None:
        """Write everything; ``tops`` are the paths of the first page. Raises what stops the whole run."""
        self._known = {one.key: one for one in await asyncio.to_thread(self._catalogue.albums)}
        await self._parts()
        async for albums in self._in_groups():
            for album in await together(self._read(*one) for one in albums):
                await self._album(album)
        self.summary.problems = list(dict.fromkeys([*self.summary.problems, *self._archive.problems]))
        if refusal := self._matches.refusal(all_listed=not self._archive.problems):
            raise refusal
        await self._by_date()
        await self._search()
        await self._write(self._folders(self._albums, ""))
        for top in tops:
            await self._write([self._folder(self._albums, "", top)])
        await self._written.end()
        self.summary.changed = self._written.changed

    async def _parts(self) -> None:
        """Styles and scripts, with their licences."""
        with as_file(files("smug2s3.viewer").joinpath("static")) as static:
            for file in sorted(one for one in static.rglob("*") if one.is_file()):
                name = file.relative_to(static).as_posix()
                await self._written.put(gallery_pages.part(name), file.read_bytes())

    # ---- albums ----

    async def _in_groups(self) -> AsyncIterator[list[tuple[Album, ArchivedAlbum]]]:
        group: list[tuple[Album, ArchivedAlbum]] = []
        async for album, archived in self._archive.albums(self._wanted):
            if archived is not None:
                group.append((album, archived))
            if len(group) == ALBUMS_AT_ONCE:
                yield group
                group = []
        yield group

    def _wanted(self, album: Album) -> bool:
        wanted = wants_album(self._filters, album)
        self._matches.album(album, wanted=wanted)
        return wanted

    async def _read(self, album: Album, archived: ArchivedAlbum) -> _Album:
        looks, note = await self._gallery_order(album)
        items = await asyncio.to_thread(self._catalogue.items, album.key)
        items = in_order(self._chosen(archived, items), looks)
        placed = await self._surroundings.placed(archived, items)
        known = self._known.get(album.key) or AlbumTotals(album.path, album.directory, album.key, "", 0, 0)
        stored = [item for item in items if item.stored]
        totals = known._replace(files=len(stored), bytes=sum(item.size or 0 for item in stored))
        shown = [Placed(item, looks.get(item.image_key, UNKNOWN), place) for item, place in placed]
        return _Album(totals, shown, note)

    async def _gallery_order(self, album: Album) -> tuple[dict[str, Look], str]:
        try:
            return await self._looks.of(album.key), ""
        except StoreError as error:
            if error.ends_the_run:
                raise
            self.summary.problems.append(f"{album.path}: {error}")
            return {}, "The order of the gallery is unknown, so files stand by name."

    def _chosen(self, archived: ArchivedAlbum, items: Sequence[Item]) -> list[Item]:
        """Those that the filters want; what is not stored has no size or date to ask for."""
        wanted = [one.asset for one in archived.files if judge(self._filters, one.asset) is Verdict.WANTED]
        self._matches.assets([one.asset for one in archived.files], wanted=len(wanted))
        keys, some = {asset.image_key for asset in wanted}, len(wanted) < len(archived.files)
        return [item for item in items if item.image_key in keys or not (item.stored or some)]

    async def _album(self, album: _Album) -> None:
        self._advance(album.totals.path)
        stored = [one for one in album.items if one.item.stored]
        self._albums.append(album.totals)
        self.summary.albums += 1
        self.summary.items += len(stored)
        self.summary.missing += sum(not one.place.file for one in stored)
        if cover := _cover(album.items):
            self._covers[album.totals.key] = cover
        await asyncio.to_thread(self._spool.add, stored)
        await self._write(self._album_pages(album))

    def _album_pages(self, album: _Album) -> Iterator[Page]:
        count = Span(1, len(album.items))
        for number in range(1, count.pages + 1):
            on = Span(number, count.count)
            some = album.items[on.first : on.last]
            page = gallery_pages.album_page(album.totals.key, number)
            items, looks = _items(some), _looks(some)
            yield page, self._pages(page, some).album(album.totals, items, looks, on, album.note)

    # ---- dates and search ----

    async def _by_date(self) -> None:
        self._advance("the pages by date")
        months = self._spool.months()
        await self._write([(gallery_pages.DATES, self._pages(gallery_pages.DATES).dates(months))])
        for month in months:
            await self._write(self._month(month, months))

    def _month(self, month: Month, months: Sequence[Month]) -> Iterator[Page]:
        """Its pages, and the same items for the search."""
        everything = self._spool.month(month.month)
        for number, some in enumerate(_parts(everything, TILES), 1):
            on = Span(number, month.photos + month.videos)
            page = gallery_pages.month_page(month.month, number)
            items, looks = _items(some), _looks(some)
            yield page, self._pages(page, some).month(month.month, Wanted(), items, looks, on, months)
            for place, one in enumerate(some, on.first):
                self._words.add(month.month, place, one.item)
            for first in range(0, len(some), CHUNK):
                links = _links(gallery_pages.SEARCH, some)
                yield chunk(month.month, on.first + first, some[first : first + CHUNK], links)

    async def _search(self) -> None:
        self._advance("the search")
        links = _links(gallery_pages.SEARCH, ())
        years = sorted({month.year for month in self._spool.months() if month.month}, reverse=True)
        await self._write([(gallery_pages.SEARCH, search_page(links, FOOT, years))])
        await self._write((gallery_pages.shard(name), text) for name, text in self._words.files())

    # ---- folders ----

    def _folders(self, albums: Sequence[AlbumTotals], path: str) -> Iterator[Page]:
        """The page of a folder, and those of all below it."""
        yield self._folder(albums, path, gallery_pages.folder_page(path))
        for folder in contents(albums, path).folders:
            above = f"{fold(folder.path)}/"
            yield from self._folders([one for one in albums if fold(one.path).startswith(above)], folder.path)

    def _folder(self, albums: Sequence[AlbumTotals], path: str, page: str) -> Page:
        shown = tiles(contents(albums, path), self._cover)
        return page, self._pages(page, self._covers.values()).folder(path, shown)

    def _cover(self, album_key: str) -> Item | None:
        found = self._covers.get(album_key)
        return found.item if found else None

    # ---- pages ----

    def _pages(self, page: str, some: Iterable[Placed] = ()) -> Pages:
        return Pages(_links(page, some), FOOT, live=False)

    async def _write(self, pages: Iterable[Page]) -> None:
        for some in _parts(pages, AT_ONCE):
            self.summary.pages += sum(path.endswith(".html") for path, _ in some)
            await together(self._written.put(path, text) for path, text in some)


def _links(page: str, some: Iterable[Placed]) -> DiskLinks:
    return DiskLinks(page, {one.keys: one.place for one in some})


def _items(some: Iterable[Placed]) -> list[Item]:
    return [one.item for one in some]


def _looks(some: Iterable[Placed]) -> dict[str, Look]:
    return {one.item.image_key: one.look for one in some}


def _cover(items: Iterable[Placed]) -> Placed | None:
    """The first photo that can be shown."""
    return next((one for one in items if one.place.small), None)


def _parts(found: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(found)
    while some := list(islice(rest, size)):
        yield some
