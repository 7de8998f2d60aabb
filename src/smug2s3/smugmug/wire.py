"""Parses SmugMug's JSON into our records; lenient, since fields vary with age and rights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from smug2s3.errors import SourceBroken
from smug2s3.models import Account, AlbumTotals, Asset, Node, Position
from smug2s3.rules import digests
from smug2s3.rules.components import component
from smug2s3.rules.foreign_json import read_json
from smug2s3.rules.keys import split_suffix
from smug2s3.rules.sidecar import compact, component_name

Json = dict[str, Any]

# Addresses of the API, useless once the account is closed.
_PLUMBING = frozenset({"Uris", "UriDescription", "EndpointType", "DocUri", "ResponseLevel"})
_PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Page:
    """One response: its object or objects, its expansions, and its position in a longer list."""

    objects: list[Json]
    expansions: Mapping[str, Json]
    count: int
    total: int | None
    odd: int = 0
    """Entries that are not objects, and so not in ``objects``."""

    @property
    def one(self) -> Json | None:
        """The single object; ``None`` if SmugMug answered 200 without it (no access)."""
        return self.objects[0] if self.objects else None

    def expansion(self, owner: Json, name: str) -> Json | None:
        """What was expanded under ``name``; looked up by the exact string in ``Uris``, SmugMug's key for it."""
        address = uri(owner, name)
        found = self.expansions.get(address or "", {})
        inner = found.get(str(found.get("Locator", name))) if isinstance(found, dict) else None
        return inner if isinstance(inner, dict) else None


def read_page(body: bytes, what: str) -> Page:
    """Parse one response; raises SourceBroken for HTML, truncated JSON, or JSON without ``Response``."""
    try:
        answer = read_json(body)
        response = answer["Response"]
        locator = response["Locator"]
    except (ValueError, KeyError, TypeError):
        raise SourceBroken(f"SmugMug's answer for {what} was not valid JSON of its API") from None
    found = response.get(str(locator))
    entries = found if isinstance(found, list) else [] if found is None else [found]
    objects = [entry for entry in entries if isinstance(entry, dict)]
    pages = response.get("Pages")
    pages = pages if isinstance(pages, dict) else {}
    expansions = answer.get("Expansions")
    return Page(
        objects=objects,
        expansions=expansions if isinstance(expansions, dict) else {},
        count=_count(pages.get("Count")) or len(entries),
        total=_count(pages.get("Total")),
        odd=len(entries) - len(objects),
    )


def error_message(body: bytes) -> str:
    """The ``Message`` of an error body; empty if the body is HTML or empty."""
    try:
        answer = read_json(body)
    except ValueError:
        return ""
    return str(answer.get("Message", "")) if isinstance(answer, dict) else ""


def uri(owner: Json, name: str) -> str | None:
    """The address called ``name`` in ``Uris``: a string, or an object with one, depending on verbosity."""
    uris = owner.get("Uris")
    found = uris.get(name) if isinstance(uris, dict) else None
    address = found.get("Uri") if isinstance(found, dict) else found
    return address if isinstance(address, str) else None


def record(entry: Json) -> bytes:
    """Everything in a SmugMug record, without the addresses of its API."""
    return compact({key: value for key, value in entry.items() if key not in _PLUMBING})


def read_account(user: Json) -> Account:
    """The signed-in user, or the one whose public data is read."""
    root = uri(user, "Node")
    if root is None:
        raise SourceBroken("SmugMug did not say where this account's folders are")
    return Account(
        nickname=str(user.get("NickName", "")),
        name=str(user.get("Name", "")),
        root_uri=root,
        full=user.get("ResponseLevel") == "Full",
        image_count=_integer(user.get("ImageCount")),
    )


def read_node(entry: Json) -> Node:
    """One child of a folder."""
    return Node(
        node_id=str(entry.get("NodeID") or _tail(entry, "node")),
        kind=str(entry.get("Type", "")),
        name=str(entry.get("Name") or entry.get("UrlName") or ""),
        uri=str(entry.get("Uri", "")),
        date_added=str(entry.get("DateAdded", "")),
        children_uri=uri(entry, "ChildNodes"),
        album_uri=uri(entry, "Album"),
        has_children=_has_children(entry),
        record=record(entry),
    )


def _has_children(entry: Json) -> bool | None:
    """SmugMug may count private children for other users, too, who cannot see them: only the owner's view is reliable."""
    said = entry.get("HasChildren")
    return said if isinstance(said, bool) and entry.get("ResponseLevel") == "Full" else None


def _tail(entry: Json, kind: str) -> str:
    """The id in a record's own address, ``/api/v2/node/xYz``; empty if the address has another form."""
    head, _, tail = str(entry.get("Uri") or "").partition("?")[0].rpartition("/")
    return tail if head.endswith(f"/api/v2/{kind}") and "!" not in tail else ""


@dataclass(frozen=True, slots=True)
class AlbumFacts:
    """An album from its own record, whatever its origin."""

    key: str
    images_uri: str
    image_count: int | None
    images_last_updated: str
    last_updated: str
    original_sizes: int | None
    locked: bool
    node_id: str
    record: bytes


def read_album(entry: Json) -> AlbumFacts:
    """An album's record; a locked one has little more than its key."""
    key = str(entry.get("AlbumKey") or _tail(entry, "album"))
    return AlbumFacts(
        key=key,
        images_uri=uri(entry, "AlbumImages") or f"/api/v2/album/{key}!images",
        image_count=_integer(entry.get("ImageCount")),
        images_last_updated=str(entry.get("ImagesLastUpdated", "")),
        last_updated=str(entry.get("LastUpdated", "")),
        original_sizes=_integer(entry.get("OriginalSizes")),
        locked=entry.get("ResponseLevel") == "Password",
        node_id=str(entry.get("NodeID") or ""),
        record=record(entry),
    )


def read_owner(album: Json) -> str:
    """The nickname of an album's owner; empty if unknown."""
    head, _, nickname = unquote((uri(album, "User") or "").partition("?")[0]).rpartition("/")
    return nickname if head.endswith("/api/v2/user") else ""


TOTALS = ("AlbumKey", "Name", "UrlPath", "ImageCount", "OriginalSizes")
"""The fields ``read_totals`` reads."""

COUNT = "ImageCount"
"""The field that ``read_count`` reads."""


def read_count(album: Json) -> int | None:
    """How many items SmugMug counts in an album; ``None`` if it does not say."""
    return _count(album.get(COUNT))


def read_totals(entry: Json) -> AlbumTotals:
    """An album of the flat list, which has only the URL names of its folders."""
    key = str(entry.get("AlbumKey", ""))
    folder, _, address = str(entry.get("UrlPath") or "").strip("/").rpartition("/")
    name = str(entry.get("Name") or address or f"(locked album {key})")
    return AlbumTotals(
        key=key,
        path=f"{folder}/{name}" if folder else name,
        folder=folder,
        assets=_integer(entry.get("ImageCount")),
        bytes=_integer(entry.get("OriginalSizes")),
        locked=entry.get("ResponseLevel") == "Password",
    )


def read_asset(entry: Json, *, album_key: str, metadata: Json | None, video: Json | None) -> Asset:
    """One AlbumImage with its expansions."""
    is_video = entry.get("IsVideo") is True
    media = _rendition(video) if is_video else _archived(entry)
    taken = _taken(entry, metadata or {})
    return Asset(
        album_key=album_key,
        image_key=str(entry.get("ImageKey", "")),
        serial=_integer(entry.get("Serial")) or 0,
        filename=str(entry.get("FileName") or ""),
        is_video=is_video,
        format=str((video or {}).get("Ext") or "mp4") if is_video else str(entry.get("Format") or ""),
        uploaded=str(entry.get("DateTimeUploaded") or entry.get("Date") or ""),
        resolve_uri=_file_uri(entry, is_video=is_video),
        title=str(entry.get("Title") or ""),
        caption=str(entry.get("Caption") or ""),
        date=taken or str(entry.get("Date") or ""),
        taken=taken,
        upload_key=str(entry.get("UploadKey") or ""),
        position=_position(entry),
        keywords=_keywords(entry),
        watermarked=entry.get("Watermarked") is True,
        hidden=entry.get("Hidden") is True,
        components=_components(entry),
        original=not is_video,
        **media,
    )


def read_record(item: Mapping[str, Any], album_key: str) -> Asset:
    """Read an asset, or a component of one, from a line of ``_album.json``."""
    asset = read_asset(
        item.get("image") or {}, album_key=album_key, metadata=item.get("metadata"), video=item.get("video")
    )
    return read_component(item["component"], asset) if "component" in item else asset


def read_component(entry: Mapping[str, Any], asset: Asset, *, unavailable: str = "") -> Asset:
    """One of the other files of ``asset`` in SmugMug Source, or a hint at one."""
    kind = str(entry.get("Extension") or "").removeprefix(".") or hinted_format(str(entry.get("ComponentFileType", "")))
    filename = str(entry.get("FileName") or "") or f"{split_suffix(asset.filename)[0]}.{kind.lower()}"
    return component(
        asset,
        component_name(entry),
        filename=filename,
        url=entry.get("DownloadUrl") or entry.get("Url") or None,
        size=_integer(entry.get("FileSize")),
        md5=digests.clean_md5(entry.get("MD5")),
        unavailable=unavailable,
    )


def component_record(entry: Json) -> Json:
    """What is kept of a component: no address, which may be all that is needed to download it."""
    return {name: value for name, value in read_json(record(entry)).items() if not name.endswith("Url")}


def hinted_format(hint: str) -> str:
    """The file type in ``Raw: rw2``."""
    return hint.rpartition(": ")[2].lower()


def item_record(entry: Json, *, metadata: Json | None, video: Json | None) -> bytes:
    """One line of ``_album.json``: the item as SmugMug describes it, its camera data, its video rendition."""
    parts = {"image": entry, "metadata": metadata, "video": video}
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), record(part)) for name, part in parts.items() if part) + b"}"


def problem(entry: Json) -> str:
    """Why an item has no address."""
    if entry.get("IsVideo") is not True:
        return "SmugMug does not offer this sign-in the original of this photo, only reduced copies"
    if entry.get("SubStatus") == "CanNotProcess":
        return "SmugMug could not process this video (CanNotProcess), so there is no file to download"
    if entry.get("Processing") is True or entry.get("Status") == "Preprocess":
        return "SmugMug is still processing this video"
    return "SmugMug offers no file for this video"


def read_rendition(video: Json) -> dict[str, Any]:
    """Address, size and MD5 of a ``LargestVideo``."""
    return _rendition(video)


def read_original(details: Json) -> dict[str, Any]:
    """The original out of ``ImageSizeDetails``; smaller sizes are never used."""
    original = details.get("ImageSizeOriginal")
    return _rendition(original if isinstance(original, dict) else None)


def _file_uri(entry: Json, *, is_video: bool) -> str | None:
    """The API address of the file's address; SmugMug's own link, or the documented form if it is missing."""
    name, action = ("LargestVideo", "largestvideo") if is_video else ("ImageSizeDetails", "sizedetails")
    given = uri(entry, name)
    if given or not entry.get("ImageKey"):
        return given
    return f"/api/v2/image/{entry['ImageKey']}-{_integer(entry.get('Serial')) or 0}!{action}"


def _archived(entry: Json) -> dict[str, Any]:
    return {
        "url": entry.get("ArchivedUri") or None,
        "size": _integer(entry.get("ArchivedSize")),
        "md5": digests.clean_md5(entry.get("ArchivedMD5")),
    }


def _rendition(size: Json | None) -> dict[str, Any]:
    size = size or {}
    return {
        "url": size.get("Url") or None,
        "size": _integer(size.get("Size")),
        "md5": digests.clean_md5(size.get("MD5")),
    }


def _keywords(entry: Json) -> tuple[str, ...]:
    """``KeywordArray`` was seen with only the first keyword, so the longer of the two is used."""
    array = entry.get("KeywordArray")
    listed = tuple(str(word) for word in array) if isinstance(array, list) else ()
    written = tuple(word.strip() for word in str(entry.get("Keywords") or "").split(";") if word.strip())
    return written if len(written) > len(listed) else listed


def _position(entry: Json) -> Position | None:
    """Where it was taken; SmugMug writes 0, 0 for an unknown place, and altitude 0 for an unknown altitude."""
    latitude, longitude = _number(entry.get("Latitude")), _number(entry.get("Longitude"))
    known = (latitude or longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return Position(latitude, longitude, _number(entry.get("Altitude")) or None) if known else None


def _components(entry: Json) -> tuple[str, ...]:
    """Other files in SmugMug Source, such as ``Raw: rw2``: other groups, or other types in the item's own group.

    ``{"Image": ["jpg"]}`` and ``[]`` mean that there are none. How a RAW file is shown was never recorded, so
    anything else counts as one.
    """
    types = entry.get("ComponentFileTypes")
    groups = types if isinstance(types, dict) else {"Image": types}
    return tuple(f"{group}: {kind}" for group, kinds in groups.items() for kind in _further(entry, str(group), kinds))


def _further(entry: Json, group: str, kinds: object) -> list[str]:
    named = [str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind]
    if group == "Image":
        return named[1:]
    if group == "Video" and entry.get("IsVideo") is True:
        return [kind for kind in named if kind != str(entry.get("Format")).lower()]
    return named


def _taken(entry: Json, metadata: Json) -> str:
    """When the picture was taken, by the camera's own clock; empty if unknown.

    ``DateTimeOriginal`` is that clock's time interpreted as Los Angeles time and converted to UTC (checked on four
    recorded samples), so it is converted back.
    """
    if exact := metadata.get("DateTimeCreated"):
        return str(exact)
    try:
        moment = datetime.fromisoformat(str(entry.get("DateTimeOriginal")))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(_PACIFIC).replace(tzinfo=None).isoformat()
    except (ValueError, OverflowError):  # a camera without a date writes the year 0 or 1
        return ""


def _number(value: object) -> float:
    """A number, which SmugMug sends as a string in some fields; 0 if it is none."""
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _count(value: object) -> int | None:
    number = _integer(value)
    return number if number is None or number >= 0 else None


def _integer(value: object) -> int | None:
    """An integer, which SmugMug may send as a string (account sizes) or not at all."""
    try:
        return int(str(value))
    except ValueError:
        return None
