"""The ledger's albums, with XMP sidecars from the `_album.json` of each: only those of wanted albums are read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from smug2s3.engine.album_files import AlbumFiles
from smug2s3.models import Album
from smug2s3.ports.archive import Archive
from smug2s3.rules.homecoming import ArchivedAlbum


class Described:
    """Implements ``smug2s3.ports.archive``; a file whose `_album.json` is damaged comes without its sidecar."""

    def __init__(self, archive: Archive, album_files: AlbumFiles) -> None:
        self._archive = archive
        self._album_files = album_files

    @property
    def problems(self) -> list[str]:
        """Albums that could not be read, each with its reason."""
        return self._archive.problems + self._album_files.problems

    async def albums(self, wanted: Callable[[Album], bool]) -> AsyncIterator[tuple[Album, ArchivedAlbum | None]]:
        """Those of the ledger, in its order."""
        async for album, archived in self._archive.albums(wanted):
            yield album, archived and await self._described(archived)

    async def _described(self, archived: ArchivedAlbum) -> ArchivedAlbum:
        if not archived.files:
            return archived  # its `_album.json` may not be there yet
        xmp = await self._album_files.sidecars(archived.album.directory)
        return replace(archived, files=tuple(replace(file, xmp=xmp.get(file.key, b"")) for file in archived.files))
