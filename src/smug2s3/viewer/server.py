"""The pages of the archive over HTTP: read-only, on this machine alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from mimetypes import guess_type

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from smug2s3.errors import Smug2s3Error, StoreArchived, StoreError, StoreMissing, UsageError, foreseen
from smug2s3.ports.catalogue import Catalogue
from smug2s3.ports.store import Store
from smug2s3.rules.contents import AlbumTotals, contents
from smug2s3.rules.downloads import MOST_FIELDS_BYTES
from smug2s3.rules.search import parse
from smug2s3.rules.viewing import (
    SHOWN_BY_BROWSERS,
    TILES,
    UNKNOWN,
    Item,
    Kind,
    Span,
    Tile,
    Wanted,
    dated_count,
    in_order,
    span,
    tiles,
)
from smug2s3.viewer.activity import Activity
from smug2s3.viewer.albums import AlbumLooks
from smug2s3.viewer.guard import Guard
from smug2s3.viewer.links import ServedLinks
from smug2s3.viewer.pages import Pages
from smug2s3.viewer.pictures import Picture, Pictures
from smug2s3.viewer.sending import Sender, is_known
from smug2s3.viewer.zipping import Zipper

MOST_FOUND = 2000
"""Items that a search shows; more words find fewer."""

PAGES_AT_ONCE = 4
"""Pages that are made at the same time: each may hold an album of thousands; others wait for their turn."""

PARTS = frozenset(
    {
        "viewer.css",
        "viewer.js",
        "icon.svg",
        "photoswipe/photoswipe.css",
        "photoswipe/photoswipe.umd.min.js",
    }
)


class Server:
    """Answers every address of ``ServedLinks``."""

    def __init__(self, *, catalogue: Catalogue, store: Store, pictures: Pictures, place: str, guard: Guard) -> None:
        self.activity = Activity()
        self._catalogue = catalogue
        self._guard = guard
        self._looks = AlbumLooks(store, catalogue)
        self._pictures = pictures
        self._sender = Sender(store)
        self._zipper = Zipper(store, catalogue)
        self._pages = Pages(ServedLinks(), place, live=True)
        self._making = asyncio.Semaphore(PAGES_AT_ONCE)

    def application(self) -> web.Application:
        """To be run by aiohttp."""
        app = web.Application(
            middlewares=[self._failures(), self.activity.middleware()], client_max_size=MOST_FIELDS_BYTES
        )
        self._guard.protect(app)
        app.add_routes(
            [
                web.get("/", self._page(self._folder)),
                web.get("/folder", self._page(self._folder)),
                web.get("/album/{album}", self._page(self._album)),
                web.get("/dates", self._page(self._dates)),
                web.get("/dates/{month}", self._page(self._month)),
                web.get("/search", self._page(self._search)),
                web.get("/photo/{album}/{image}", self._page(self._photo)),
                web.get("/small/{album}/{image}", self._small),
                web.get("/large/{album}/{image}", self._large),
                web.get("/original/{album}/{image}", self._original),
                web.get("/part/{name:.+}", _part),
                web.post("/zip", self._zip),
            ]
        )
        return app

    def _failures(self) -> Middleware:
        @web.middleware
        async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPException as refusal:
                return self._refused(refusal)
            except Exception as raised:  # noqa: BLE001 - the last place before the person at the browser
                error = foreseen(raised)
                return self._message(_status(error), "That did not work", str(error), error.hint)

        return told

    def _refused(self, refusal: web.HTTPException) -> web.Response:
        sentences = {
            404: "There is no such page.",
            405: "The archive can only be read.",
            413: "That is more than a page of this archive sends.",
        }
        return self._message(refusal.status, "Not here", sentences.get(refusal.status, "This cannot be answered."))

    def _message(self, status: int, title: str, sentence: str, hint: str = "") -> web.Response:
        return _html(self._pages.message(title, sentence, hint), status)

    def _page(self, handler: Handler) -> Handler:
        """A page, when it is its turn."""

        async def paced(request: web.Request) -> web.StreamResponse:
            async with self._making:
                return await handler(request)

        return paced

    async def _folder(self, request: web.Request) -> web.Response:
        path = request.query.get("path", "")
        return _html(await asyncio.to_thread(lambda: self._pages.folder(path, self._tiles(path))))

    def _tiles(self, path: str) -> list[Tile]:
        return tiles(contents(self._catalogue.albums(), path), self._catalogue.cover)

    async def _album(self, request: web.Request) -> web.Response:
        album = await asyncio.to_thread(self._known, request.match_info["album"])
        items = await asyncio.to_thread(self._catalogue.items, album.key)
        note = ""
        try:
            looks = await self._looks.of(album.key)
        except StoreError as error:
            looks, note = {}, f"The order of the gallery is unknown, so files stand by name: {error}"
        on = span(request.query.get("page", "1"), len(items))
        return _html(
            await asyncio.to_thread(
                lambda: self._pages.album(album, _shown(in_order(items, looks), on), looks, on, note)
            )
        )

    def _known(self, album_key: str) -> AlbumTotals:
        for album in self._catalogue.albums():
            if album.key == album_key:
                return album
        raise web.HTTPNotFound

    async def _dates(self, _request: web.Request) -> web.Response:
        return _html(self._pages.dates(await asyncio.to_thread(self._catalogue.months)))

    async def _month(self, request: web.Request) -> web.Response:
        month, wanted = request.match_info["month"].removeprefix("0"), _wanted(request)
        months = await asyncio.to_thread(self._catalogue.months)
        on = span(request.query.get("page", "1"), dated_count(months, month, wanted))
        items = await asyncio.to_thread(self._catalogue.dated, month, wanted, on.first, TILES)
        return _html(await asyncio.to_thread(lambda: self._pages.month(month, wanted, items, {}, on, months)))

    async def _search(self, request: web.Request) -> web.Response:
        words, wanted = request.query.get("q", "").strip()[:500], _wanted(request)
        items = await asyncio.to_thread(self._catalogue.found, parse(words), wanted, MOST_FOUND + 1) if words else []
        note = "" if words else "Type words to look for; the beginning of a word ends with *."
        if len(items) > MOST_FOUND:
            note = f"Only the first {MOST_FOUND:,} are shown. Add a word to find fewer."
        items = items[:MOST_FOUND]
        on = span(request.query.get("page", "1"), len(items))
        return _html(
            await asyncio.to_thread(lambda: self._pages.search(words, wanted, _shown(items, on), {}, on, note))
        )

    async def _photo(self, request: web.Request) -> web.Response:
        item = await self._item(request)
        looks = await self._looks.known(item.album_key)
        items = in_order(await asyncio.to_thread(self._catalogue.items, item.album_key), looks)
        beside = await asyncio.to_thread(self._catalogue.beside, item)
        return _html(self._pages.photo(item, looks.get(item.image_key) or UNKNOWN, beside, _around(item, items)))

    async def _small(self, request: web.Request) -> web.StreamResponse:
        item = await self._stored_item(request)
        return await self._shown_as(request, item, await self._pictures.small(item))

    async def _large(self, request: web.Request) -> web.StreamResponse:
        item = await self._stored_item(request)
        return await self._shown_as(request, item, await self._pictures.large(item))

    async def _shown_as(self, request: web.Request, item: Item, found: Picture | None) -> web.StreamResponse:
        """The picture, or else the original, where a browser can show it."""
        if found:
            return _picture(request, found)
        if item.is_video or item.suffix not in SHOWN_BY_BROWSERS:
            raise web.HTTPNotFound
        return await self._sender.send(request, item)

    async def _original(self, request: web.Request) -> web.StreamResponse:
        return await self._sender.send(request, await self._stored_item(request))

    async def _zip(self, request: web.Request) -> web.StreamResponse:
        return await self._zipper.answer(request)

    async def _stored_item(self, request: web.Request) -> Item:
        item = await self._item(request)
        if not item.stored:
            raise UsageError(f"{item.name} is not in the archive")
        return item

    async def _item(self, request: web.Request) -> Item:
        keys = request.match_info["album"], request.match_info["image"]
        if item := await asyncio.to_thread(self._catalogue.item, *keys):
            return item
        raise web.HTTPNotFound


async def _part(request: web.Request) -> web.Response:
    """A style or script of the pages, asked for again each time: another version may answer at this port tomorrow."""
    name = request.match_info["name"]
    if name not in PARTS:
        raise web.HTTPNotFound
    body, tag = _read_part(name)
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    if is_known(request, tag):
        return web.Response(status=304, headers=headers)
    kind = guess_type(name)[0] or "text/plain"
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


@cache
def _read_part(name: str) -> tuple[bytes, str]:
    body = files("smug2s3.viewer").joinpath("static", name).read_bytes()
    return body, f'"{sha256(body).hexdigest()[:16]}"'


def _shown(items: Sequence[Item], on: Span) -> Sequence[Item]:
    return items[on.first : on.last]


def _around(item: Item, items: Sequence[Item]) -> tuple[Item | None, Item | None]:
    """The items before and after this one in its album."""
    place = next((number for number, one in enumerate(items) if one.image_key == item.image_key), None)
    if place is None:
        return None, None
    return items[place - 1] if place else None, items[place + 1] if place + 1 < len(items) else None


def _wanted(request: web.Request) -> Wanted:
    kind, year = request.query.get("kind", ""), request.query.get("year", "")
    if kind not in set(Kind) or not (year == "" or (year.isdigit() and len(year) == 4)):
        raise UsageError("these filters are unknown", hint="Go back, and choose again.")
    return Wanted(kind=Kind(kind), year=year)


def _status(error: Smug2s3Error) -> int:
    if isinstance(error, StoreArchived):
        return 409
    if isinstance(error, StoreMissing):
        return 410
    if isinstance(error, StoreError):
        return 502
    return 404 if isinstance(error, UsageError) else 500


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html")


def _picture(request: web.Request, found: Picture) -> web.Response:
    """For a day: a better one may be stored by then."""
    headers = {"Cache-Control": "private, max-age=86400", "ETag": f'"{sha256(found.body).hexdigest()[:16]}"'}
    if is_known(request, headers["ETag"]):
        return web.Response(status=304, headers=headers)
    return web.Response(body=found.body, content_type=found.kind, headers=headers)
