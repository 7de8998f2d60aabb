"""What is stored, album by album, as the ledger knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from smug2s3.ledger import status_statements
from smug2s3.ledger.database import Database, Row
from smug2s3.models import Album, Asset
from smug2s3.rules.homecoming import ArchivedAlbum, ArchivedFile, names_of
from smug2s3.rules.keys import split_suffix


class LedgerArchive:
    """Implements ``smug2s3.ports.archive``; keywords, which a ledger of an earlier version may lack, are left out."""

    def __init__(self, ledger: Database) -> None:
        self._ledger = ledger
        self.problems: list[str] = []

    async def albums(self, wanted: Callable[[Album], bool]) -> AsyncIterator[tuple[Album, ArchivedAlbum | None]]:
        """In the order of their directories."""
        for row in await self._ledger.read(status_statements.ARCHIVED_ALBUMS):
            album = _album(row)
            yield album, await self._contents(album) if wanted(album) else None

    async def _contents(self, album: Album) -> ArchivedAlbum:
        files = await self._ledger.read(status_statements.ARCHIVED_FILES, album.key)
        lacking = await self._ledger.read(status_statements.COUNT_LACKING, album.key)
        return ArchivedAlbum(album=album, files=tuple(_file(album.key, row) for row in files), lacking=lacking[0][0])


def _album(row: Row) -> Album:
    key, path, directory = row
    *folder, name = names_of(path, directory)
    return Album(key=key, node_id="", name=name, folder=tuple(folder), directory=directory, images_uri="")


def _file(album_key: str, row: Row) -> ArchivedFile:
    image_key, filename, key, size, md5, is_video, taken, uploaded, reference, gone = row
    asset = Asset(
        album_key=album_key,
        image_key=image_key,
        serial=0,
        filename=filename,
        is_video=bool(is_video),
        format=split_suffix(key)[1].lstrip(".").lower(),
        uploaded=uploaded,
        url=None,
        size=size,
        md5=md5,
        original=not is_video,
        # The ledger has the upload in its place if nobody knows when it was taken.
        taken="" if taken == uploaded else taken,
    )
    return ArchivedFile(asset=asset, key=key, size=size, md5=md5, reference=bool(reference), gone=bool(gone))
