"""Tests whether a folder can store the archive; leaves nothing behind."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import stat
import time
from collections.abc import AsyncIterator

from smug2s3.errors import StoreError
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import StoreTarget
from smug2s3.ports.store import Store
from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding
from smug2s3.stores.local.folder import HIDDEN, Folder
from smug2s3.stores.probe import ODD_NAME, in_short
from smug2s3.stores.trials import ABANDONED_AFTER, BEGINNING, new_folder

LITTLE = 10 * 10**9
"""Free bytes below which to warn: about a thousand photos."""

_BODY = b"smug2s3"
_TITLE = ("title", "=?UTF-8?B?w6Q=?=")


class FolderProbe:
    """All tests of ``smug2s3 check`` for a folder."""

    def __init__(self, store: Store, folder: Folder, prefix: str) -> None:
        self._store = store
        self._folder = folder
        self._prefix = prefix
        self._key = new_folder(prefix) + ODD_NAME

    async def findings(self) -> AsyncIterator[Finding]:
        """Run the tests."""
        try:
            await self._sweep()
            async for finding in self._tries():
                yield finding
        except StoreError as error:
            yield Finding("write and read", BAD, f"{error}: sync will fail")
        finally:
            await self._clean()
        yield Finding("versions", NOTE, "none: a photo replaced on SmugMug permanently replaces the stored one")
        yield await asyncio.to_thread(self._free_space)
        if os.name == "posix":
            yield await asyncio.to_thread(self._readers)

    async def neighbours(self) -> list[Finding]:
        """What is in place of a missing folder."""
        return [await asyncio.to_thread(self._neighbours)]

    def _neighbours(self) -> Finding:
        there = next(above for above in self._folder.root.parents if above.is_dir())
        try:
            with os.scandir(there) as entries:
                names = [entry.name for entry in entries if entry.is_dir()]
        except OSError as error:
            return Finding("disk", NOTE, f"{there} cannot be read: {error.strerror}")
        return Finding("disk", NOTE, f"{there} contains {in_short('folder', names, self._folder.root.name)}")

    async def _sweep(self) -> None:
        """Delete test files that killed checks left behind."""
        for key in await asyncio.to_thread(self._abandoned):
            await self._store.delete(key)

    def _abandoned(self) -> list[str]:
        before = time.time() - ABANDONED_AFTER.total_seconds()
        try:
            left = [(path, path.stat()) for path in self._folder.files(self._prefix + BEGINNING)]
        except OSError:
            return []  # what cannot be listed is reported by the tests that follow
        return [self._folder.key(path) for path, status in left if status.st_mtime < before]

    async def _tries(self) -> AsyncIterator[Finding]:
        target = StoreTarget(key=self._key, content_type="image/jpeg", metadata=(_TITLE,))
        md5 = hashlib.md5(_BODY, usedforsecurity=False).hexdigest()
        await self._store.put(target, CheckedStream(_sent(), size=len(_BODY), md5=md5))
        read = b"".join([chunk async for chunk in self._store.read(self._key)])
        if read == _BODY:
            yield Finding("write and read", GOOD, "works, also with spaces, accents and special characters in names")
        else:
            yield Finding("write and read", BAD, "the folder returned different bytes than were written")
        beside = self._key.rpartition("/")[0] + "/"
        listed = [found.key async for page in self._store.list(beside) for found in page]
        if listed == [self._key]:
            yield Finding("list", GOOD, "verify finds files changed since they were copied; --deep reads every byte")
        else:
            yield Finding("list", BAD, "a name with spaces, accents and special characters is listed differently")
        if dict([_TITLE]).items() <= (await self._store.head(self._key)).metadata.items():
            yield Finding("metadata", GOOD, f"titles and captions are kept in {HIDDEN}, beside the files")
        else:
            yield Finding("metadata", NOTE, "returned changed: rely on _album.json for titles and captions")

    async def _clean(self) -> None:
        try:
            await self._store.delete(self._key)
        except StoreError:
            return  # already reported if it could not be written
        await asyncio.to_thread(self._folder.clear_way, self._folder.hidden / "incoming" / "any")

    def _free_space(self) -> Finding:
        free = shutil.disk_usage(self._folder.root).free
        text = f"{free / 1e9:,.1f} GB; `smug2s3 sync --dry-run` shows how much is needed"
        return Finding("free space", GOOD if free >= LITTLE else NOTE, text)

    def _readers(self) -> Finding:
        if self._folder.root.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            text = (
                "other users of this computer can read it, including private albums: run chmod 700 on it to prevent "
                "that"
            )
            return Finding("access", NOTE, text)
        return Finding("access", GOOD, "only you: private albums stay private")


async def _sent() -> AsyncIterator[bytes]:
    yield _BODY
