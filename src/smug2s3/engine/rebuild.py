"""Makes a lost ledger anew from the bucket alone: its listing, and what every `_album.json` says of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smug2s3.models import Asset, Receipt, StoredObject
from smug2s3.ports import Ledger, Store
from smug2s3.rules import digests, keys, metadata
from smug2s3.rules.plan import stored_name

ReadItem = Callable[[Mapping[str, Any], str], Asset]


@dataclass(slots=True, kw_only=True)
class Found:
    """What the rebuild recognised, and what it did not."""

    albums: int = 0
    files: int = 0
    bytes: int = 0
    references: int = 0
    """Of the files: those that are an object of another album."""
    doubtful: int = 0
    """Files whose size or MD5 is not what their album's own file says: left out, so they are moved again."""
    unknown: int = 0
    """Objects that no ``_album.json`` names."""


class Rebuild:
    """One rebuild into an empty ledger. Reads every ``_album.json`` and the listing, and no photo."""

    def __init__(self, *, store: Store, ledger: Ledger, prefix: str, read_item: ReadItem) -> None:
        self._store = store
        self._ledger = ledger
        self._prefix = prefix
        self._read_item = read_item
        self.found = Found()

    async def run(self) -> Found:
        """Two passes over the listing: first the objects, then the albums among them."""
        await self._ledger.keep_listing(self._listed())
        async for sidecar in self._ledger.listed_sidecars(f"/{keys.SIDECAR}"):
            await self._album(sidecar)
        self.found.unknown = await self._ledger.count_unknown()
        return self.found

    async def _listed(self) -> AsyncIterator[list[StoredObject]]:
        async for page in self._store.list(self._prefix):
            yield page

    async def _album(self, sidecar: StoredObject) -> None:
        body = b"".join([chunk async for chunk in self._store.read(sidecar.key)])
        try:
            document = json.loads(body)
            album = document["album"]
            album_key = str(album["AlbumKey"])
        except (ValueError, KeyError, TypeError):
            return
        directory = sidecar.key.removesuffix(f"/{keys.SIDECAR}")
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        await self._ledger.remember_album(
            album_key, _path(document), directory.removeprefix(self._prefix), _receipt(sidecar, md5)
        )
        await self._ledger.add_directories(_directories(document, directory.removeprefix(self._prefix)))
        self.found.albums += 1
        for gone, name in ((False, "items"), (True, "former_items")):
            for item in document.get(name, []):
                if item.get("key"):
                    await self._file(item, album_key, directory, gone=gone)

    async def _file(self, item: Mapping[str, Any], album_key: str, directory: str, *, gone: bool) -> None:
        stored = await self._ledger.listed(item["key"])
        if stored is None:
            return
        asset = self._read_item(item, album_key)
        md5 = asset.md5 or digests.clean_md5(stored.etag)
        if md5 is None or (asset.size not in (None, stored.size)) or _names_other_bytes(stored.etag, md5):
            self.found.doubtful += 1
            return
        reference = bool(item.get("reference"))
        wanted = f"{directory if reference else item['key'].rpartition('/')[0]}/{stored_name(asset)}"
        description = metadata.digest(metadata.describe(asset))
        receipt = _receipt(stored, md5)
        await self._ledger.remember_asset(asset, receipt, wanted, description, gone=gone, reference=reference)
        self.found.files += 1
        self.found.references += reference
        self.found.bytes += 0 if reference else stored.size


def _names_other_bytes(etag: str, md5: str) -> bool:
    return digests.etag_agrees(etag, recorded="", md5=md5) is False


def _receipt(stored: StoredObject, md5: str) -> Receipt:
    return Receipt(key=stored.key, size=stored.size, md5=md5, etag=stored.etag, stored_at="")


def _path(document: Mapping[str, Any]) -> str:
    """The album's display path: the names of its folders and its own."""
    names = [str(entry.get("Name", "")) for entry in (*document.get("folders", []), document.get("node", {}))]
    return "/".join(names)


def _directories(document: Mapping[str, Any], directory: str) -> list[tuple[str, str]]:
    """Which folder and album of SmugMug's has which directory, where the depths agree."""
    nodes = [str(entry.get("NodeID", "")) for entry in (*document.get("folders", []), document.get("node", {}))]
    parts = directory.split("/")
    if len(nodes) != len(parts) or not all(nodes):
        return []
    return [("/".join(parts[: depth + 1]), node) for depth, node in enumerate(nodes)]
