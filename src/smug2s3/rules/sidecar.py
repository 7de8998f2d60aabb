"""`_album.json`: everything SmugMug knows of an album, one line per item, so that it can be written as a stream."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from smug2s3.models import Album, Asset, Contents, Entry, Known
from smug2s3.rules.digests import clean_md5
from smug2s3.rules.foreign_json import read_json
from smug2s3.rules.keys import component_key

FORMAT = 1


class Former(NamedTuple):
    """The stored file of an image that the album no longer lists."""

    key: str
    image_key: str
    filename: str
    size: int
    md5: str
    reference: bool


class Item(NamedTuple):
    """One line: the file's key, or why there is none."""

    key: str
    unavailable: str
    """Why SmugMug does not provide it."""
    record: bytes
    """SmugMug's own record, unpacked."""
    not_moved: str = ""
    """Why it is not in the bucket although SmugMug has it."""
    not_updated: str = ""
    """Why the object at ``key`` does not have the newest metadata or name."""
    reference: bool = False
    """Whether the object at ``key`` belongs to another album."""
    size: int | None = None
    md5: str = ""


def item_of(entry: Entry | None, record: bytes) -> Item:
    """The line of an image from the ledger's entry: it has a key if, and only if, its file was copied."""
    if entry is None:
        return Item("", "", record, "excluded by the filters of the last run")
    if entry.stored:
        return Item(
            entry.key,
            "",
            record,
            not_updated=entry.reason,
            reference=entry.reference,
            size=entry.size,
            md5=entry.md5,
        )
    if entry.state is Known.UNAVAILABLE:
        return Item("", entry.reason, record)
    failed = entry.state is Known.FAILED
    return Item("", "", record, "failed; the next run tries again" if failed else "not copied yet; a later run will")


def compact(value: Any) -> bytes:
    """JSON in one line of UTF-8; lone surrogates, which UTF-8 cannot encode, stay escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def privacy(album: Mapping[str, Any]) -> str:
    """Who can see the album, from SmugMug's own record: ``Public``, ``Unlisted, password``; empty if it does not say."""
    lock = {"Password": "password", "GrantAccess": "granted access"}.get(str(album.get("SecurityType")), "")
    return ", ".join(filter(None, (str(album.get("Privacy") or ""), lock)))


def pack(line: bytes) -> bytes:
    """One item's line, compressed: a waiting album of 5,000 items takes a few megabytes."""
    return zlib.compress(line, 1)


def unpack(packed: bytes) -> bytes:
    """The line given to ``pack``."""
    return zlib.decompress(packed)


def with_component(packed: bytes, component: Mapping[str, Any]) -> bytes:
    """The line of one of the item's other files in SmugMug Source: the item's own, and what SmugMug says of the file."""
    return pack(unpack(packed)[:-1] + b',"component":%b}' % compact(component))


def render(album: Album, items: Iterable[Item], former: Iterable[bytes]) -> Iterator[bytes]:
    """The file's lines; ``items`` in gallery order.

    ``former`` are lines of an earlier file whose images SmugMug no longer lists: their files stay
    stored, so their metadata is kept.
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
    """A digest of the file's contents for the album and its items: it changes if, and only if, they do.

    Without addresses, which may differ in each response, and the gallery's order, in which ties may swap; if
    a gallery is rearranged, the album's own record changes (``ImagesLastUpdated``, documented). And without what SmugMug
    says of files in SmugMug Source, which is not asked every time.
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
    said = {name: value for name, value in read_json(record).items() if name != "component"}
    return compact(_without_addresses(said))


def _without_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        kept = ((name, inner) for name, inner in sorted(value.items()) if not name.endswith(("Uri", "Url")))
        return {name: _without_addresses(inner) for name, inner in kept}
    return [_without_addresses(inner) for inner in value] if isinstance(value, list) else value


def is_former(line: bytes, listed: frozenset[str]) -> bool:
    """Whether a line of an earlier file is an item whose image is no longer ``listed``."""
    if not line.startswith(b'{"key":'):
        return False
    try:
        return image_key(line) not in listed
    except (ValueError, AttributeError):  # it is damaged
        return False


def former_lines(kept: Iterable[bytes], former: Iterable[Former]) -> Iterator[bytes]:
    """The lines of images that SmugMug no longer lists.

    ``kept`` are those of an earlier file, ``former`` what the ledger has. What an earlier file says is kept, except
    for references: these follow their object, and end with it.
    """
    known = {one.image_key: one for one in former}
    for line in kept:
        one = known.pop(image_key(line), None)
        if not _refers(line):
            yield _proven(line, one) if one else line
        elif one:
            yield _at(line, one.key)
    yield from (_former_line(one) for one in known.values())


def _refers(line: bytes) -> bool:
    return bool(read_json(line).get("reference"))


def _proven(line: bytes, one: Former) -> bytes:
    """The line with what its object is now, if it says something else."""
    item = read_json(line)
    return line if item.get("md5", one.md5) == one.md5 else compact(item | {"size": one.size, "md5": one.md5})


def _at(line: bytes, key: str) -> bytes:
    """The line with another key, otherwise unchanged."""
    item = read_json(line)
    return line if item["key"] == key else compact(item | {"key": key})


def _former_line(one: Former) -> bytes:
    """The line if no earlier file has it."""
    image = {"ImageKey": one.image_key, "FileName": one.filename, "ArchivedSize": one.size, "ArchivedMD5": one.md5}
    return compact(_head(one) | {"image": image})


def _head(one: Item | Former) -> dict[str, Any]:
    """Where the file is, and what proves it; a reference leaves that to the album with the object, which may be stored again."""
    if one.reference:
        return {"key": one.key, "reference": True}
    return {"key": one.key or None} | ({"size": one.size, "md5": one.md5} if one.md5 else {})


def stored_as(item: Mapping[str, Any], asset: Asset) -> tuple[int | None, str | None]:
    """Size and MD5 of the file of a line: those of what was stored, else those that SmugMug gives."""
    size = item.get("size")
    return size if isinstance(size, int) else asset.size, clean_md5(item.get("md5")) or asset.md5


def image_key(line: bytes) -> str:
    """The image key of a line; for a component, with its own."""
    item = read_json(line)
    image = str(item.get("image", {}).get("ImageKey", ""))
    return component_key(image, component_name(item["component"])) if "component" in item else image


def component_name(said: Mapping[str, Any]) -> str:
    """What distinguishes a component from the item's others: SmugMug's key of it, or what its listing hints at."""
    return str(said.get("ComponentKey") or said.get("FileName") or said.get("ComponentFileType") or "")


def stored_key(line: bytes) -> str:
    """The key of the file of a line; empty if it was never stored."""
    return str(read_json(line).get("key") or "")


def _item(item: Item) -> bytes:
    return _head_line(item)[:-1] + b"," + item.record[1:]


def _head_line(item: Item) -> bytes:
    reasons = {"unavailable": item.unavailable, "not_moved": item.not_moved, "not_updated": item.not_updated}
    return compact(_head(item) | {name: reason for name, reason in reasons.items() if reason})


def _separated(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        yield (b",\n" if number else b"\n") + line
