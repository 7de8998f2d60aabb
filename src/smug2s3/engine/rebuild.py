"""Rebuilds a lost ledger from the bucket alone: its listing, and every `_album.json`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from smug2s3.engine.xmp_sidecars import ReadItem, sidecar_of
from smug2s3.errors import StoreBroken
from smug2s3.flow.stream import joined, md5_of
from smug2s3.flow.together import together
from smug2s3.models import Asset, Proof, Receipt, StoredObject
from smug2s3.ports.audit import RebuildLedger
from smug2s3.ports.store import Store
from smug2s3.rules import digests, gallery_pages, keys, metadata
from smug2s3.rules.album_lines import DAMAGED, LARGEST, header, items
from smug2s3.rules.directories import RESERVED
from smug2s3.rules.name_template import NameTemplate
from smug2s3.rules.ownership import archive_prefix
from smug2s3.rules.plan import recorded_name, stored_name
from smug2s3.rules.proof import prove
from smug2s3.rules.sidecar import privacy, stored_as
from smug2s3.rules.xmp import Naming, sidecar_keys

READERS = 8
"""Previews read at once, if their ETags are not their MD5s."""


@dataclass(slots=True, kw_only=True)
class Found:
    """What the rebuild recognized and what it did not."""

    albums: int = 0
    files: int = 0
    bytes: int = 0
    references: int = 0
    """The files that refer to an object of another album."""
    doubtful: int = 0
    """Files that differ from their `_album.json`, or for which it has no MD5: those still on SmugMug are
    omitted, so that they are copied again."""
    previews: int = 0
    """SmugMug's reduced pictures of these files; not counted among them."""
    unknown: int = 0
    """Objects that no ``_album.json`` names."""


class Rebuild:
    """One rebuild into an empty ledger. Reads the listing and every ``_album.json``, but no photo.

    An object that its ETag does not prove is recorded as not proven.
    """

    def __init__(
        self,
        *,
        store: Store,
        ledger: RebuildLedger,
        prefix: str,
        template: NameTemplate,
        read_item: ReadItem,
        to_look_at: bool = False,
    ) -> None:
        """``to_look_at``: the ledger is not for a sync, so doubtful files are in it as they are in the bucket."""
        self.accounts: set[str] = set()
        """The accounts named by the ``_album.json`` files."""
        self._store = store
        self._ledger = ledger
        self._prefix = prefix
        self._template = template
        self._read_item = read_item
        self._to_look_at = to_look_at
        self._reading = asyncio.Semaphore(READERS)
        self.found = Found()

    async def run(self) -> Found:
        """Run it in passes over the listing: first objects, then albums and the archive's own files."""
        await self._ledger.keep_listing(self._listed())
        async for sidecar in self._ledger.listed_sidecars(f"/{keys.SIDECAR}"):
            await self._album(sidecar)
        await self._previews()
        for name in RESERVED:
            if own := await self._ledger.listed(self._prefix + name):
                await self._ledger.own_file_stored(await self._read(own))
        self.found.unknown = await self._ledger.count_unknown()
        return self.found

    async def _listed(self) -> AsyncIterator[list[StoredObject]]:
        async for page in self._store.list(self._prefix):
            yield gallery_pages.left_out(page)

    async def _album(self, sidecar: StoredObject) -> None:
        body = await joined(self._store.read(sidecar.key), LARGEST)
        if len(body) != min(
            sidecar.size, LARGEST
        ):  # A foreign or truncated response would lose the album and its files.
            raise StoreBroken(
                f"the S3 server's response has only {len(body):,} of {sidecar.size:,} bytes of {sidecar.key}"
            )
        directory = sidecar.key.removesuffix(f"/{keys.SIDECAR}")
        try:
            document = header(body) or {}
            album = document["album"]
            album_key = str(album["AlbumKey"])
            names, directories = _names(document), _directories(document, directory.removeprefix(self._prefix))
            if _of_another_archive(archive_prefix(directory, document), self._prefix):
                return
        except DAMAGED:
            return
        self.accounts |= {str(document["account"])} if document.get("account") else set()
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        await self._ledger.remember_album(
            album_key,
            "/".join(names),
            directory.removeprefix(self._prefix),
            _receipt(sidecar, md5, Proof.READ),
            privacy(album),
        )
        await self._ledger.add_directories(directories)
        self.found.albums += 1
        lines = list(self._lines(body, album_key))
        files = {item["key"] for item, _, _ in lines}
        for item, asset, gone in lines:
            await self._file(item, asset, directory, gone=gone)
            if not item.get("reference"):
                await self._xmp(item, album_key, names, files)

    def _lines(self, body: bytes, album_key: str) -> Iterator[tuple[Mapping[str, Any], Asset, bool]]:
        """What has a file, and whether it is gone from SmugMug; damaged lines are left out."""
        for item, gone in items(body):
            with suppress(*DAMAGED):
                if item is not None and isinstance(item["key"], str):
                    yield item, self._read_item(item, album_key), gone

    async def _file(self, item: Mapping[str, Any], asset: Asset, directory: str, *, gone: bool) -> None:
        stored = await self._ledger.listed(item["key"])
        if stored is None:
            return
        expected = stored_as(item, asset)
        receipt = _believed(stored, *expected) or await self._of_encrypted(stored, *expected)
        self.found.doubtful += receipt is None
        if receipt is None and gone:
            receipt = _of_a_gone(stored, *expected)
        if receipt is None and self._to_look_at:
            receipt = _receipt(stored, digests.clean_md5(stored.etag) or "", Proof.NONE)
        if receipt is None:
            return
        reference = bool(item.get("reference"))
        own = directory if reference else item["key"].rpartition("/")[0]
        name = stored_name(asset, self._template) if reference else recorded_name(asset, item["key"], self._template)
        # Only this file has metadata that the object could not take, so it is still to be written.
        description = "" if item.get("not_updated") else metadata.digest(metadata.describe(asset))
        await self._ledger.remember_asset(asset, receipt, f"{own}/{name}", description, gone=gone, reference=reference)
        self.found.files += 1
        self.found.references += reference
        self.found.bytes += 0 if reference else stored.size

    async def _xmp(self, item: Mapping[str, Any], album_key: str, names: Sequence[str], files: Container[str]) -> None:
        """The sidecar beside a file, unless it is one of the album's ``files`` itself; read only if its ETag does not prove that it is what would be written now."""
        for naming in Naming:
            key = next(iter(sidecar_keys([item["key"]], naming).values()), item["key"])
            if key not in files and (stored := await self._ledger.listed(key)):
                body = sidecar_of(item, self._read_item, album_key, item["key"], names)
                md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
                proof = prove(stored.etag, md5=md5, etags_are_md5=True)
                await self._ledger.xmp_stored(
                    album_key, _receipt(stored, md5, proof) if proof else await self._read(stored)
                )

    async def _previews(self) -> None:
        """Previews of the files that were found: their ETags are believed to be their MD5s, or each is read."""
        plain: bool | None = None
        async for page in self._ledger.listed_previews(self._prefix):
            if plain is None and page:
                plain = not (await self._store.head(page[0][1].key)).hidden
            receipts = await together(self._preview(stored, plain=bool(plain)) for _, stored in page)
            await self._ledger.previews_stored(
                (album, receipt) for (album, _), receipt in zip(page, receipts, strict=True)
            )
            self.found.previews += len(page)

    async def _preview(self, stored: StoredObject, *, plain: bool) -> Receipt:
        md5 = digests.clean_md5(stored.etag) if plain else None
        if md5:
            return _receipt(stored, md5, Proof.ETAG)
        async with self._reading:
            return await self._read(stored)

    async def _of_encrypted(self, stored: StoredObject, size: int | None, md5: str | None) -> Receipt | None:
        """The receipt of an object whose ETag differs from its MD5 only because it is encrypted: it proves nothing."""
        if md5 is None or size not in (None, stored.size):
            return None
        head = await self._store.head(stored.key)
        return _receipt(stored, md5, Proof.NONE) if head.hidden else None

    async def _read(self, own: StoredObject) -> Receipt:
        return _receipt(own, await md5_of(self._store.read(own.key)), Proof.READ)


def _of_another_archive(found: str, prefix: str) -> bool:
    """Whether an album belongs to an archive with its own prefix, further down."""
    return found != prefix and found.startswith(prefix)


def _believed(stored: StoredObject, size: int | None, md5: str | None) -> Receipt | None:
    """The receipt of the object, as far as its ETag proves it to be this photo; ``None`` if that is unknown.

    An ETag alone, without a recorded MD5, says what the bytes are, not what they should be.
    """
    if md5 is None or size not in (None, stored.size):
        return None
    proof = prove(stored.etag, md5=md5, etags_are_md5=True)
    return None if proof is None else _receipt(stored, md5, proof)


def _of_a_gone(stored: StoredObject, size: int | None, md5: str | None) -> Receipt | None:
    """A photo that SmugMug no longer lists stays in the ledger, so that ``verify`` can report problems with it."""
    md5 = md5 or digests.clean_md5(stored.etag)
    return None if md5 is None else Receipt(key=stored.key, size=size or stored.size, md5=md5, etag="", stored_at="")


def _receipt(stored: StoredObject, md5: str, proof: Proof) -> Receipt:
    return Receipt(key=stored.key, size=stored.size, md5=md5, etag=stored.etag, stored_at="", proof=proof)


def _names(document: Mapping[str, Any]) -> list[str]:
    """The names of an album's folders, and its own."""
    return [str(entry.get("Name", "")) for entry in (*document.get("folders", []), document.get("node", {}))]


def _directories(document: Mapping[str, Any], directory: str) -> list[tuple[str, str]]:
    """The directories of SmugMug's folders and albums, if the depths agree."""
    nodes = [str(entry.get("NodeID", "")) for entry in (*document.get("folders", []), document.get("node", {}))]
    parts = directory.split("/")
    if len(nodes) != len(parts) or not all(nodes):
        return []
    return [("/".join(parts[: depth + 1]), node) for depth, node in enumerate(nodes)]
