"""Where the pages of `gallery` are written: a folder or the bucket; each page appears whole, and only if it changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from mimetypes import guess_type
from pathlib import Path
from typing import Protocol, TypeVar

from smug2s3.errors import StoreMissing
from smug2s3.flow.retry import A_FEW_TRIES, retry
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import StoreTarget
from smug2s3.ports.store import Store
from smug2s3.rules.foreign_json import read_json
from smug2s3.rules.gallery_pages import LIST, is_page
from smug2s3.rules.homecoming import PART
from smug2s3.stores.local.home import translate

T = TypeVar("T")


class Shelf(Protocol):
    """Holds files at paths. Raises TargetError or StoreError."""

    async def read(self, path: str) -> bytes | None:
        """The file; ``None`` if there is none."""

    async def write(self, path: str, body: bytes) -> None:
        """Replace it as a whole."""

    async def remove(self, path: str) -> None:
        """Remove it, if it is there."""

    async def holds(self, path: str, body: bytes, *, known: bool) -> bool:
        """Whether the file has this content; ``known``: an earlier run says that it wrote it."""


class FolderShelf:
    """A folder on a disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def read(self, path: str) -> bytes | None:
        """The file."""
        return await self._done(path, lambda: _content(self._root / path))

    async def write(self, path: str, body: bytes) -> None:
        """As another file first, which then gets its name."""
        await self._done(path, lambda: self.replace(path, body))

    async def remove(self, path: str) -> None:
        """With the folder that it leaves empty."""
        await self._done(path, lambda: self._unlink(self._root / path))

    async def holds(self, path: str, body: bytes, *, known: bool) -> bool:  # noqa: ARG002 - a person may have changed it
        """The file itself says so."""
        return await self.read(path) == body

    async def _done(self, path: str, step: Callable[[], T]) -> T:
        """The result of ``step`` in a thread; raises TargetError."""
        try:
            return await asyncio.to_thread(step)
        except OSError as error:
            raise translate(error, path, self._root) from error

    def replace(self, path: str, body: bytes) -> None:
        """The same, blocking; raises OSError."""
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + PART)
        try:
            part.write_bytes(body)
            part.replace(target)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def _unlink(self, target: Path) -> None:
        target.unlink(missing_ok=True)
        with suppress(OSError):
            target.parent.rmdir()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


class BucketShelf:
    """The bucket, below its prefix; as private as everything in it."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._store = store
        self._prefix = prefix

    async def read(self, path: str) -> bytes | None:
        """The object."""
        try:
            return b"".join([chunk async for chunk in self._store.read(self._prefix + path)])
        except StoreMissing:
            return None

    async def write(self, path: str, body: bytes) -> None:
        """In one request."""
        target = StoreTarget(key=self._prefix + path, content_type=_media_type(path))
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()

        async def put() -> object:
            return await self._store.put(target, CheckedStream(_once(body), size=len(body), md5=md5))

        await retry(A_FEW_TRIES, put, side=self._store.side)

    async def remove(self, path: str) -> None:
        """The object."""
        await self._store.delete(self._prefix + path)

    async def holds(self, path: str, body: bytes, *, known: bool) -> bool:  # noqa: ARG002 - not worth a request a page
        """What an earlier run wrote is believed."""
        return known


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _media_type(path: str) -> str:
    kind = guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("javascript", "json")) else kind


class Written:
    """Writes pages to a shelf, and knows those of the run before."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._before: dict[str, str] = {}
        self._now: dict[str, str] = {}
        self.changed = 0

    @property
    def count(self) -> int:
        """Pages so far, with all that belongs to them."""
        return len(self._now)

    async def begin(self) -> None:
        """Read what the run before wrote; a list that is damaged counts as none."""
        with suppress(ValueError, AttributeError, TypeError):
            said = read_json(await self._shelf.read(LIST) or b"{}")
            self._before = {str(path): str(digest) for path, digest in said.get("pages", {}).items()}

    async def put(self, path: str, text: str | bytes) -> None:
        """A page, unless it is there with these very bytes."""
        body = text if isinstance(text, bytes) else text.encode(errors="replace")
        digest = hashlib.sha256(body).hexdigest()
        self._now[path] = digest
        if not await self._shelf.holds(path, body, known=self._before.get(path) == digest):
            await self._shelf.write(path, body)
            self.changed += 1

    async def interrupted(self) -> None:
        """Keep what is known of both runs, so that nothing stays for ever."""
        await self._save(self._before | self._now)

    async def end(self) -> None:
        """Remove the pages that are left over, and keep the list of the others."""
        for path in sorted(self._before.keys() - self._now.keys()):
            if is_page(path):
                await self._shelf.remove(path)
                self.changed += 1
        await self._save(self._now)

    async def _save(self, pages: dict[str, str]) -> None:
        body = json.dumps({"pages": dict(sorted(pages.items()))}, indent=0).encode()
        if pages != self._before:
            await self._shelf.write(LIST, body)
