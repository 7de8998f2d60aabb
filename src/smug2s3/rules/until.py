"""Parses --until: `08:00`, `2026-11-30 08:00`, or a duration such as `8h`."""

from __future__ import annotations

from datetime import datetime

from smug2s3.errors import UsageError
from smug2s3.rules.durations import read_duration
from smug2s3.rules.schedule import next_at, time_of_day

_HINT = "Use a time (--until 08:00), a date and time (--until '2026-11-30 08:00'), or a duration (--until 8h, 1h30m)."


def until(text: str, now: datetime) -> datetime:
    """The time that ``text`` means, in the zone of ``now``; raises UsageError with valid examples."""
    moment = _clock(text.strip(), now) or _lapse(text.strip(), now) or _calendar(text.strip())
    if moment is None:
        raise UsageError(f"--until {text!r} is not a valid time or duration", hint=_HINT)
    if moment <= now:
        raise UsageError(f"--until {text} is in the past: it is now {now:%Y-%m-%d %H:%M}", hint=_HINT)
    return moment


def recurs(text: str) -> bool:
    """Whether it means another moment on another day."""
    return _calendar(text.strip()) is None


def _clock(text: str, now: datetime) -> datetime | None:
    """The next time the local clock shows this."""
    at = time_of_day(text)
    return next_at(at, now).astimezone() if at else None


def _lapse(text: str, now: datetime) -> datetime | None:
    lapse = read_duration(text)
    return None if lapse is None else now + lapse


def _calendar(text: str) -> datetime | None:
    """Parse a date and time; a date alone is not valid, since its start or end could be meant."""
    try:
        return datetime.fromisoformat(text).astimezone() if ":" in text else None
    except (ValueError, OverflowError, OSError):  # Windows has no local time outside its calendar
        return None
