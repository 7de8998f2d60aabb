"""Walks an account's folders, and compares them with SmugMug's list of all albums."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smug2s3.errors import foreseen
from smug2s3.models import Account, Album, AlbumTotals, Shown
from smug2s3.ports.source import Source
from smug2s3.rules.directories import Directories
from smug2s3.rules.witnesses import Testimony, against_folders

Flat = list[AlbumTotals] | str
"""The list of all albums, or the reason why there is none."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the folders and the list said about the account."""

    shown: Shown
    """Whether the folders were listed completely."""
    flat: Flat
    testimony: Testimony
    """Where the list contradicts them."""

    @property
    def whole(self) -> bool:
        """Whether both agree on which albums there are."""
        return self.shown.whole and not self.testimony.unseen and not self.testimony.note


class WitnessedWalk:
    """One walk; ``visit`` gets every album once and may be slow, ``report`` gets each folder that failed and why."""

    def __init__(
        self,
        source: Source,
        account: Account,
        directories: Directories,
        visit: Callable[[Album], Awaitable[None]],
        report: Callable[[str, str], None],
    ) -> None:
        self._source = source
        self._account = account
        self._directories = directories
        self._hand_on = visit
        self._report = report
        self.walked: dict[str, tuple[str, int | None]] = {}
        """Path and SmugMug's own count of every album, by key."""

    async def folders(self) -> Shown:
        """Walk the folders only."""
        return await self._source.walk(self._account, self._directories, self._visit, self._report)

    async def run(self) -> Heard:
        """Walk the folders, and read the list at the same time; raises only errors that stop the whole run.

        If the list has albums that the folders lack, both are read again: albums may have been created, moved or
        deleted meanwhile.
        """
        listing = asyncio.create_task(self.flat())
        try:
            shown, flat = await self.folders(), await listing
        finally:
            listing.cancel()
        testimony = against_folders(self.walked, flat)
        if testimony.unseen and shown.whole:
            # Folders that fail now were walked the first time.
            await self._source.walk(self._account, self._directories, self._visit, lambda _path, _reason: None)
            again = await self.flat()
            flat = flat if isinstance(again, str) else again
            testimony = against_folders(self.walked, flat)
        return Heard(shown, flat, testimony)

    async def flat(self) -> Flat:
        """SmugMug's own list of all albums."""
        try:
            return await self._source.album_totals(self._account)
        except Exception as raised:
            error = foreseen(raised)
            if error.ends_the_run:
                raise
            return str(error)

    async def _visit(self, album: Album) -> None:
        if album.key not in self.walked:
            self.walked[album.key] = (album.path, album.image_count)
            await self._hand_on(album)
