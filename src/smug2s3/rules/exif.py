"""Finds the preview that many cameras put into a JPEG, in its first bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

HEAD = 65_536
"""Bytes to read: the segment with the preview cannot be longer."""

_START, _END = b"\xff\xd8", b"\xff\xd9"
_ORIENTATION, _OFFSET, _LENGTH = 0x0112, 0x0201, 0x0202


@dataclass(frozen=True, slots=True)
class Preview:
    """A small JPEG; ``orientation`` (1 to 8) is how to rotate it, as the photo."""

    jpeg: bytes
    orientation: int = 1


def preview(head: bytes) -> Preview | None:
    """The preview in the first bytes of a photo; ``None`` if there is none or it is incomplete."""
    try:
        return next((found for body in _exif_segments(head) if (found := _read(body))), None)
    except (struct.error, IndexError):  # a damaged file
        return None


def _exif_segments(head: bytes) -> Iterator[bytes]:
    """The contents of every APP1 segment that is EXIF, before the image data."""
    place = 2 if head.startswith(_START) else len(head)
    while place + 4 <= len(head) and head[place] == 0xFF and head[place + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", head, place + 2)
        body = head[place + 4 : place + 2 + length]
        if head[place + 1] == 0xE1 and body.startswith(b"Exif\0\0"):
            yield body[6:]
        place += 2 + max(length, 2)


def _read(tiff: bytes) -> Preview | None:
    """EXIF is a TIFF file: its first directory describes the photo, its second the preview."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    photo, second = _directory(tiff, order, first)
    small, _ = _directory(tiff, order, second) if second else ({}, 0)
    jpeg = tiff[small.get(_OFFSET, 0) :][: small.get(_LENGTH, 0)]
    if not jpeg.startswith(_START) or not jpeg.rstrip(b"\0").endswith(_END):
        return None
    orientation = photo.get(_ORIENTATION, 1)
    return Preview(jpeg, orientation if 1 <= orientation <= 8 else 1)


def _directory(tiff: bytes, order: str, place: int) -> tuple[dict[int, int], int]:
    """The single numbers of one directory by tag, and the offset of the next one (0: none)."""
    (entries,) = struct.unpack_from(f"{order}H", tiff, place)
    found = {}
    for number in range(entries):
        at = place + 2 + 12 * number
        tag, kind, many = struct.unpack_from(f"{order}HHI", tiff, at)
        if many == 1 and kind in (3, 4):
            (found[tag],) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", tiff, at + 8)
    (following,) = struct.unpack_from(f"{order}I", tiff, place + 2 + 12 * entries)
    return found, following
