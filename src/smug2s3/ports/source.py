"""Where photos come from, and the bytes of one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from smug2s3.flow.outage import Presence
from smug2s3.models import Account, Album, AlbumTotals, Asset, Listing, Shown
from smug2s3.rules.directories import Directories


class Incoming(Protocol):
    """A file on its way from the source."""

    @property
    def size(self) -> int | None:
        """Bytes to come, as announced with the answer."""

    @property
    def md5(self) -> str | None:
        """Hex, where the media host names it."""

    @property
    def framed(self) -> bool:
        """Whether a connection that breaks off can be told from the end."""

    @property
    def chunks(self) -> AsyncIterator[bytes]:
        """The bytes, once."""


class Source(Protocol):
    """Where photos come from."""

    @property
    def api_calls(self) -> int:
        """Requests to the API so far."""

    async def account(self) -> Account:
        """Who is signed in; raises SignInRefused."""

    async def owner_of(self, album_key: str) -> str:
        """The nickname of the account an album is of; empty where SmugMug does not tell this sign-in."""

    async def walk(
        self,
        account: Account,
        directories: Directories,
        visit: Callable[[Album], Awaitable[None]],
        report: Callable[[str, str], None],
    ) -> Shown:
        """Hand every album to ``visit``, which may take its time; name to ``report`` what could not be walked.

        Returns whether every folder was shown in full: only then an album that was not visited is gone.
        """

    async def album_totals(self, account: Account) -> list[AlbumTotals]:
        """Every album in SmugMug's own numbers, a hundred a request, from its one flat list of all albums.

        Raises SourceGone where SmugMug has no such list, or none beyond some album (seen on single accounts), and
        SourceBroken where it stays incomplete: then ``walk`` gives the same. The list knows no album without a
        name of its own (system albums), no empty folder, and of a locked album little more than its key.
        """

    def pages(self, *, children: int = 0, assets: int = 0, albums: int = 0) -> int:
        """Requests it takes to list the children of one folder, the assets of one album, or all albums; at least one."""

    async def listing(self, album: Album) -> Listing:
        """Everything in one album, once each; raises a SourceError if nothing of it can be listed.

        Its ``shown`` has a gap for every entry that could not be read or told from others, and where the list shows
        less than it or the album counts. The album that comes back with it counts what SmugMug counts by now.
        """

    async def resolve(self, asset: Asset) -> Asset:
        """Ask once more for an asset without an address; unchanged where there is none."""

    async def still_listed(self, asset: Asset) -> bool:
        """Whether an image whose file is gone still exists."""

    def host(self, url: str) -> Presence:
        """The host that has the bytes behind ``url``, to be waited for while it is away; all else waits by itself."""

    def open(self, url: str, *, size: int | None) -> AbstractAsyncContextManager[Incoming]:
        """The bytes behind ``url``; refuses before the first byte where their number is not ``size``."""
