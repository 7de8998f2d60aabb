"""Whether an album must be listed again, or is as it was when it was last completed."""

from __future__ import annotations

from datetime import datetime, timedelta

from smug2s3.models import Album
from smug2s3.rules.xmp import Naming

RELIST_AFTER = timedelta(days=30)
"""An album is listed again after this long even if SmugMug says nothing changed: that says nothing about the bytes."""

_XMP = "|xmp:"


def fingerprint(prefix: str, album: Album, xmp: Naming | None) -> str:
    """Changes with the album, and with what is to be written for it."""
    return f"{prefix}|{album.fingerprint}" + (f"{_XMP}{xmp}" if xmp else "")


def is_unchanged(settled: tuple[str, str], current: str, now: datetime) -> bool:
    """Whether a settled album (its fingerprint, and when it was listed) is still as it was.

    A run without XMP sidecars has nothing to do where an earlier one wrote them.
    """
    recorded, listed_at = settled
    same = recorded == current or recorded.rpartition(_XMP)[0] == current
    return same and now - datetime.fromisoformat(listed_at) < RELIST_AFTER
