"""SmugMug as the engine's Source: an account, its albums, their items, and the bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from smug2s3.errors import SignInRefused, SourceBroken, SourceError, SourceGone, SourceRefused
from smug2s3.flow.outage import Side
from smug2s3.models import Account, Album, AlbumTotals, Asset, Listing, Shown
from smug2s3.rules import sidecar
from smug2s3.rules.components import Raw
from smug2s3.rules.directories import Directories
from smug2s3.rules.preview_keys import Size
from smug2s3.smugmug import wire
from smug2s3.smugmug.client import AUTHUSER, SmugMugClient
from smug2s3.smugmug.components import Components, Item
from smug2s3.smugmug.media import Incoming, ask_for_a_byte, open_media
from smug2s3.smugmug.media_hosts import MediaHosts
from smug2s3.smugmug.paging import Part, Whole, read_whole
from smug2s3.smugmug.renditions import read_renditions
from smug2s3.smugmug.walk import CHILDREN_A_PAGE, Report, TreeWalk, Visit

IMAGES_A_PAGE = 100
"""A page takes SmugMug 25-35 ms per image, and responses of twenty seconds risk ``nonce_used`` (probed)."""

ALBUMS_A_PAGE = 100
"""SmugMug's own maximum for the flat list (probed)."""

# Only the numbers and the name: a whole record is thirty times as long.
_TOTALS: dict[str, str | int] = {"_filter": ",".join(wire.TOTALS), "_filteruri": "", "_verbosity": 1}
_COUNT: dict[str, str | int] = {"_filter": wire.COUNT, "_filteruri": "", "_verbosity": 1}
_IMAGES: dict[str, str | int] = {"_expand": "ImageMetadata,LargestVideo", "_verbosity": 1}
# The public sees no ArchivedUri if downloads are off; expanding the sizes here saves a request per image. Previews need them, too.
_IMAGES_WITH_SIZES = _IMAGES | {"_expand": "ImageMetadata,LargestVideo,ImageSizeDetails"}


class SmugMugSource:
    """The engine's Source over one sign-in; ``user`` is the one whose public data is read without it.

    ``raw`` says for which items their files in SmugMug Source are listed, ``notify`` is told if there are none to be had.
    ``previews`` are the sizes of the reduced pictures that assets come with; they take no request of their own.
    """

    def __init__(
        self,
        client: SmugMugClient,
        *,
        user: str = "",
        raw: Raw = Raw.AUTO,
        previews: Sequence[Size] = (),
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._user = user
        self._previews = previews
        self._params = _IMAGES_WITH_SIZES if previews or not client.signs else _IMAGES
        self._components = Components(client, raw, notify)
        self._hosts = MediaHosts(client, partial(ask_for_a_byte, client))

    @property
    def api_calls(self) -> int:
        """Requests made to the API so far; media downloads are not among them."""
        return self._client.calls

    @property
    def clock_skew(self) -> float:
        """Seconds that this computer's clock is behind SmugMug's."""
        return self._client.clock_skew

    async def account(self) -> Account:
        """The account; raises SignInRefused if the sign-in shows none."""
        address = AUTHUSER if self._client.signs else f"/api/v2/user/{self._user}"
        what = "your account" if self._client.signs else f"a user called {self._user}"
        page = await self._client.get(address, {"_verbosity": 1}, what=what, policy=self._client.policy.at_first())
        if page.one is None:
            raise SignInRefused("SmugMug did not say who is signed in", hint="Run `smug2s3 auth` to sign in again.")
        return wire.read_account(page.one)

    async def owner_of(self, album_key: str) -> str:
        """One request; empty if this sign-in cannot see the album."""
        try:
            page = await self._client.get(
                f"/api/v2/album/{quote(album_key, safe='')}", {"_verbosity": 1}, what=f"album {album_key}"
            )
        except (SourceGone, SourceRefused):
            return ""
        return wire.read_owner(page.one or {})

    async def walk(self, account: Account, directories: Directories, visit: Visit, report: Report) -> Shown:
        """Pass every album of the account to ``visit``, and every folder that failed to ``report``."""
        walk = TreeWalk(self._client, directories, visit, report, account=account.nickname)
        return await walk.run(account.root_uri)

    async def album_totals(self, account: Account) -> list[AlbumTotals]:
        """Every album in SmugMug's own numbers; raises SourceGone or SourceBroken if the flat list is incomplete."""

        async def read(start: int, count: int) -> Part[AlbumTotals]:
            params = {"start": start, "count": count, **_TOTALS}
            address = f"/api/v2/user/{quote(account.nickname)}!albums"
            page = await self._client.get(address, params, what="the list of all albums")
            found = map(wire.read_totals, page.objects)
            return Part.of(page, "an album", [(album.key, album.path, album) for album in found])

        whole = await read_whole(read, ALBUMS_A_PAGE)
        if not whole.shown.whole:
            raise SourceBroken(f"SmugMug did not list all albums: {'; '.join(whole.shown.gaps)}")
        return list(whole.entries.values())

    def pages(self, *, children: int = 0, assets: int = 0, albums: int = 0) -> int:
        """Requests needed for so many children of a folder, assets of an album, or albums of the account."""
        return max(1, -(-children // CHILDREN_A_PAGE), -(-assets // IMAGES_A_PAGE), -(-albums // ALBUMS_A_PAGE))

    def has_components(self, image_key: str) -> None:
        """An image with files in SmugMug Source."""
        self._components.known = image_key

    async def listing(self, album: Album) -> Listing:
        """Everything in the album, with camera data and video addresses, one request per page and none per image.

        The files of an image in SmugMug Source take a request each, if they are asked for. If the album counts more, its current count is requested and it is listed again, before that is a gap.
        """
        whole = await self._images(album)
        if _lacks(album, whole):
            album = await self._counted_again(album)
            if _lacks(album, whole):
                whole = max(whole, await self._images(album), key=lambda one: len(one.entries))
        shown = whole.shown
        if _lacks(album, whole):
            counts = f"SmugMug counts {album.image_count} items in the album but lists {len(whole.entries)}"
            shown += Shown((counts,))
        found = await self._components.beside(album.key, whole.entries.values())
        shown += Shown(tuple(one.gap for one in found if one.gap))
        items = [item for one in found for item in one.items]
        return Listing(
            album=album,
            assets=tuple(asset for asset, _ in items),
            records=tuple(record for _, record in items),
            shown=shown,
            unasked=frozenset(one.items[0][0].image_key for one in found if not one.asked),
            unanswered={one.items[0][0].image_key: one.unanswered for one in found if one.unanswered},
        )

    async def _images(self, album: Album) -> Whole[Item]:
        async def read(start: int, count: int) -> Part[Item]:
            params = {"start": start, "count": count, **self._params}
            page = await self._client.get(album.images_uri, params, what=f"album {album.path}")
            found = [_read_item(page, entry, album.key, self._previews) for entry in page.objects]
            return Part.of(page, "an item", [(item[0].image_key, item[0].filename, item) for item in found])

        return await read_whole(read, IMAGES_A_PAGE)

    async def _counted_again(self, album: Album) -> Album:
        """The album with SmugMug's current count; without a response, with that of the folder."""
        try:
            page = await self._client.get(f"/api/v2/album/{album.key}", _COUNT, what=f"album {album.path}")
        except SourceError as error:
            if error.ends_the_run:
                raise
            return album
        count = wire.read_count(page.one or {})
        return album if count is None else replace(album, image_count=count)

    async def resolve(self, asset: Asset) -> Asset:
        """One more request for an asset whose page had no address: a video's rendition, a photo's sizes."""
        if asset.url or not asset.resolve_uri:
            return asset
        try:
            page = await self._client.get(asset.resolve_uri, {"_verbosity": 1}, what=f"the file of {asset.filename}")
        except (SourceGone, SourceRefused):
            return asset
        found = page.one or {}
        media = wire.read_rendition(found) if asset.is_video else wire.read_original(found)
        return replace(asset, unavailable="", **media) if media["url"] else asset

    async def still_listed(self, asset: Asset) -> bool:
        """Whether SmugMug still has the image, after its media host answered 404."""
        address = f"/api/v2/image/{asset.component_of or asset.image_key}-{asset.serial}"
        try:
            await self._client.get(address, {"_verbosity": 1}, what=asset.filename or asset.image_key)
        except SourceGone:
            return False
        return True

    def read_item(self, item: Mapping[str, Any], album_key: str) -> Asset:
        """An item from its line of ``_album.json``."""
        return wire.read_record(item, album_key)

    def host(self, url: str) -> Side:
        """The host of ``url``."""
        return self._hosts.of(url)

    @asynccontextmanager
    async def open(self, url: str, *, size: int | None) -> AsyncIterator[Incoming]:
        """Download ``url``."""
        async with open_media(self._client, url, size=size) as incoming:
            yield incoming
        self._hosts.gave(url)


def _read_item(page: wire.Page, entry: wire.Json, album_key: str, previews: Sequence[Size]) -> tuple[Asset, bytes]:
    metadata, video = page.expansion(entry, "ImageMetadata"), page.expansion(entry, "LargestVideo")
    details = page.expansion(entry, "ImageSizeDetails")
    asset = wire.read_asset(entry, album_key=album_key, metadata=metadata, video=video)
    asset = replace(asset, renditions=read_renditions(details, previews, watermarked=asset.watermarked))
    if asset.url is None and details and not asset.is_video:  # the original size of a video is a still
        asset = replace(asset, resolve_uri=None, **wire.read_original(details))
    if asset.url is None:
        asset = replace(asset, unavailable=wire.problem(entry))
    return asset, sidecar.pack(wire.item_record(entry, metadata=metadata, video=video))


def _lacks(album: Album, whole: Whole[Item]) -> bool:
    """Whether the album counts more than a list that is itself complete; the list may lag behind deletions."""
    return whole.shown.whole and (album.image_count or 0) > len(whole.entries)
