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
from smug2s3.ports.ledger import StoredXmp, XmpRecords
from smug2s3.ports.store import Store
from smug2s3.rules import components, sidecar, xmp
from smug2s3.rules.keys import split_suffix
from smug2s3.rules.plan import Action, Step

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
        own = _own(known)
        names = _names(own, self._naming)
        changed = _changed(contents, own, names, recorded, self._read_item)
        await together(self._write_in_turn(contents.album.key, changed) for _ in range(AT_ONCE))
        for key in recorded.keys() - set(names.values()):
            await self._store.delete(key)
            await self._ledger.forget(key)

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


async def to_write(
    ledger: StoredXmp,
    naming: xmp.Naming,
    read_item: ReadItem,
    contents: Contents,
    known: Mapping[str, Entry],
    steps: Iterable[Step],
) -> int:
    """How many sidecars a run would store after ``steps``, for a dry run; a photo that becomes a reference counts, too."""
    planned = {step.asset.image_key: step.key for step in steps if step.action is not Action.UNAVAILABLE}
    references = {image for image, entry in known.items() if entry.reference}
    own = _own(known) | {image: key for image, key in planned.items() if image not in references}
    recorded = await ledger.xmp_sidecars(contents.album.key)
    return sum(1 for _ in _changed(contents, own, _names(own, naming), recorded, read_item))


def _own(known: Mapping[str, Entry]) -> dict[str, str]:
    """The keys of an album's own files, by image."""
    return {image: entry.key for image, entry in known.items() if entry.stored and not entry.reference}


def _names(own: Mapping[str, str], naming: xmp.Naming) -> dict[str, str]:
    return xmp.sidecar_keys(own.values(), naming, components=components.among(own))


def _changed(
    contents: Contents,
    own: Mapping[str, str],
    names: Mapping[str, str],
    recorded: Mapping[str, str],
    read_item: ReadItem,
) -> Iterator[tuple[str, bytes]]:
    """Key and bytes of each sidecar that is not stored like that."""
    album = contents.album
    for image, packed in contents.items:
        if (key := own.get(image)) and key in names:
            item = json.loads(sidecar.unpack(packed))
            body = sidecar_of(item, read_item, album.key, key, (*album.folder, album.name))
            if recorded.get(names[key]) != hashlib.md5(body, usedforsecurity=False).hexdigest():
                yield names[key], body


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
