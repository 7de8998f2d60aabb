"""The frozen records that all packages use; plain data, no secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

COMPONENT = "+"
"""Between the keys of an image and of one of its components in SmugMug Source; SmugMug's own keys do not contain it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account that is read, and how much of it this sign-in can see."""

    nickname: str
    name: str
    root_uri: str
    """The root node, where the walk starts."""
    full: bool
    """Whether SmugMug shows private albums too (``ResponseLevel`` is ``Full``)."""
    image_count: int | None = None
    """Items that SmugMug counts in the whole account; only for the owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One entry of the folder tree: a folder, an album, or something without media."""

    node_id: str
    kind: str
    """SmugMug's ``Type``: Folder, Album, Page or System Album."""
    name: str
    uri: str
    date_added: str
    children_uri: str | None = None
    album_uri: str | None = None
    has_children: bool | None = None
    """Whether it has child nodes; never for an album; ``None`` if SmugMug does not say."""
    record: bytes = b"{}"
    """SmugMug's own JSON of it, compact UTF-8, without the addresses of its API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """An album as the tree shows it, before its images are listed."""

    key: str
    node_id: str
    name: str
    folder: tuple[str, ...]
    """Display names from the root down, without the album's own."""
    directory: str
    """Its folder for new files, relative to the prefix, without trailing slash."""
    images_uri: str
    image_count: int | None = None
    images_last_updated: str = ""
    last_updated: str = ""
    original_sizes: int | None = None
    """Total bytes of its originals by SmugMug; ``None`` if it does not say."""
    locked: bool = False
    record: bytes = b"{}"
    account: str = ""
    """Its owner's nickname."""
    ancestors: tuple[bytes, ...] = ()
    """The records of its folders from the root down, and of its own node last."""

    @property
    def path(self) -> str:
        """The name for people: ``Family/2019/Christmas``."""
        return "/".join((*self.folder, self.name))

    @property
    def fingerprint(self) -> str | None:
        """A value that changes whenever SmugMug says that something in the album changed.

        ``None`` if SmugMug does not say enough: without the total size of the originals,
        a replaced photo would go unnoticed, since ``ImagesLastUpdated`` is only documented to change when
        images are added, removed or rearranged.
        """
        if self.image_count is None or (self.image_count and not self.original_sizes):
            return None
        parts = (self.image_count, self.original_sizes, self.images_last_updated, self.last_updated, self.directory)
        return "|".join(map(str, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumTotals:
    """An album in SmugMug's own numbers, without listing its items."""

    key: str
    path: str
    """The path for people. From SmugMug's flat list, folders have the names in their address: ``My-Trips/Summer 2019``."""
    folder: str
    """The folders above it by unique names, separated by slashes; empty at the top."""
    assets: int | None
    """``None`` if SmugMug does not count them."""
    bytes: int | None
    """The total of its originals; ``None`` if SmugMug does not say; only the owner sees it."""
    locked: bool = False


class Position(NamedTuple):
    """Where a picture was taken, in degrees; south and west are negative."""

    latitude: float
    longitude: float
    altitude: float | None
    """Metres above the sea; ``None`` if unknown."""


class Rendition(NamedTuple):
    """One of SmugMug's reduced pictures of a photo, or of a video's first frame, in a size that was asked for."""

    size: str
    """SmugMug's code: S, X2."""
    url: str
    """Empty if SmugMug does not offer it, or only with a watermark."""
    length: int | None = None
    """In bytes; ``None`` if SmugMug makes it on demand."""
    format: str = "jpg"
    needless: bool = False
    """Whether SmugMug offers smaller ones only, since the picture itself is not larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One photo or video in one album; the same image collected twice is two assets."""

    album_key: str
    image_key: str
    serial: int
    filename: str
    """As on SmugMug; may be empty, repeated, or contain anything."""
    is_video: bool
    format: str
    uploaded: str
    url: str | None
    """The address of its bytes; ``None`` if SmugMug names none."""
    size: int | None
    md5: str | None
    """Hex; of the bytes behind ``url``, so of the rendition for a video."""
    original: bool
    """Whether ``url`` is the file as it was uploaded."""
    resolve_uri: str | None = None
    """The API address to ask for ``url``, if the page named none."""
    unavailable: str = ""
    """Why SmugMug does not provide it; empty if it does."""
    title: str = ""
    caption: str = ""
    date: str = ""
    """When it was taken; if unknown, when it was uploaded."""
    taken: str = ""
    """When it was taken, by the camera's own clock; empty if SmugMug does not know."""
    upload_key: str = ""
    """SmugMug's number of the upload."""
    position: Position | None = None
    keywords: tuple[str, ...] = ()
    watermarked: bool = False
    hidden: bool = False
    components: tuple[str, ...] = ()
    """Types of its other files in SmugMug Source, such as a camera's RAW, for which SmugMug was not asked."""
    renditions: tuple[Rendition, ...] = ()
    """Its reduced pictures, one for each size that the source was asked for."""

    @property
    def component_of(self) -> str:
        """For another file in SmugMug Source, the key of the image it belongs to; empty for an image itself."""
        image, found, _ = self.image_key.partition(COMPONENT)
        return image if found else ""

    @property
    def identity(self) -> str:
        """A value that changes whenever the bytes change."""
        return f"{self.serial}|{self.md5 or ''}|{'' if self.md5 else self.size}"


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether a list was complete: created where the list is read, and joined by callers.

    Only a list without ``gaps`` shows that something is gone.
    """

    gaps: tuple[str, ...] = ()
    """What was not listed, as sentences for people."""

    @property
    def whole(self) -> bool:
        """Whether nothing is known to be missing."""
        return not self.gaps

    def __add__(self, other: Shown) -> Shown:
        return Shown(self.gaps + other.gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Everything SmugMug lists in one album, once each, in gallery order; components follow their image."""

    album: Album
    assets: tuple[Asset, ...]
    records: tuple[bytes, ...]
    """One packed line of ``_album.json`` per asset, in the same order; see ``rules.sidecar``."""
    shown: Shown
    """Whether that is everything: every page was received, with as many items as the list and the album count."""
    unasked: frozenset[str] = frozenset()
    """Images whose components in SmugMug Source are not listed: SmugMug was not asked for them, or did not answer."""
    unanswered: Mapping[str, str] = field(default_factory=dict)
    """Those of them that were to be asked for, though nothing hints at such files, and why there is no answer."""

    @property
    def images(self) -> list[Asset]:
        """The photos and videos, without components: what SmugMug counts."""
        return [asset for asset in self.assets if not asset.component_of]

    @property
    def contents(self) -> Contents:
        """The listing without what is only needed to copy the files."""
        keys = (asset.image_key for asset in self.assets)
        return Contents(album=self.album, items=tuple(zip(keys, self.records, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The contents of an `_album.json`."""

    album: Album
    items: tuple[tuple[str, bytes], ...]
    """Image key and packed line of each item, in gallery order; see ``rules.sidecar``."""
    previews: bytes = b""
    """Not in that file: the previews to copy, packed; see ``rules.previews``."""


class Known(StrEnum):
    """The state of an asset in the ledger."""

    MOVING = "moving"
    MOVED = "moved"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    GONE = "gone"
    """A complete list no longer has it; a stored file stays, and a file never stored is forgotten."""


class Proof(StrEnum):
    """How it is known that an object has the right bytes; ``NONE`` if it must be read back to know."""

    NONE = ""
    ETAG = "etag"
    """The ETag is their MD5."""
    PARTS = "parts"
    """The ETag is the MD5 of the MD5s of the parts they were sent in."""
    CHECKED = "checked"
    """A server seen to reject a wrong ``Content-MD5`` accepted them with the right one."""
    READ = "read"
    """They were read back and hashed."""
    WRONG = "wrong"
    """They were read back and differ; until they are stored again or read back right."""

    @property
    def holds(self) -> bool:
        """Whether it proves the bytes."""
        return self not in (Proof.NONE, Proof.WRONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The ledger's record of one asset."""

    image_key: str
    state: Known
    identity: str
    key: str
    """The key where it is stored, or was last to be stored."""
    name_wanted: str
    """The key by its name alone; differs from ``key`` after a rename."""
    described: str
    """Digest of the object metadata that was stored with it."""
    reason: str = ""
    """Why it is not stored, or why its metadata or name could not be updated; empty if nothing failed."""
    reference: bool = False
    """Whether the object at ``key`` belongs to another album, which had the photo first."""
    deserted: bool = False
    """With a reference: whether that album no longer lists the photo."""
    size: int | None = None
    """Of the object at ``key``; ``None`` if there is none."""
    md5: str = ""

    @property
    def stored(self) -> bool:
        """Whether the object at ``key`` has the bytes of ``identity``, listed or not."""
        return self.state in (Known.MOVED, Known.GONE)


class Collecting(StrEnum):
    """What to do with a photo that is already stored for another album."""

    COPY = "copy"
    """Every album has an object of its own, copied by the server."""
    REFERENCE = "reference"
    """The albums share one object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTarget:
    """An object to write: its key and metadata."""

    key: str
    content_type: str
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that one object is stored as intended."""

    key: str
    size: int
    md5: str
    """Hex, of the bytes as they passed through this program."""
    etag: str
    """As the server returned it, without quotes."""
    stored_at: str
    """UTC, ISO 8601."""
    crc64: str = ""
    """The server's CRC-64/NVME of the whole object, if it has one (AWS does for every object)."""
    proof: Proof = Proof.NONE
    """How it is known that the object has these bytes, as long as its ETag stays."""
    nameless: bool = False
    """Whether the server did not even accept the image key as metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One entry of the bucket's listing."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The ledger's record of one object; ``image_key`` is empty for `_album.json` and archive files."""

    key: str
    size: int
    md5: str
    image_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the server says about one object without sending its bytes."""

    size: int
    etag: str
    metadata: dict[str, str]
    """The object's own metadata: names in lower case, values as stored."""
    crc64: str = ""
    """As in a receipt."""
    hidden: bool = False
    """Whether its encryption makes the ETag something else than the MD5, though it looks like one."""
