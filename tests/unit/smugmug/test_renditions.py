"""The reduced pictures of a photo, as SmugMug's size details list them."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.models import Rendition
from smug2s3.rules.preview_keys import Size
from smug2s3.smugmug.renditions import read_renditions

SMALL = {"Url": "https://photos/S", "Ext": "JPG", "Width": 400, "Height": 267, "Size": 48_000, "Watermarked": False}
OFFERED = Rendition("S", "https://photos/S", 48_000, "jpg")


@pytest.mark.parametrize(
    ("details", "watermarked", "found"),
    [
        ({"ImageSizeSmall": SMALL}, False, (OFFERED, Rendition("X2", "", needless=True))),
        ({"ImageSizeSmall": SMALL | {"Size": "48000"}}, False, (OFFERED, Rendition("X2", "", needless=True))),
        (  # made on demand
            {
                "ImageSizeSmall": {"Url": "https://photos/S"},
                "ImageSizeX2Large": {"Url": "https://photos/X2", "Ext": "png"},
            },
            False,
            (Rendition("S", "https://photos/S"), Rendition("X2", "https://photos/X2", None, "png")),
        ),
        (
            {"ImageSizeSmall": SMALL | {"Watermarked": True}, "ImageSizeX2Large": SMALL | {"Url": None}},
            False,
            (Rendition("S", "", 48_000, "jpg"), Rendition("X2", "", 48_000, "jpg")),
        ),
        ({"ImageSizeSmall": SMALL}, True, (OFFERED, Rendition("X2", "", needless=True))),
        (
            {"ImageSizeSmall": {"Url": "https://photos/S"}},
            True,
            (Rendition("S", ""), Rendition("X2", "", needless=True)),
        ),
        ({"ImageSizeTiny": SMALL}, False, (Rendition("S", "", needless=True), Rendition("X2", "", needless=True))),
        ({"ImageSizeOriginal": SMALL, "ImageSizeSmall": "?"}, False, (Rendition("S", ""), Rendition("X2", ""))),
        ({}, False, (Rendition("S", ""), Rendition("X2", ""))),
        (None, False, (Rendition("S", ""), Rendition("X2", ""))),
    ],
)
def test_each_size_is_offered_needless_or_not_to_be_had(
    details: dict[str, Any] | None, watermarked: bool, found: tuple[Rendition, ...]
) -> None:
    assert read_renditions(details, (Size.SMALL, Size.X2LARGE), watermarked=watermarked) == found
    assert read_renditions(details, (), watermarked=watermarked) == ()
