"""What the pages of `browse` and `gallery` show: items, tiles of folders and albums, and how they are put on pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from smug2s3.errors import UsageError
from smug2s3.models import Known
from smug2s3.rules.contents import AlbumTotals, Contents, FolderTotals
from smug2s3.rules.keys import split_suffix

TILES = 500
"""Items on a page: more make browsers slow, on phones first."""

SHOWN_BY_BROWSERS = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg"})
"""Endings of pictures that every browser shows as they are."""


class Kind(StrEnum):
    """Which items to show."""

    ALL = ""
    PHOTOS = "photos"
    VIDEOS = "videos"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A photo or video of an album, stored or not."""

    album_key: str
    image_key: str
    album: str
    """The album's path, by display names."""
    directory: str
    """The album's folder in the bucket, without the prefix."""
    name: str
    key: str
    """Where it is stored, or was last to be."""
    size: int | None
    md5: str
    state: Known
    reason: str
    title: str
    caption: str
    keywords: tuple[str, ...]
    date: str
    """When it was taken; if unknown, when it was uploaded."""
    is_video: bool
    hidden: bool
    position: tuple[float, float] | None

    @property
    def stored(self) -> bool:
        """Whether its bytes are in the archive."""
        return self.state in (Known.MOVED, Known.GONE)

    @property
    def suffix(self) -> str:
        """The ending of its stored name, in lower case: ``.jpg``."""
        return split_suffix(self.key)[1].lower()

    @property
    def identity(self) -> str:
        """Changes whenever its bytes do, and is safe in an address."""
        return self.md5[:12] or str(self.size or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How an item looks, as far as its album's `_album.json` says."""

    width: int = 0
    height: int = 0
    camera: tuple[tuple[str, str], ...] = ()
    """Camera, lens, exposure and the like: names and values for people."""

    @property
    def ratio(self) -> float:
        """Width by height; that of most cameras if unknown."""
        return self.width / self.height if self.width > 0 and self.height > 0 else 1.5


UNKNOWN = Look()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A folder or an album on its parent's page."""

    name: str
    path: str
    album_key: str
    """Empty for a folder."""
    privacy: str
    albums: int
    files: int
    bytes: int
    cover: Item | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The items of one month."""

    month: str
    """``2019-07``; empty for those without a date."""
    photos: int
    videos: int
    cover: Item | None = None
    """One of them, a photo if there is one."""

    @property
    def year(self) -> str:
        """``2019``."""
        return self.month[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to show of everything."""

    kind: Kind = Kind.ALL
    year: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Which of many items stand on one page."""

    page: int
    count: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.count // TILES))

    @property
    def first(self) -> int:
        """The number of the first item, from 0."""
        return (self.page - 1) * TILES

    @property
    def last(self) -> int:
        """The number after the last item's."""
        return min(self.count, self.first + TILES)


def dated_count(months: Iterable[Month], month: str, wanted: Wanted) -> int:
    """How many items a month, or a year, has of the wanted kind."""
    found = [one for one in months if one.month.startswith(month) and (month or not one.month)]
    photos, videos = sum(one.photos for one in found), sum(one.videos for one in found)
    return {Kind.ALL: photos + videos, Kind.PHOTOS: photos, Kind.VIDEOS: videos}[wanted.kind]


def span(page: str, count: int) -> Span:
    """The page of ``count`` items with this number; raises UsageError if there is none."""
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 0
    found = Span(number, count)
    if not 1 <= number <= found.pages:
        raise UsageError(f"there is no page {page[:20]} here", hint=f"The last one is {found.pages}.")
    return found


def tiles(found: Contents, cover: Callable[[str], Item | None]) -> list[Tile]:
    """The folders and albums at a path; ``cover`` gives the picture for an album's key."""
    return [*(_folder(one, found.below, cover) for one in found.folders), *(_album(one, cover) for one in found.albums)]


def _folder(folder: FolderTotals, below: Sequence[AlbumTotals], cover: Callable[[str], Item | None]) -> Tile:
    inside = (album for album in below if album.files and album.path.startswith(f"{folder.path}/"))
    return Tile(
        name=_name(folder.path),
        path=folder.path,
        album_key="",
        privacy="",
        albums=folder.albums,
        files=folder.files,
        bytes=folder.bytes,
        cover=next((one for album in inside if (one := cover(album.key))), None),
    )


def _album(album: AlbumTotals, cover: Callable[[str], Item | None]) -> Tile:
    return Tile(
        name=_name(album.path),
        path=album.path,
        album_key=album.key,
        privacy=album.privacy,
        albums=1,
        files=album.files,
        bytes=album.bytes,
        cover=cover(album.key) if album.files else None,
    )


def _name(path: str) -> str:
    return path.rpartition("/")[2] or path


def in_order(items: Iterable[Item], looks: Mapping[str, Look]) -> list[Item]:
    """An album's items in gallery order, as ``looks`` names them; others follow by name."""
    places = {image_key: place for place, image_key in enumerate(looks)}
    return sorted(items, key=lambda item: (places.get(item.image_key, len(places)), item.key))
