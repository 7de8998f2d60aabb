"""What is stored in the bucket or folder, album by album."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from smug2s3.models import Album
from smug2s3.rules.homecoming import ArchivedAlbum


class Archive(Protocol):
    """Read from the ledger, or from every `_album.json`."""

    @property
    def problems(self) -> list[str]:
        """Albums that could not be read, each with its reason."""

    def albums(self, wanted: Callable[[Album], bool]) -> AsyncIterator[tuple[Album, ArchivedAlbum | None]]:
        """Every album; with its files if it is ``wanted``. At most one album's files are in memory."""
