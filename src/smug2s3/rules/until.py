"""Parses --until: `08:00`, `2026-11-30 08:00`, or a duration such as `8h`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from smug2s3.errors import UsageError
from smug2s3.rules.durations import read_duration

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_HINT = "Use a time (--until 08:00), a date and time (--until '2026-11-30 08:00'), or a duration (--until 8h, 1h30m)."


def until(text: str, now: datetime) -> datetime:
    """The time that ``text`` means, in the zone of ``now``; raises UsageError with valid examples."""
    moment = _clock(text.strip(), now) or _lapse(text.strip(), now) or _calendar(text.strip())
    if moment is None:
        raise UsageError(f"--until {text!r} is not a valid time or duration", hint=_HINT)
    if moment <= now:
        raise UsageError(f"--until {text} is in the past: it is now {now:%Y-%m-%d %H:%M}", hint=_HINT)
    return moment


def _clock(text: str, now: datetime) -> datetime | None:
    """The next time the local clock shows this."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    today = now.replace(tzinfo=None, hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    if today.astimezone() > now:
        return today.astimezone()
    return (today + timedelta(days=1)).astimezone()


def _lapse(text: str, now: datetime) -> datetime | None:
    lapse = read_duration(text)
    return None if lapse is None else now + lapse


def _calendar(text: str) -> datetime | None:
    """Parse a date and time; a date alone is not valid, since its start or end could be meant."""
    try:
        return datetime.fromisoformat(text).astimezone() if ":" in text else None
    except (ValueError, OverflowError, OSError):  # Windows has no local time outside its calendar
        return None
