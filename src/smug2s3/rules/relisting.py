"""Whether an album must be listed again, or is as it was when it was last completed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from smug2s3.models import Album
from smug2s3.rules.components import Raw
from smug2s3.rules.preview_keys import Size
from smug2s3.rules.xmp import Naming

RELIST_AFTER = timedelta(days=30)
"""An album is listed again after this long even if SmugMug says nothing changed: that says nothing about the bytes."""

_RAW, _XMP, _PREVIEWS = "|raw:", "|xmp:", "|previews:"
_ASKING = (Raw.OFF, Raw.AUTO, Raw.ALL)
"""Each asks for everything that those before it ask for."""


def fingerprint(
    prefix: str, album: Album, xmp: Naming | None, raw: Raw = Raw.OFF, previews: Sequence[Size] = ()
) -> str:
    """Changes with the album, and with what is to be written for it."""
    asked = "" if raw is Raw.OFF else f"{_RAW}{raw}"
    beside = f"{_XMP}{xmp}" if xmp else ""
    shown = f"{_PREVIEWS}{','.join(previews)}" if previews else ""
    return f"{prefix}|{album.fingerprint}{asked}{beside}{shown}"


def without_previews(fingerprint: str) -> str:
    """The fingerprint of an album whose previews were not all copied: a run that wants them lists it again."""
    return fingerprint.partition(_PREVIEWS)[0]


def is_unchanged(settled: tuple[str, str], current: str, now: datetime) -> bool:
    """Whether a settled album (its fingerprint, and when it was listed) is still as it was.

    A run without XMP sidecars or previews, or that asks for fewer files in SmugMug Source, has nothing to do where an
    earlier one did more.
    """
    recorded, listed_at = settled
    was, raw_then, xmp_then, previews_then = _parts(recorded)
    is_now, raw_now, xmp_now, previews_now = _parts(current)
    beside = xmp_now in ("", xmp_then) and previews_now <= previews_then
    same = was == is_now and beside and _ASKING.index(raw_now) <= _ASKING.index(raw_then)
    return same and now - datetime.fromisoformat(listed_at) < RELIST_AFTER


def _parts(fingerprint: str) -> tuple[str, Raw, str, set[str]]:
    rest, _, previews = fingerprint.partition(_PREVIEWS)
    rest, _, xmp = rest.partition(_XMP)
    album, _, raw = rest.partition(_RAW)
    return album, Raw(raw or Raw.OFF), xmp, set(previews.split(",")) - {""}
