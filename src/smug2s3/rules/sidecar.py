"""`_album.json`: everything SmugMug knows of an album, one line an item, so that it can be written without holding it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from smug2s3.models import Album

FORMAT = 1


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


def render(album: Album, items: Iterable[tuple[str, str, bytes]], former: Iterable[bytes]) -> Iterator[bytes]:
    """The file's lines. ``items``: key, why there is none, and SmugMug's record, in gallery order.

    ``former`` are lines of an earlier file whose images SmugMug no longer lists: what is stored of them stays
    stored, so what was known of them stays known.
    """
    *folders, node = album.ancestors or (b"{}",)
    yield b'{"smug2s3":%d,\n"album":%b,\n"node":%b,\n' % (FORMAT, album.record, node)
    yield b'"folders":[%b],\n"items":[' % b",".join(folders)
    yield from _separated(_item(key, reason, record) for key, reason, record in items)
    yield b'\n],\n"former_items":['
    yield from _separated(former)
    yield b"\n]}\n"


def is_former(line: bytes, listed: frozenset[str]) -> bool:
    """Whether a line of an earlier file is an item whose image is not ``listed`` any more."""
    return line.startswith(b'{"key":') and image_key(line) not in listed


def former_line(key: str, image_key: str, filename: str, size: int, md5: str) -> bytes:
    """The line of an image that SmugMug no longer lists where no earlier file is left to take it from."""
    image = {"ImageKey": image_key, "FileName": filename, "ArchivedSize": size, "ArchivedMD5": md5}
    return compact({"key": key, "image": image})


def image_key(line: bytes) -> str:
    """Which image a line is about."""
    return str(json.loads(line).get("image", {}).get("ImageKey", ""))


def _item(key: str, reason: str, record: bytes) -> bytes:
    head = {"key": key or None} | ({"unavailable": reason} if reason else {})
    return compact(head)[:-1] + b"," + record[1:]


def _separated(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        yield (b",\n" if number else b"\n") + line
