"""The frozen records that all packages use; plain data, no secrets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose account is read, and how much of it this sign-in may see."""

    nickname: str
    name: str
    root_uri: str
    """The root node, where the tree walk begins."""
    full: bool
    """Whether SmugMug shows private things too (``ResponseLevel`` is ``Full``)."""
    image_count: int | None = None
    """What SmugMug itself counts in the whole account; the owner's view only."""


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
    """Whether nodes lie below it, which is never so of an album; ``None`` where SmugMug does not say."""
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
    """Where new files of it go, relative to the prefix, no trailing slash."""
    images_uri: str
    image_count: int | None = None
    images_last_updated: str = ""
    last_updated: str = ""
    original_sizes: int | None = None
    """Bytes of its originals as SmugMug adds them up; ``None`` where it does not say."""
    locked: bool = False
    record: bytes = b"{}"
    account: str = ""
    """Whose it is, by nickname."""
    ancestors: tuple[bytes, ...] = ()
    """The records of its folders from the root down, and of its own node last."""

    @property
    def path(self) -> str:
        """The name a person knows it by: ``Family/2019/Christmas``."""
        return "/".join((*self.folder, self.name))

    @property
    def fingerprint(self) -> str | None:
        """Changes whenever SmugMug says that something in the album changed.

        ``None`` where SmugMug does not say enough to rely on: without the sum of the originals' sizes
        a replaced photo would go unnoticed, since ``ImagesLastUpdated`` is only documented to move when
        images are added, removed or rearranged.
        """
        if self.image_count is None or (self.image_count and not self.original_sizes):
            return None
        parts = (self.image_count, self.original_sizes, self.images_last_updated, self.last_updated, self.directory)
        return "|".join(map(str, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumTotals:
    """An album in SmugMug's own numbers, without anything of it being listed."""

    key: str
    path: str
    """For a person. From SmugMug's flat list the folders go by the names in their address: ``My-Trips/Summer 2019``."""
    folder: str
    """The folders above it, each by a name that is its alone, slashes between; empty at the top."""
    assets: int | None
    """``None`` where SmugMug does not count them."""
    bytes: int | None
    """The sum of its originals; ``None`` where SmugMug does not say, as to everybody but the owner."""
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One photo or video in one album; the same image collected twice is two assets."""

    album_key: str
    image_key: str
    serial: int
    filename: str
    """As SmugMug gives it; may be empty, repeated, or hold anything."""
    is_video: bool
    format: str
    uploaded: str
    url: str | None
    """Where its bytes are; ``None`` where SmugMug names no address."""
    size: int | None
    md5: str | None
    """Hex; of the bytes behind ``url``, so of the rendition for a video."""
    original: bool
    """Whether ``url`` gives the file as it was uploaded."""
    resolve_uri: str | None = None
    """An address to ask once more for, where the page named none."""
    unavailable: str = ""
    """Why SmugMug cannot give it, in its own terms; empty where it can."""
    title: str = ""
    caption: str = ""
    date: str = ""
    """When it was taken; where nobody knows that, when it was uploaded."""
    taken: str = ""
    """When it was taken, by the camera's own clock; empty where SmugMug does not know."""
    keywords: tuple[str, ...] = ()
    watermarked: bool = False
    hidden: bool = False
    components: tuple[str, ...] = ()
    """File types that SmugMug Source keeps of it beside the image itself, such as a camera's RAW; not moved."""

    @property
    def identity(self) -> str:
        """Changes whenever the bytes change."""
        return f"{self.serial}|{self.md5 or ''}|{'' if self.md5 else self.size}"


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether a list was shown in full: made where the list is read, joined on the way up, never made anew.

    That something is gone follows only from a list without ``gaps``.
    """

    gaps: tuple[str, ...] = ()
    """What was not shown, each in a sentence for a person."""

    @property
    def whole(self) -> bool:
        """Whether nothing is known to be missing."""
        return not self.gaps

    def __add__(self, other: Shown) -> Shown:
        return Shown(self.gaps + other.gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Everything SmugMug lists in one album, once each, in gallery order."""

    album: Album
    assets: tuple[Asset, ...]
    records: tuple[bytes, ...]
    """One packed line of ``_album.json`` an asset, in the same order; see ``rules.sidecar``."""
    shown: Shown
    """Whether that is everything in it: each page came, and as many items as the list and the album count."""

    @property
    def contents(self) -> Contents:
        """The same without what the files are moved by."""
        keys = (asset.image_key for asset in self.assets)
        return Contents(album=self.album, items=tuple(zip(keys, self.records, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What an album's own file is made of."""

    album: Album
    items: tuple[tuple[str, bytes], ...]
    """Of each item, in gallery order, its image key and its packed line; see ``rules.sidecar``."""


class Known(StrEnum):
    """What the ledger says of an asset."""

    MOVING = "moving"
    MOVED = "moved"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    GONE = "gone"
    """A list that was shown in full no longer has it; what is stored of it stays. What was never stored is forgotten."""


class Proof(StrEnum):
    """How it is known that an object has the bytes it should have; what only reading it back can tell has ``NONE``."""

    NONE = ""
    ETAG = "etag"
    """The store's ETag is their MD5."""
    PARTS = "parts"
    """The store's ETag is the MD5 of the MD5s of the parts they were sent in."""
    CHECKED = "checked"
    """A store that was seen to refuse a wrong ``Content-MD5`` took them with the right one."""
    READ = "read"
    """They were read back and hashed."""
    WRONG = "wrong"
    """They were read back, and it was others; until they are stored anew, or read back right."""

    @property
    def holds(self) -> bool:
        """Whether the bytes are right by it."""
        return self not in (Proof.NONE, Proof.WRONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The ledger's memory of one asset."""

    image_key: str
    state: Known
    identity: str
    key: str
    """Where it lies, or was last meant to lie."""
    name_wanted: str
    """The key it would have been given by name alone; differs from ``key`` after a rename."""
    described: str
    """Digest of the object metadata that was stored with it."""
    reason: str = ""
    """Why it is not in the store, or not described or named there as it should be, where something stood in the way."""
    reference: bool = False
    """Whether what lies at ``key`` belongs to another album, which had the photo first."""
    deserted: bool = False
    """With a reference: whether that album does not list the photo any more."""

    @property
    def stored(self) -> bool:
        """Whether what lies at ``key`` has the bytes of ``identity``, listed or not."""
        return self.state in (Known.MOVED, Known.GONE)


class Collecting(StrEnum):
    """What becomes of a photo that another album has in the store already."""

    COPY = "copy"
    """Every album has an object of its own; the store makes it."""
    REFERENCE = "reference"
    """The albums refer to one object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTarget:
    """An object to be: its key and what the store is told about it."""

    key: str
    content_type: str
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that one object is in the store, as it was meant to be."""

    key: str
    size: int
    md5: str
    """Hex, of the bytes as they passed through here."""
    etag: str
    """As the store returned it, without quotes."""
    stored_at: str
    """UTC, ISO 8601."""
    crc64: str = ""
    """The store's own CRC-64/NVME of the whole object, where it names one (AWS does for every object)."""
    proof: Proof = Proof.NONE
    """What says that the store holds just these bytes, as long as the ETag stays."""
    nameless: bool = False
    """Whether the store did not take even the key of its image along with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One line of the store's own listing."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ledger remembers of one object; ``image_key`` is empty for an album's or the account's own files."""

    key: str
    size: int
    md5: str
    image_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the store tells of one object without giving its bytes."""

    size: int
    etag: str
    metadata: dict[str, str]
    """The object's own metadata: names in lower case, values as stored."""
    crc64: str = ""
    """As in a receipt."""
