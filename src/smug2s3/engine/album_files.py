"""Reads what is stored from every `_album.json` alone, when there is no ledger, and SmugMug may be gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smug2s3.engine.orphans import Orphans
from smug2s3.engine.xmp_sidecars import sidecar_of
from smug2s3.errors import StoreError, UsageError
from smug2s3.flow.stream import joined
from smug2s3.flow.together import together
from smug2s3.models import Album, Asset
from smug2s3.ports.store import Store
from smug2s3.rules import keys, sidecar
from smug2s3.rules.album_lines import DAMAGED, LARGEST, header, items
from smug2s3.rules.homecoming import ArchivedAlbum, ArchivedFile
from smug2s3.rules.ownership import archive_prefix

ReadItem = Callable[[Mapping[str, Any], str], Asset]

HEAD_BYTES = 64 * 1024
"""The beginning of an `_album.json`: its album and folders, which decide whether the rest is needed."""

AT_ONCE = 16
"""How many beginnings are read at once."""

_NO_ALBUM_FILE = f"it is not an {keys.SIDECAR} of smug2s3, or it is damaged"


@dataclass(frozen=True, slots=True)
class _Head:
    """An album, without its items."""

    key: str
    album: Album
    changed: str
    """When SmugMug changed it last: a renamed album leaves an older file behind."""


class AlbumFiles:
    """Implements ``smug2s3.ports.archive`` for a bucket or folder without its ledger."""

    def __init__(self, store: Store, prefix: str, read_item: ReadItem, *, xmp: bool = False) -> None:
        """``xmp``: whether each file comes with its sidecar."""
        self._store = store
        self._prefix = prefix
        self._read_item = read_item
        self._xmp = xmp
        self._orphans = Orphans(store, prefix)
        self.problems: list[str] = []

    async def albums(self, wanted: Callable[[Album], bool]) -> AsyncIterator[tuple[Album, ArchivedAlbum | None]]:
        """In the order of their directories; raises UsageError if there is no `_album.json`."""
        every = True
        for head in await self._heads():
            chosen = wanted(head.album)
            every &= chosen
            yield head.album, await self._contents(head) if chosen else None
        if every:  # what was not read might have any of the files
            self.problems += await self._orphans.problems()

    async def _heads(self) -> list[_Head]:
        found: dict[str, _Head] = {}
        sidecars: list[str] = []
        async for page in self._store.list(self._prefix):
            for one in page:
                self._orphans.listed(one.key)
                if _name(one.key) == keys.SIDECAR:
                    sidecars.append(one.key)
        if not sidecars:
            raise UsageError(
                f"there is no {keys.SIDECAR} below {self._prefix or 'the top of the bucket'}, so nothing says what is stored",
                hint="Check S3_BUCKET and S3_PREFIX, or set LEDGER_PATH to the ledger.",
            )
        for start in range(0, len(sidecars), AT_ONCE):
            for head in await together(self._head(key) for key in sidecars[start : start + AT_ONCE]):
                if head and ((other := found.get(head.album.key)) is None or other.changed <= head.changed):
                    found[head.album.key] = head
        return sorted(found.values(), key=lambda head: head.album.directory)

    async def _head(self, key: str) -> _Head | None:
        try:
            beginning = await self._store.beginning(key, HEAD_BYTES)
            document = header(beginning) or header(await self._whole(key))
            if document is None:
                raise ValueError
            directory = key.removesuffix(f"/{keys.SIDECAR}")
            above = archive_prefix(directory, document)
            if above != self._prefix and above.startswith(self._prefix):
                self._orphans.another_archive(above)
                return None
            return _Head(key, _album(document, directory.removeprefix(self._prefix)), _changed(document))
        except DAMAGED:
            self.problems.append(f"{key}: {_NO_ALBUM_FILE}")
        except StoreError as error:
            self._record(key, error)
        return None

    async def sidecars(self, directory: str) -> dict[str, bytes]:
        """The XMP sidecars of an album's files, packed, by their keys, as its `_album.json` alone says; none if it cannot be read."""
        key = f"{self._prefix}{directory}/{keys.SIDECAR}"
        try:
            body = await self._whole(key)
            album = _album(header(body) or {}, directory)
        except DAMAGED:
            self.problems.append(f"{key}: {_NO_ALBUM_FILE}")
        except StoreError as error:
            self._record(key, error)
        else:
            return {file.key: file.xmp for file in self._listed(key, body, album).files}
        return {}

    def _record(self, key: str, error: StoreError) -> None:
        if error.ends_the_run:
            raise error
        self.problems.append(f"{key}: {error}")

    async def _contents(self, head: _Head) -> ArchivedAlbum | None:
        try:
            body = await self._whole(head.key)
        except StoreError as error:
            self._record(head.key, error)
            return None
        return self._listed(head.key, body, head.album)

    def _listed(self, key: str, body: bytes, album: Album) -> ArchivedAlbum:
        files: list[ArchivedFile] = []
        lacking = damaged = 0
        for item, gone in items(body):
            try:
                file = self._file(item, album, gone=gone)
            except DAMAGED:
                damaged += 1
                continue
            if file is None:
                lacking += not gone
            else:
                files.append(file)
        if damaged:
            self.problems.append(f"{key}: it is damaged; {damaged:,} of its lines cannot be read")
        return ArchivedAlbum(album=album, files=tuple(files), lacking=lacking)

    def _file(self, item: Mapping[str, Any] | None, album: Album, *, gone: bool) -> ArchivedFile | None:
        if item is None:
            raise ValueError
        key = item.get("key")
        if not key:
            return None
        self._orphans.named(str(key))
        asset = self._read_item(item, album.key)
        size, md5 = sidecar.stored_as(item, asset)
        return ArchivedFile(
            asset=asset,
            key=str(key),
            size=size,
            md5=md5,
            reference=bool(item.get("reference")),
            gone=gone,
            xmp=self._sidecar(item, album, str(key)) if self._xmp else b"",
        )

    def _sidecar(self, item: Mapping[str, Any], album: Album, key: str) -> bytes:
        """Made from the same line, whether or not the bucket has one: so it is always of today's words."""
        return sidecar.pack(sidecar_of(item, self._read_item, album.key, key, (*album.folder, album.name)))

    async def _whole(self, key: str) -> bytes:
        return await joined(self._store.read(key), LARGEST)


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _album(document: Mapping[str, Any], directory: str) -> Album:
    nodes = (*document.get("folders", []), document.get("node") or {})
    names = [str(node.get("Name") or "") for node in nodes]
    album = document["album"]
    return Album(
        key=str(album["AlbumKey"]),
        node_id="",
        name=names[-1] or str(album.get("Name") or "") or _name(directory),
        folder=tuple(names[:-1]),
        directory=directory,
        images_uri="",
    )


def _changed(document: Mapping[str, Any]) -> str:
    album = document["album"]
    return max(str(album.get("LastUpdated") or ""), str(album.get("ImagesLastUpdated") or ""))
