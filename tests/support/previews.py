"""Photos as cameras make them: with a small preview in their EXIF part."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image


def picture(width: int, height: int) -> bytes:
    """A small JPEG of one colour."""
    made = BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, "JPEG")
    return made.getvalue()


def photo(small: bytes, *, order: str = "<", orientation: int = 6, padding: int = 0) -> bytes:
    """A JPEG that carries ``small`` as cameras do."""
    mark = b"II" if order == "<" else b"MM"
    first = struct.pack(f"{order}HHHII", 1, 0x0112, 3, 1, orientation if order == "<" else orientation << 16)
    at = 8 + len(first) + 4
    second = struct.pack(f"{order}HHHIIHHII", 2, 0x0201, 4, 1, at + 30, 0x0202, 4, 1, len(small)) + struct.pack(
        f"{order}I", 0
    )
    tiff = (
        mark + struct.pack(f"{order}HI", 42, 8) + first + struct.pack(f"{order}I", at) + second + small + bytes(padding)
    )
    exif = b"Exif\0\0" + tiff
    plain = picture(64, 48)
    other = b"\xff\xe0" + struct.pack(">H", 4) + b"ab"
    return plain[:2] + other + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
