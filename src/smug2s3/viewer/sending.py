"""Sends stored files to a browser as they are read from the store, whole or in ranges."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from mimetypes import guess_type
from urllib.parse import quote

from aiohttp import web

from smug2s3.errors import Smug2s3Error
from smug2s3.ports.store import Store
from smug2s3.rules.viewing import Item
from smug2s3.viewer.reading import continued

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

KEEP = "private, max-age=31536000, immutable"
"""For what has an address that changes with it."""

AT_ONCE = 32
"""Files that are sent at the same time; a browser asks for six at most, other requests wait."""


def asked_range(header: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last; ``None`` for all of it. Raises ValueError if it cannot be satisfied.

    Several ranges, and what is malformed, get everything, as RFC 9110 allows.
    """
    found = _RANGE.fullmatch(header.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    begin = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if begin >= size:
        raise ValueError(header)
    return begin, end


def is_known(request: web.Request, tag: str) -> bool:
    """Whether the browser has this version already (``If-None-Match``)."""
    tags = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
    return tag in tags or "*" in tags


class Sender:
    """Sends the files of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._places = asyncio.Semaphore(AT_ONCE)

    async def send(self, request: web.Request, item: Item) -> web.StreamResponse:
        """The file's bytes; the request to the store ends with the browser's. Raises StoreError."""
        size = item.size if item.size is not None else (await self._store.head(item.key)).size
        headers = _headers(item)
        if is_known(request, headers["ETag"]):
            return web.Response(status=304, headers=headers)
        wanted = request.headers.get("Range", "")
        if request.headers.get("If-Range", headers["ETag"]) != headers["ETag"]:
            wanted = ""
        try:
            part = asked_range(wanted, size)
        except ValueError:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        begin, end = part or (0, size)
        answer = web.StreamResponse(status=206 if part else 200, headers=headers)
        answer.content_length = end - begin
        if part:
            answer.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
        if request.method != "HEAD":
            async with self._places:
                await self._stream(request, answer, item.key, begin, end)
        return answer

    async def _stream(self, request: web.Request, answer: web.StreamResponse, key: str, begin: int, end: int) -> None:
        async with aclosing(continued(self._store, key, begin, end)) as chunks:
            first = await anext(chunks, b"")  # before the status is sent: a missing object is an error of its own
            await answer.prepare(request)
            try:
                await answer.write(first)
                async for chunk in chunks:
                    await answer.write(chunk)
                await answer.write_eof()
            except Smug2s3Error:
                cut(request)


def cut(request: web.Request) -> None:
    """End a transfer that cannot go on, so that the browser knows that it is incomplete."""
    if request.transport:
        request.transport.abort()


def _headers(item: Item) -> dict[str, str]:
    name = item.key.rpartition("/")[2]
    kind = guess_type(name)[0] or "application/octet-stream"
    if not kind.startswith(("image/", "video/")) or kind == "image/svg+xml":
        kind = "application/octet-stream"  # nothing that a browser would run
    return {
        "Content-Type": kind,
        "Accept-Ranges": "bytes",
        "Cache-Control": KEEP,
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
        "ETag": f'"{item.identity}"',
    }
