"""Times for people: all in the zone that this computer has now, which a message names once."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")


def here() -> tzinfo | None:
    """The current zone, also for times in the other half of the year."""
    return datetime.now().astimezone().tzinfo


def zone() -> str:
    """Its name on this computer."""
    return datetime.now().astimezone().tzname() or "local time"


def local(moment: str) -> str:
    """``2026-11-21 03:12`` for an ISO 8601 time."""
    return datetime.fromisoformat(moment).astimezone(here()).strftime("%Y-%m-%d %H:%M")


def localized(text: str) -> str:
    """The sentence with every ISO 8601 time in local time."""
    return _ISO.sub(lambda found: local(found[0]), text)
