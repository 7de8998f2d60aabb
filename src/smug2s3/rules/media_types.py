"""The Content-Type of a file, from the format SmugMug names; fixed here, since systems' own tables differ."""

from __future__ import annotations

_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "json": "application/json",
}


def media_type(format_name: str) -> str:
    """``image/jpeg`` for ``JPG``; ``application/octet-stream`` if unknown."""
    return _TYPES.get(format_name.lower().lstrip("."), "application/octet-stream")
