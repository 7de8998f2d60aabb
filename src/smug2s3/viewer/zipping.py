"""Sends a ZIP of an album or of chosen items while it reads them; what is not right is left out and named in it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from itertools import islice
from typing import Any
from urllib.parse import quote

from aiohttp import web

from smug2s3.errors import Smug2s3Error, StoreCorrupt, StoreError, UsageError
from smug2s3.ports.catalogue import Catalogue
from smug2s3.ports.store import Store
from smug2s3.rules.downloads import REPORT, Download, chosen, downloads, zip_name
from smug2s3.rules.viewing import Item
from smug2s3.stores.local.zip_writer import entry_info
from smug2s3.viewer.reading import continued
from smug2s3.viewer.sending import cut

AT_ONCE = 2
"""ZIPs that are sent at the same time; others wait."""

WHOLE = 8 * 1024 * 1024
"""Bytes up to which a file is read and compared before it is sent, so that a wrong one is not sent at all."""

AHEAD = 3
"""Files that are read at the same time."""

_LARGE = 2**31 - 1
_FORM = "application/x-www-form-urlencoded"


class Zipper:
    """The ZIPs of one archive."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._places = asyncio.Semaphore(AT_ONCE)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What the form asks for: ``all``, an album's key, or ``item`` for each one chosen. Raises UsageError."""
        if request.content_type != _FORM:
            raise web.HTTPUnsupportedMediaType
        form = await request.post()
        albums = [str(value) for value in form.getall("all", [])[:1]]
        wanted = chosen([str(value) for value in form.getall("item", [])])
        items = await asyncio.to_thread(self._items, albums, wanted)
        found = await asyncio.to_thread(downloads, items)
        if not found:
            raise UsageError("nothing that is in the archive was chosen", hint="Go back, and choose something.")
        async with self._places:
            return await self._send(request, found)

    def _items(self, albums: Sequence[str], wanted: dict[str, set[str]]) -> list[Item]:
        if albums:
            return list(self._catalogue.items(albums[0]))
        return [
            item
            for album, images in wanted.items()
            for item in self._catalogue.items(album)
            if item.image_key in images
        ]

    async def _send(self, request: web.Request, files: Sequence[Download]) -> web.StreamResponse:
        headers = {
            "Content-Type": "application/zip",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(zip_name(files), safe='')}",
        }
        answer = web.StreamResponse(headers=headers)
        await answer.prepare(request)
        try:
            await _Zip(self._store, answer).fill(files)
            await answer.write_eof()
        except Smug2s3Error:
            cut(request)
        return answer


class _Zip:
    """One ZIP on its way."""

    def __init__(self, store: Store, answer: web.StreamResponse) -> None:
        self._store = store
        self._answer = answer
        self._out = _Outgoing()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_STORED)
        self._lacking: list[str] = []

    async def fill(self, files: Sequence[Download]) -> None:
        """All of it; raises only a StoreError with which nothing else can be read either."""
        reading: deque[asyncio.Task[bytes | None]] = deque()
        coming = iter(files)
        try:
            for file in files:
                reading += [asyncio.create_task(self._body(one)) for one in islice(coming, AHEAD - len(reading))]
                await self._add(file, reading[0])
                reading.popleft()
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
        self._end()
        await self._pass_on()

    async def _add(self, file: Download, reading: asyncio.Task[bytes | None]) -> None:
        try:
            body = await reading
            await (self._streamed(file) if body is None else self._whole(file, body))
        except StoreError as error:
            if error.ends_the_run:
                raise
            self._lacking.append(f"{file.name}: {error}")

    def _end(self) -> None:
        if self._lacking:
            words = ["These files are not in this ZIP:", "", *self._lacking, ""]
            self._zip.writestr(entry_info(REPORT, None), "\r\n".join(words))
        self._zip.close()

    async def _body(self, file: Download) -> bytes | None:
        """The bytes of a small file, once they are compared; ``None`` for a large one."""
        if file.item.size is None or file.item.size > WHOLE:
            return None
        async with aclosing(continued(self._store, file.item.key, 0, file.item.size)) as chunks:
            body = b"".join([chunk async for chunk in chunks])
        _compare(file.item, hashlib.md5(body, usedforsecurity=False).hexdigest())
        return body

    async def _whole(self, file: Download, body: bytes) -> None:
        self._zip.writestr(entry_info(file.name, file.moment), body)
        await self._pass_on()

    async def _streamed(self, file: Download) -> None:
        """A large file as it comes; if it turns out to be wrong, its bytes are in the ZIP, but no entry leads to them."""
        size = file.item.size if file.item.size is not None else (await self._store.head(file.item.key)).size
        found = hashlib.md5(usedforsecurity=False)
        async with aclosing(continued(self._store, file.item.key, 0, size)) as chunks:
            chunk = await anext(chunks, b"")
            entry = self._zip.open(entry_info(file.name, file.moment), "w", force_zip64=size > _LARGE)
            try:
                while chunk:
                    found.update(chunk)
                    entry.write(chunk)
                    await self._pass_on()
                    chunk = await anext(chunks, b"")
                _compare(file.item, found.hexdigest())
            except BaseException:
                self._abandon(entry)
                raise
            entry.close()

    def _abandon(self, entry: Any) -> None:
        """Closed without the end of an entry, which would list it; no public method does that."""
        io.BufferedIOBase.close(entry)
        self._zip._writing = False  # type: ignore[attr-defined]  # noqa: SLF001
        self._zip.start_dir = self._out.count

    async def _pass_on(self) -> None:
        for chunk in self._out.taken():
            await self._answer.write(chunk)


class _Outgoing:
    """What a ZIP was written to and is still to be sent; nothing of it can be changed afterwards."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self.count = 0

    def write(self, chunk: bytes) -> int:
        """To be sent."""
        self._chunks.append(bytes(chunk))
        self.count += len(chunk)
        return len(chunk)

    def flush(self) -> None:
        """There is nothing behind it."""

    close = flush

    def taken(self) -> Iterator[bytes]:
        """Everything since last time."""
        chunks, self._chunks = self._chunks, []
        yield from chunks


def _compare(item: Item, md5: str) -> None:
    if item.md5 and md5 != item.md5:
        raise StoreCorrupt(
            f"the bucket sent bytes with MD5 {md5} for {item.key}, but MD5 {item.md5} and {item.size or 0:,} bytes are recorded"
        )
