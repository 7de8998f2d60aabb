"""Where SmugMug's reduced pictures are stored: a preview's key follows from its file's key and its size alone."""

from __future__ import annotations

from enum import StrEnum

GALLERY = "_gallery"
"""The directory of everything for looking at the archive; no folder or album of SmugMug is given it."""

_THUMBNAILS = "thumbnails"


class Size(StrEnum):
    """SmugMug's sizes, smallest first; the value is its code for it. Ti and Th are square crops."""

    TINY = "Ti"
    THUMB = "Th"
    SMALL = "S"
    MEDIUM = "M"
    LARGE = "L"
    XLARGE = "XL"
    X2LARGE = "X2"
    X3LARGE = "X3"
    X4LARGE = "X4"
    X5LARGE = "X5"
    FOUR_K = "4K"
    FIVE_K = "5K"


def read_sizes(text: str) -> tuple[Size, ...]:
    """The sizes in ``S,X2``, smallest first; ``off`` for none. Raises ValueError with what there is."""
    named = {part.strip().upper() for part in text.split(",")} - {""}
    sizes = tuple(size for size in Size if size.upper() in named)
    if named != {"OFF"} and len(sizes) < max(len(named), 1):
        raise ValueError(f"must be off, or sizes of {', '.join(Size)}, separated by commas")
    return sizes


def preview_key(key: str, size: Size, *, prefix: str) -> str:
    """The key of the preview of the photo or video stored at ``key``.

    ``Family/2019/IMG_1.JPG`` has ``_gallery/Family/2019/thumbnails/IMG_1.JPG-S.jpg``, both after ``prefix``. No two
    files share one, since the whole name with its ending is in it.
    """
    directory, slash, name = key.removeprefix(prefix).rpartition("/")
    return f"{prefix}{GALLERY}/{directory}{slash}{_THUMBNAILS}/{name}-{size}.jpg"


def previewed(key: str, *, prefix: str) -> tuple[str, Size] | None:
    """The key of the file whose preview is stored at ``key``, and the preview's size; ``None`` for any other object."""
    if not key.startswith(f"{prefix}{GALLERY}/"):
        return None
    place, _, preview = key.removeprefix(f"{prefix}{GALLERY}/").rpartition("/")
    directory, slash, last = place.rpartition("/")
    name, _, code = preview.removesuffix(".jpg").rpartition("-")
    if last != _THUMBNAILS or not name or code not in set(Size):
        return None
    found = f"{prefix}{directory}{slash}{name}", Size(code)
    return found if preview.endswith(".jpg") else None


def file_of(key: str) -> str:
    """The key of the file whose preview is stored at ``key``, in an archive with any prefix; any other key unchanged."""
    above, found, _ = f"/{key}".partition(f"/{GALLERY}/")
    shown = previewed(key, prefix=f"{above}/"[1:]) if found else None
    return shown[0] if shown else key
