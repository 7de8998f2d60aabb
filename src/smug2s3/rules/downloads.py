"""Which files a ZIP for a browser contains, and what they are called in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from smug2s3.errors import UsageError
from smug2s3.rules import keys
from smug2s3.rules.homecoming import ANY, instant
from smug2s3.rules.viewing import Item

MOST_ITEMS = 1000
"""Items that can be chosen one by one; the pages offer 500."""

MOST_FIELDS_BYTES = 256 * 1024
"""Of the form that names them."""

REPORT = "not-complete.txt"
"""The file in a ZIP that names what is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file of a ZIP."""

    item: Item
    name: str
    moment: float | None


def chosen(fields: Sequence[str]) -> dict[str, set[str]]:
    """The image keys of each album, from ``ALBUM/IMAGE`` fields. Raises UsageError."""
    if len(fields) > MOST_ITEMS:
        raise UsageError(f"more than {MOST_ITEMS:,} items cannot be chosen at once", hint="Download whole albums.")
    found: dict[str, set[str]] = {}
    for field in fields:
        album, _, image = field.partition("/")
        found.setdefault(album, set()).add(image)
    return found


def downloads(items: Iterable[Item]) -> list[Download]:
    """The stored ones among the items, with names that are safe and distinct on every system.

    Those of several albums are in the folders of these.
    """
    stored = [item for item in items if item.stored]
    several = len({item.album_key for item in stored}) > 1
    folders: dict[str, list[Item]] = {}
    for item in stored:
        folders.setdefault(_folder(item) if several else "", []).append(item)
    names = {owner: name for folder, inside in folders.items() for owner, name in _names(folder, inside).items()}
    return [
        Download(item=item, name=names[_owner(item)], moment=instant(item.date, UTC if item.is_video else None))
        for item in stored
    ]


def _names(folder: str, items: Sequence[Item]) -> dict[str, str]:
    claims = [keys.Claim(owner=_owner(item), name=_name(item)) for item in items]
    found = keys.share_names(claims, {} if folder else {REPORT: ""})
    return {owner: f"{folder}/{name}" if folder else name for owner, name in found.items()}


def zip_name(items: Sequence[Download]) -> str:
    """What the ZIP is called: as the album, if all are of one."""
    albums = {one.item.album.rpartition("/")[2] for one in items}
    return ANY.fitted(albums.pop() if len(albums) == 1 else "photos", fallback="photos", ending=".zip")


def _owner(item: Item) -> str:
    return f"{item.album_key}-{item.image_key}"


def _name(item: Item) -> str:
    """The name in the archive; a file that another album stores has that of its own upload."""
    directory, _, stored = item.key.rpartition("/")
    own = stored if f"/{directory}".endswith(f"/{item.directory}") else item.name
    return ANY.fitted(own, fallback=keys.safe_name(item.image_key, fallback="_"))


def _folder(item: Item) -> str:
    """Made safe again: a damaged document must not lead out of the folder that the ZIP is unpacked in."""
    return "/".join(ANY.fitted(part, fallback="_") for part in item.directory.split("/"))
