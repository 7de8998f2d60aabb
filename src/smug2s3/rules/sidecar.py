"""`_album.json`: everything SmugMug knows of an album, one line an item, so that it can be written without holding it."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from smug2s3.models import Album, Contents, Entry, Known

FORMAT = 1


class Former(NamedTuple):
    """What is stored of an image that the album no longer lists."""

    key: str
    image_key: str
    filename: str
    size: int
    md5: str
    reference: bool


class Item(NamedTuple):
    """One line to be: where the file lies, or why there is none."""

    key: str
    unavailable: str
    """Why SmugMug cannot give it."""
    record: bytes
    """SmugMug's own, unpacked."""
    not_moved: str = ""
    """Why it is not in the store although SmugMug has it."""
    not_updated: str = ""
    """Why the object at ``key`` does not have the newest description or name."""
    reference: bool = False
    """Whether the object at ``key`` belongs to another album."""


def item_of(entry: Entry | None, record: bytes) -> Item:
    """The line of an image by what the ledger knows of it: it has a key if, and only if, its file was moved."""
    if entry is None:
        return Item("", "", record, "excluded by the filters of the last run")
    if entry.stored:
        return Item(entry.key, "", record, not_updated=entry.reason, reference=entry.reference)
    if entry.state is Known.UNAVAILABLE:
        return Item("", entry.reason, record)
    failed = entry.state is Known.FAILED
    return Item("", "", record, "failed; the next run tries again" if failed else "not copied yet; a later run will")


def compact(value: Any) -> bytes:
    """JSON in one line of UTF-8; lone surrogates, which UTF-8 cannot hold, stay escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def pack(line: bytes) -> bytes:
    """One item's line, compressed: an album of 5,000 items waits for its turn in a few megabytes."""
    return zlib.compress(line, 1)


def unpack(packed: bytes) -> bytes:
    """The line that ``pack`` was given."""
    return zlib.decompress(packed)


def render(album: Album, items: Iterable[Item], former: Iterable[bytes]) -> Iterator[bytes]:
    """The file's lines; ``items`` in gallery order.

    ``former`` are lines of an earlier file whose images SmugMug no longer lists: what is stored of them stays
    stored, so what was known of them stays known.
    """
    *folders, node = album.ancestors or (b"{}",)
    account = b',\n"account":%b' % compact(album.account) if album.account else b""
    yield b'{"smug2s3":%d%b,\n"album":%b,\n"node":%b,\n' % (FORMAT, account, album.record, node)
    yield b'"folders":[%b],\n"items":[' % b",".join(folders)
    yield from _separated(_item(item) for item in items)
    yield b'\n],\n"former_items":['
    yield from _separated(former)
    yield b"\n]}\n"


def digest(contents: Contents, known: Mapping[str, Entry]) -> str:
    """A digest of what the file tells of the album and its items now: it changes if, and only if, that does.

    Not of addresses, which SmugMug may give anew each time, nor of the gallery's order, of which ties may turn; where
    a gallery is rearranged SmugMug says so in the album's own record (``ImagesLastUpdated``, documented).
    """
    found = hashlib.md5(usedforsecurity=False)
    for record in (contents.album.record, *contents.album.ancestors):
        found.update(_lasting(record))
    for image, packed in sorted(contents.items):
        item = item_of(known.get(image), unpack(packed))
        found.update(_head_line(item))
        found.update(_lasting(item.record))
    return found.hexdigest()


def _lasting(record: bytes) -> bytes:
    return compact(_without_addresses(json.loads(record)))


def _without_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        kept = ((name, inner) for name, inner in sorted(value.items()) if not name.endswith(("Uri", "Url")))
        return {name: _without_addresses(inner) for name, inner in kept}
    return [_without_addresses(inner) for inner in value] if isinstance(value, list) else value


def is_former(line: bytes, listed: frozenset[str]) -> bool:
    """Whether a line of an earlier file is an item whose image is not ``listed`` any more."""
    if not line.startswith(b'{"key":'):
        return False
    try:
        return image_key(line) not in listed
    except (ValueError, AttributeError):  # somebody damaged it
        return False


def former_lines(kept: Iterable[bytes], former: Iterable[Former]) -> Iterator[bytes]:
    """The lines of images that SmugMug no longer lists.

    ``kept`` are those of an earlier file, ``former`` what the ledger has. What an earlier file says stays said, but
    for references: these go where their object goes, and end with it.
    """
    known = {one.image_key: one for one in former}
    for line in kept:
        one = known.pop(image_key(line), None)
        if not _refers(line):
            yield line
        elif one:
            yield _at(line, one.key)
    yield from (_former_line(one) for one in known.values())


def _refers(line: bytes) -> bool:
    return bool(json.loads(line).get("reference"))


def _at(line: bytes, key: str) -> bytes:
    """A line with another key, and nothing else of it changed."""
    item = json.loads(line)
    return line if item["key"] == key else compact(item | {"key": key})


def _former_line(one: Former) -> bytes:
    """Where no earlier file is left to take it from."""
    image = {"ImageKey": one.image_key, "FileName": one.filename, "ArchivedSize": one.size, "ArchivedMD5": one.md5}
    return compact(_head(one.key, reference=one.reference) | {"image": image})


def _head(key: str, *, reference: bool) -> dict[str, Any]:
    return {"key": key or None} | ({"reference": True} if reference else {})


def image_key(line: bytes) -> str:
    """Which image a line is about."""
    return str(json.loads(line).get("image", {}).get("ImageKey", ""))


def stored_key(line: bytes) -> str:
    """Where what a line is about lies; empty where it never came."""
    return str(json.loads(line).get("key") or "")


def _item(item: Item) -> bytes:
    return _head_line(item)[:-1] + b"," + item.record[1:]


def _head_line(item: Item) -> bytes:
    reasons = {"unavailable": item.unavailable, "not_moved": item.not_moved, "not_updated": item.not_updated}
    return compact(
        _head(item.key, reference=item.reference) | {name: reason for name, reason in reasons.items() if reason}
    )


def _separated(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        yield (b",\n" if number else b"\n") + line
