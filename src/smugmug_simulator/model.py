"""The records of a world: nodes, album settings, images, and their oddities."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from smugmug_simulator.content import Content

NodeType = Literal["Folder", "Album", "Page", "System Album"]
Privacy = Literal["Public", "Unlisted", "Private"]
Security = Literal["None", "Password", "GrantAccess"]


class Quirk(StrEnum):
    """A way in which one image differs from the documentation."""

    NO_MD5 = "no-md5"
    NO_SIZE = "no-size"
    NO_ARCHIVED = "no-archived"
    NO_ORIGINAL_SIZE_DETAIL = "no-original-size-detail"
    DELETED = "deleted"
    STALE_METADATA = "stale-metadata"
    ISO_AS_TEXT = "iso-as-text"
    COMPONENTS_AS_OBJECT = "components-as-object"
    # How a RAW file in SmugMug Source is shown is not recorded: a group of its own, or one more extension.
    COMPONENTS_RAW_GROUP = "components-raw-group"
    COMPONENTS_RAW_EXTENSION = "components-raw-extension"
    NO_VIDEO = "no-video"
    NO_VIDEO_MD5 = "no-video-md5"
    NO_VIDEO_SIZE = "no-video-size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Another file of an image in SmugMug Source: RAW, PSD, XMP, or a video as it was uploaded."""

    key: str
    file_name: str
    content: Content

    @property
    def extension(self) -> str:
        """The ending of its name."""
        return self.file_name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A photo or video; `content` is what a complete copy must have.

    That is the uploaded file of a photo, but only the largest rendition of a video: SmugMug keeps no more (probed 2026-10).
    """

    key: str
    file_name: str
    content: Content
    uploaded: datetime
    updated: datetime
    serial: int = 0
    is_video: bool = False
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    taken: datetime | None = None
    width: int = 1600
    height: int = 1067
    duration: float = 0.0
    latitude: float | None = None
    longitude: float | None = None
    altitude: int = 0
    hidden: bool = False
    watermarked: bool = False
    format: str = "JPG"
    processing: bool = False
    status: str = "Open"
    sub_status: str = "NFS"
    components: tuple[Component, ...] = ()
    quirks: frozenset[Quirk] = frozenset()

    @property
    def key_serial(self) -> str:
        """The name of this version in URIs."""
        return f"{self.key}-{self.serial}"

    @property
    def unobtainable(self) -> str:
        """Why the content cannot be fetched, or an empty text if it can."""
        if Quirk.DELETED in self.quirks:
            return "deleted"
        if self.is_video and Quirk.NO_VIDEO in self.quirks:
            return self.sub_status if self.sub_status == "CanNotProcess" else self.status
        if {Quirk.NO_ARCHIVED, Quirk.NO_ORIGINAL_SIZE_DETAIL} <= self.quirks:
            return "no original offered"
        return ""


class Listing(Protocol):
    """The images of an album that are computed, not kept."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Image: ...

    @property
    def total_bytes(self) -> int:
        """The sum of the lengths of all contents."""

    def index(self, image_key: str) -> int | None:
        """Where the image is in this album, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """What an album has beyond its node."""

    key: str
    images_updated: datetime
    keywords: str = ""
    sort_method: str = "Position"
    allow_downloads: bool = True
    largest_download: str = "Original"
    world_searchable: bool | int = True
    smug_searchable: str = "Inherit from User"
    # ImageCount shown minus images listed: SmugMug's counter and listing lag behind each other (probed 2026-10).
    count_error: int = 0
    # The order changes during the first walk over this album.
    restless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A folder, an album, a page, or a system album in the tree."""

    id: str
    type: NodeType
    name: str
    url_name: str
    parent: str | None
    added: datetime
    modified: datetime
    description: str = ""
    keywords: tuple[str, ...] = ()
    sort_index: int = 0
    privacy: Privacy = "Public"
    security: Security = "None"
    password: str = ""
    password_hint: str = ""
    album: Album | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The owner of the account."""

    nick: str = "demo"
    name: str = "Demo Photographer"
    first_name: str = "Demo"
    last_name: str = "Photographer"
    plan: str = "Pro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One line of the truth: what a complete copy must have for one image in one album."""

    album_key: str
    folders: tuple[str, ...]
    album: str
    image_key: str
    serial: int
    file_name: str
    is_video: bool
    md5: str
    size: int
    obtainable: bool
    reason: str
    # The key of a file in SmugMug Source; the line of the image itself comes before.
    component: str = ""

    @classmethod
    def of(cls, node: Node, folders: tuple[str, ...], image: Image) -> "Asset":
        """The line of an image in the album of a node."""
        assert node.album is not None
        return cls(
            album_key=node.album.key,
            folders=folders,
            album=node.name,
            image_key=image.key,
            serial=image.serial,
            file_name=image.file_name,
            is_video=image.is_video,
            md5=image.content.md5,
            size=image.content.size,
            obtainable=not image.unobtainable,
            reason=image.unobtainable,
        )

    def beside(self, component: Component, refusal: str) -> "Asset":
        """The line of another file of the same image."""
        return replace(
            self,
            component=component.key,
            file_name=component.file_name,
            md5=component.content.md5,
            size=component.content.size,
            obtainable=not (refusal or self.reason == "deleted"),
            reason=refusal,
        )
