"""Writes the XMP sidecars of an album's files: those that SmugMug's words have changed, also of files copied long ago."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from smug2s3.engine.summary import Summary
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream
from smug2s3.flow.together import together
from smug2s3.models import Asset, Contents, Entry, Receipt, StoreTarget
from smug2s3.ports.ledger import XmpRecords
from smug2s3.ports.store import Store
from smug2s3.rules import components, sidecar, xmp
from smug2s3.rules.keys import split_suffix

AT_ONCE = 8
"""Sidecars of one album written side by side."""

MEDIA_TYPE = "application/rdf+xml"

ReadItem = Callable[[Mapping[str, Any], str], Asset]


def sidecar_of(item: Mapping[str, Any], read_item: ReadItem, album_key: str, key: str, names: Sequence[str]) -> bytes:
    """The sidecar of the file at ``key``, from its line of `_album.json`; ``names`` lead to its album."""
    camera = xmp.has_camera_data(item.get("metadata") or {})
    suffix = split_suffix(key.rpartition("/")[2])[1].removeprefix(".")
    return xmp.render(read_item(item, album_key), album=names, suffix=suffix, camera=camera)


class XmpSidecars:
    """The sidecars of one run; no photo and nothing of SmugMug is read for them."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: XmpRecords,
        policy: RetryPolicy,
        summary: Summary,
        read_item: ReadItem,
        naming: xmp.Naming,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._policy = policy
        self._summary = summary
        self._read_item = read_item
        self._naming = naming

    async def write(self, contents: Contents, known: Mapping[str, Entry]) -> None:
        """Store those that changed, and delete those whose file now has another name.

        Sidecars of removed photos stay, and so do those of photos that an incomplete list lacks.
        """
        recorded = await self._ledger.xmp_sidecars(contents.album.key)
        own = {image: entry.key for image, entry in known.items() if entry.stored and not entry.reference}
        names = xmp.sidecar_keys(own.values(), self._naming, components=components.among(own))
        changed = (
            (key, body)
            for key, body in self._rendered(contents, own, names)
            if recorded.get(key) != hashlib.md5(body, usedforsecurity=False).hexdigest()
        )
        await together(self._write_in_turn(contents.album.key, changed) for _ in range(AT_ONCE))
        for key in recorded.keys() - set(names.values()):
            await self._store.delete(key)
            await self._ledger.forget(key)

    def _rendered(
        self, contents: Contents, own: Mapping[str, str], names: Mapping[str, str]
    ) -> Iterator[tuple[str, bytes]]:
        album = contents.album
        for image, packed in contents.items:
            if (key := own.get(image)) and key in names:
                item = json.loads(sidecar.unpack(packed))
                path = (*album.folder, album.name)
                yield names[key], sidecar_of(item, self._read_item, album.key, key, path)

    async def _write_in_turn(self, album_key: str, sidecars: Iterable[tuple[str, bytes]]) -> None:
        """One of several that take from the same iterator."""
        for key, body in sidecars:
            await self._ledger.xmp_stored(album_key, await self._put(key, body))
            self._summary.sidecars += 1

    async def _put(self, key: str, body: bytes) -> Receipt:
        target = StoreTarget(key=key, content_type=MEDIA_TYPE)
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()

        async def put() -> Receipt:
            return await self._store.put(target, CheckedStream(_once(body), size=len(body), md5=md5))

        return await retry(self._policy, put, side=self._store.side)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
