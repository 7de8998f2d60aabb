"""Makes a small JPEG of a picture with Pillow, if that is installed: the right way up, with its colours, in little memory."""

from __future__ import annotations

import io
from contextlib import nullcontext
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import IO, Any

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".avif"})
_HEIF = frozenset({".heic", ".heif"})

MOST = 100_000_000
"""Bytes of memory that one picture may take."""

MUCH = 30_000_000
"""Of those that take more, one is decoded at a time."""

_SPARE = 1.2
"""How much larger than wanted a JPEG is decoded, at least; the rest of the way keeps it sharp."""

_QUALITY = 82
_LONGEST_PROFILE = 64 * 1024
_PROFILE = "icc_profile"

_much = Lock()


def can_make(suffix: str) -> bool:
    """Whether files with this ending can be decoded here."""
    if find_spec("PIL") is None:
        return False
    return suffix in _SUFFIXES or (suffix in _HEIF and find_spec("pi_heif") is not None)


def made(file: IO[bytes], edge: int) -> bytes | None:
    """A JPEG whose longer side has at most ``edge`` pixels; ``None`` if it is broken, or would take too much memory.

    Blocks for up to some seconds.
    """
    try:
        with _pillow().open(file) as picture:
            cost = _cost(picture, edge)
            if cost > MOST:
                return None
            with _much if cost > MUCH else nullcontext():
                return _jpeg(picture, edge)
    except Exception:  # noqa: BLE001 - whatever a decoder makes of a broken file, there is no picture of it
        return None


@cache
def _pillow() -> Any:
    """Our own limit is on memory, so Pillow's on pixels, which warns, is not needed."""
    image: Any = import_module("PIL.Image")
    image.MAX_IMAGE_PIXELS = None
    if find_spec("pi_heif"):
        import_module("pi_heif").register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return image


def _cost(picture: Any, edge: int) -> int:
    """Bytes that it takes to decode it. A JPEG is decoded smaller, but a progressive one is held whole before."""
    across, down = picture.size
    share = _SPARE * edge / max(across, down, 1)
    picture.draft(None, (round(across * share), round(down * share)))
    width, height = picture.size
    cost: int = width * height * (8 if picture.format == "HEIF" else 4)
    if picture.info.get("progressive"):
        shares = [wide * high for _, wide, high, _ in picture.layer]
        cost += across * down * 2 * sum(shares) // max(shares)
    return cost


def _jpeg(picture: Any, edge: int) -> bytes:
    profile = picture.info.get(_PROFILE) or b""
    small = picture.convert("RGBA") if picture.mode in ("P", "PA") else picture
    small.thumbnail((edge, edge))
    turned = import_module("PIL.ImageOps").exif_transpose(small)
    found, profile = _in_rgb(turned, profile if len(profile) <= _LONGEST_PROFILE else b"")
    out = io.BytesIO()
    found.save(out, "JPEG", quality=_QUALITY, icc_profile=profile or None, exif=b"")
    return out.getvalue()


def _in_rgb(picture: Any, profile: bytes) -> tuple[Any, bytes]:
    """As JPEGs have it, with the profile that fits then: transparent parts are white, and colours for print are converted."""
    if picture.mode in ("RGB", "L"):
        return picture, profile
    if picture.mode == "CMYK":
        return _from_print(picture, profile), b""
    if picture.mode.startswith("I;16"):
        return picture.point(lambda level: level / 256).convert("L"), b""
    if picture.mode in ("RGBA", "LA", "RGBa", "La"):
        paper = _pillow().new("RGB", picture.size, "white")
        paper.paste(picture.convert("RGB"), mask=picture.convert("RGBA").getchannel("A"))
        return paper, profile if picture.mode == "RGBA" else b""
    return picture.convert("RGB"), b""


def _from_print(picture: Any, profile: bytes) -> Any:
    colours = import_module("PIL.ImageCms")
    try:
        given, ours = colours.ImageCmsProfile(io.BytesIO(profile)), colours.createProfile("sRGB")
        return colours.profileToProfile(picture, given, ours, outputMode="RGB")
    except (OSError, colours.PyCMSError):  # without a profile, or with a damaged one
        return picture.convert("RGB")
