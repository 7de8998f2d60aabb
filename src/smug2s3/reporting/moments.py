"""Moments as people read them: all of one message in the zone this computer has now, which the message names once."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")


def here() -> tzinfo | None:
    """The zone; the same for every moment, whatever the clocks were set to back then."""
    return datetime.now().astimezone().tzinfo


def zone() -> str:
    """Its name, as this computer calls it."""
    return datetime.now().astimezone().tzname() or "local time"


def local(moment: str) -> str:
    """``2026-11-21 03:12`` out of an ISO 8601 time."""
    return datetime.fromisoformat(moment).astimezone(here()).strftime("%Y-%m-%d %H:%M")


def localized(text: str) -> str:
    """A sentence in which every ISO 8601 time is given so."""
    return _ISO.sub(lambda found: local(found[0]), text)
