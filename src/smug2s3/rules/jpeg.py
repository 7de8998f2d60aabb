"""What must be known of a JPEG to show it: its size in pixels, and which way up it is."""

from __future__ import annotations

import struct

_START = b"\xff\xd8"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segment that says the size."""

_SCAN = 0xDA
"""The marker where the image data begin."""


def pixels(jpeg: bytes) -> tuple[int, int]:
    """Width and height; zeros if it does not say."""
    place = 2 if jpeg.startswith(_START) else len(jpeg)
    while place + 9 <= len(jpeg) and jpeg[place] == 0xFF and jpeg[place + 1] != _SCAN:
        length, _, height, width = struct.unpack_from(">HBHH", jpeg, place + 2)
        if jpeg[place + 1] in _FRAMES:
            return width, height
        place += 2 + max(length, 2)
    return 0, 0


def oriented(jpeg: bytes, orientation: int) -> bytes:
    """The same picture with a note which way up it is (1 to 8, as in EXIF), which browsers follow."""
    if orientation == 1:
        return jpeg
    # A TIFF file of one directory with one entry: tag 0x112, a short, once.
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return _START + struct.pack(">HH", 0xFFE1, len(body) + 2) + body + jpeg[2:]
