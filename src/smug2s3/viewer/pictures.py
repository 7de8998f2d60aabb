"""Finds a picture to show for an item: SmugMug's stored preview, the one inside its file, or one made of it."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass
from functools import partial
from weakref import WeakValueDictionary

from smug2s3.errors import StoreMissing
from smug2s3.ports.catalogue import Catalogue
from smug2s3.ports.store import Store
from smug2s3.rules import jpeg
from smug2s3.rules.exif import HEAD, preview
from smug2s3.rules.preview_keys import Size, preview_key
from smug2s3.rules.viewing import SHOWN_BY_BROWSERS, Item
from smug2s3.viewer.kept_pictures import KeptPictures
from smug2s3.viewer.making import can_make, made
from smug2s3.viewer.reading import continued

AT_ONCE = 12
"""Pictures that are read from the store at the same time, however many pages are open."""

MAKERS = 2
"""Threads that decode: each picture takes memory, and a core for half a second."""

SMALL, LARGE = 480, 1600
"""The longer sides of what is made, in pixels."""

FITTING = {
    SMALL: (Size.SMALL, Size.MEDIUM, Size.LARGE, Size.XLARGE, Size.X2LARGE),
    LARGE: (Size.X3LARGE, Size.X2LARGE, Size.X4LARGE, Size.X5LARGE, Size.FOUR_K, Size.FIVE_K),
}
"""SmugMug's sizes that serve as well, the best first."""

LEAST = 160
"""Pixels of the longer side that a camera's own preview must have: most have just as many, which will do for a tile."""

LONGEST_FILE = 100_000_000
"""Bytes of the largest file of which a picture is made."""

SHORT = 1_500_000
"""Bytes of a file that is shown as it is, rather than one that is made of it."""

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and its media type."""

    body: bytes
    kind: str = "image/jpeg"


class Pictures:
    """The pictures of one archive. What they raise is a StoreError."""

    def __init__(self, store: Store, catalogue: Catalogue, prefix: str, kept: KeptPictures) -> None:
        self._store = store
        self._catalogue = catalogue
        self._prefix = prefix
        self._kept = kept
        self._reading = asyncio.Semaphore(AT_ONCE)
        self._making = asyncio.Semaphore(MAKERS)
        self._makers = ThreadPoolExecutor(MAKERS, "pictures")
        self._names: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """Of what is being made, so that several pages wait for the same."""
        self._hopeless: OrderedDict[str, None] = OrderedDict()
        """Names of pictures that could not be made; the file would be read in vain again."""

    def close(self) -> None:
        """Begin nothing more; what is being decoded ends by itself."""
        self._makers.shutdown(wait=False, cancel_futures=True)

    async def small(self, item: Item) -> Picture | None:
        """For a tile; ``None`` if there is none but perhaps the file itself."""
        return await self._stored(item, SMALL) or await self._inside(item) or await self._made(item, SMALL)

    async def large(self, item: Item) -> Picture | None:
        """For the whole screen; ``None`` if there is none but perhaps the file itself."""
        if found := await self._stored(item, LARGE):
            return found
        if item.suffix in SHOWN_BY_BROWSERS and (item.size or SHORT) < SHORT:
            return None
        return await self._made(item, LARGE)

    async def _stored(self, item: Item, edge: int) -> Picture | None:
        """The best of SmugMug's own that is in the archive."""
        keys = [preview_key(item.key, size, prefix=self._prefix) for size in FITTING[edge]]
        stored = await asyncio.to_thread(self._catalogue.stored, keys)
        for key in filter(stored.__contains__, keys):
            with suppress(StoreMissing):  # deleted meanwhile; `verify` reports that
                async with self._reading, aclosing(self._store.read(key)) as chunks:
                    return Picture(b"".join([chunk async for chunk in chunks]))
        return None

    async def _inside(self, item: Item) -> Picture | None:
        if item.suffix not in (".jpg", ".jpeg"):
            return None
        async with self._reading:
            found = preview(await self._store.beginning(item.key, HEAD))
        if found is None or max(jpeg.pixels(found.jpeg)) < LEAST:
            return None
        return Picture(jpeg.oriented(found.jpeg, found.orientation))

    async def _made(self, item: Item, edge: int) -> Picture | None:
        if item.is_video or not can_make(item.suffix) or not 0 < (item.size or 0) <= LONGEST_FILE:
            return None
        name = _name(item, edge)
        async with self._names.setdefault(name, asyncio.Lock()):
            body = await asyncio.to_thread(self._kept.get, name)
            if body is None and name not in self._hopeless:
                async with self._making:
                    body = await self._make(item, edge)
        if body is None:
            self._give_up(name)
        return Picture(body) if body else None

    async def _make(self, item: Item, edge: int) -> bytes | None:
        opened = ExitStack()
        try:
            file = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
            async with aclosing(continued(self._store, item.key, 0, item.size or 0)) as chunks:
                async for chunk in chunks:
                    file.write(chunk)
            job = self._makers.submit(made, file, edge)
            # Whoever asked may be gone by then, and the thread still reads it.
            job.add_done_callback(partial(_close, opened.pop_all()))
            body = await asyncio.wrap_future(job)
        except OSError:  # no room for the file
            return None
        finally:
            opened.close()
        if body is not None:
            await asyncio.to_thread(self._kept.put, _name(item, edge), body)
        return body

    def _give_up(self, name: str) -> None:
        self._hopeless[name] = None
        while len(self._hopeless) > _REMEMBERED:
            self._hopeless.popitem(last=False)


def _close(opened: ExitStack, _job: Future[bytes | None]) -> None:
    opened.close()


def _name(item: Item, edge: int) -> str:
    """Of the kept picture: it changes with the file's bytes."""
    found = hashlib.sha256(f"{item.key}\0{item.identity}".encode(errors="replace")).hexdigest()
    return f"{found[:32]}-{edge}.jpg"
