"""The source of photos: albums, items and bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from smug2s3.flow.outage import Presence
from smug2s3.models import Account, Album, AlbumTotals, Asset, Listing, Shown
from smug2s3.rules.directories import Directories


class Incoming(Protocol):
    """A download."""

    @property
    def size(self) -> int | None:
        """Size as announced in the response."""

    @property
    def md5(self) -> str | None:
        """Hex, if the media host sends it."""

    @property
    def framed(self) -> bool:
        """Whether a dropped connection can be distinguished from the end."""

    @property
    def chunks(self) -> AsyncIterator[bytes]:
        """The bytes, once."""


class Source(Protocol):
    """The source of photos."""

    @property
    def api_calls(self) -> int:
        """Requests to the API so far."""

    async def account(self) -> Account:
        """The signed-in account; raises SignInRefused."""

    async def owner_of(self, album_key: str) -> str:
        """The nickname of an album's owner; empty if this sign-in cannot see it."""

    async def walk(
        self,
        account: Account,
        directories: Directories,
        visit: Callable[[Album], Awaitable[None]],
        report: Callable[[str, str], None],
    ) -> Shown:
        """Pass every album to ``visit``, which may be slow, and every folder that failed to ``report``.

        Returns whether every folder was listed completely: only then an album that was not visited is gone.
        """

    async def album_totals(self, account: Account) -> list[AlbumTotals]:
        """Every album in SmugMug's own numbers, a hundred per request, from its flat list of all albums.

        Raises SourceGone if SmugMug has no such list, or it ends at some album (seen on some accounts), and
        SourceBroken if it stays incomplete: use ``walk`` then. The list lacks albums without a
        name of their own (system albums) and empty folders, and has little more than the key of a locked album.
        """

    def pages(self, *, children: int = 0, assets: int = 0, albums: int = 0) -> int:
        """Requests needed to list the children of one folder, the assets of one album, or all albums; at least one."""

    def has_components(self, image_key: str) -> None:
        """Name an image that has files in SmugMug Source: if SmugMug lists these, a 404 for another means that it has none."""

    async def listing(self, album: Album) -> Listing:
        """Everything in one album, once each; raises a SourceError if nothing can be listed.

        Its ``shown`` has a gap for every entry that could not be read or identified, and if the list has
        fewer items than it or the album counts. The returned album has SmugMug's current count.
        """

    async def resolve(self, asset: Asset) -> Asset:
        """Ask again for an asset without an address; unchanged if there is none."""

    async def still_listed(self, asset: Asset) -> bool:
        """Whether an image whose file is gone still exists."""

    def read_item(self, item: Mapping[str, Any], album_key: str) -> Asset:
        """An asset from its line of `_album.json`; no request."""

    def host(self, url: str) -> Presence:
        """The host of ``url``, to wait for during an outage; all other methods wait themselves."""

    def open(self, url: str, *, size: int | None) -> AbstractAsyncContextManager[Incoming]:
        """Download ``url``; raises before the first byte if its size is not ``size``."""
