"""Parses the reduced pictures that SmugMug offers of a photo or video: `ImageSizeDetails`."""

from __future__ import annotations

from collections.abc import Iterable

from smug2s3.models import Rendition
from smug2s3.rules.preview_keys import Size
from smug2s3.smugmug.wire import Json, read_rendition

_SIZES = {
    Size.TINY: "ImageSizeTiny",
    Size.THUMB: "ImageSizeThumb",
    Size.SMALL: "ImageSizeSmall",
    Size.MEDIUM: "ImageSizeMedium",
    Size.LARGE: "ImageSizeLarge",
    Size.XLARGE: "ImageSizeXLarge",
    Size.X2LARGE: "ImageSizeX2Large",
    Size.X3LARGE: "ImageSizeX3Large",
    Size.X4LARGE: "ImageSizeX4Large",
    Size.X5LARGE: "ImageSizeX5Large",
    Size.FOUR_K: "ImageSize4K",
    Size.FIVE_K: "ImageSize5K",
}


def read_renditions(details: Json | None, sizes: Iterable[Size], *, watermarked: bool) -> tuple[Rendition, ...]:
    """The reduced pictures in ``ImageSizeDetails``, one for each of ``sizes``; ``watermarked`` unless it says otherwise.

    SmugMug offers sizes up to that of the picture itself, so one that is missing while others are there is needless.
    """
    offered = {size: found for size, name in _SIZES.items() if isinstance(found := (details or {}).get(name), dict)}
    return tuple(
        _reduced(size, offered[size], watermarked=watermarked)
        if size in offered
        else Rendition(size, "", needless=bool(offered))
        for size in sizes
    )


def _reduced(size: Size, found: Json, *, watermarked: bool) -> Rendition:
    media = read_rendition(found)
    url = "" if found.get("Watermarked", watermarked) is True else media["url"] or ""
    return Rendition(size, url, media["size"] or None, str(found.get("Ext") or "jpg").lower())
