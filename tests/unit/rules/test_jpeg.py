"""The size of a JPEG is read, and the way it is up is noted, without decoding it."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageOps

from smug2s3.rules.jpeg import oriented, pixels
from tests.support.previews import photo, picture

PLAIN = picture(64, 48)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (PLAIN, (64, 48)),
        (photo(PLAIN), (64, 48)),
        (oriented(PLAIN, 6), (64, 48)),
        (PLAIN[:20], (0, 0)),
        (PLAIN[:2] + b"\xff\xda" + PLAIN[2:], (0, 0)),
        (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9, (0, 0)),
        (b"\x89PNG" + PLAIN, (0, 0)),
        (b"", (0, 0)),
    ],
)
def test_the_size_is_what_the_file_says(data: bytes, size: tuple[int, int]) -> None:
    assert pixels(data) == size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_which_way_up_is_understood_by_others(orientation: int) -> None:
    with Image.open(io.BytesIO(oriented(PLAIN, orientation))) as opened:
        assert opened.getexif().get(0x112, 1) == orientation
        assert ImageOps.exif_transpose(opened).size == ((64, 48) if orientation < 5 else (48, 64))
