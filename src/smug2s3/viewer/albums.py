"""Reads how an album looks from its `_album.json` in the bucket, and keeps that for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from smug2s3.errors import StoreError
from smug2s3.flow.stream import joined
from smug2s3.ports.catalogue import Catalogue
from smug2s3.ports.store import Store
from smug2s3.rules.album_lines import LARGEST
from smug2s3.rules.looks import looks
from smug2s3.rules.viewing import Look

KEPT = 40_000
"""Items whose looks are kept in memory: about half a kilobyte each."""

AT_ONCE = 4
"""Albums that are read at the same time."""


class AlbumLooks:
    """The looks of albums, read once for each version of their `_album.json`."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._kept: OrderedDict[tuple[str, str], dict[str, Look]] = OrderedDict()
        self._reading = asyncio.Semaphore(AT_ONCE)

    async def of(self, album_key: str) -> dict[str, Look]:
        """By image key, in gallery order; empty if there is no `_album.json`. Raises StoreError if it cannot be read."""
        version = await asyncio.to_thread(self._catalogue.sidecar, album_key)
        if not version[0]:
            return {}
        async with self._reading:
            if version not in self._kept:
                self._keep(version, await self._read(version[0]))
            self._kept.move_to_end(version)
            return self._kept[version]

    async def known(self, album_key: str) -> dict[str, Look]:
        """The same for what can do without: empty if it cannot be read."""
        try:
            return await self.of(album_key)
        except StoreError:
            return {}

    async def _read(self, key: str) -> dict[str, Look]:
        body = await joined(self._store.read(key), LARGEST)
        return await asyncio.to_thread(looks, body)

    def _keep(self, version: tuple[str, str], found: dict[str, Look]) -> None:
        self._kept[version] = found
        while len(self._kept) > 1 and sum(map(len, self._kept.values())) > KEPT:
            self._kept.popitem(last=False)
