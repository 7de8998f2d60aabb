"""Bandwidth limits: `2M`, or a timetable such as `08:00,2M 23:00,off`."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from operator import itemgetter

from smug2s3.errors import UsageError

_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3}
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg])(?:i?b)?(?:/s)?", re.IGNORECASE)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_EXAMPLES = "Use 500k, 2M or 1G for KiB, MiB or GiB per second, off for no limit, or a timetable: "
_HINT = _EXAMPLES + "--bwlimit '08:00,2M 23:00,off'."


@dataclass(frozen=True, slots=True)
class Timetable:
    """Limits by the minute of the day (local time) from which they apply, in order; never empty."""

    entries: tuple[tuple[int, float | None], ...]

    def at(self, now: datetime) -> float | None:
        """Bytes a second, or ``None`` for no limit. The last entry applies until the first one of the next day."""
        minute = now.hour * 60 + now.minute
        return self.entries[bisect_right(self.entries, minute, key=itemgetter(0)) - 1][1]


def timetable(text: str) -> Timetable:
    """Parse ``text``; raises UsageError with valid examples."""
    words = text.split()
    if len(words) == 1 and "," not in text:
        return Timetable(((0, _rate(text, text)),))
    entries = sorted((_entry(word, text) for word in words), key=itemgetter(0))
    if not entries:
        raise _refusal("nothing", text)
    if twice := next((a for a, b in pairwise(entries) if a[0] == b[0]), None):
        raise UsageError(f"--bwlimit has {twice[0] // 60:02}:{twice[0] % 60:02} twice", hint=_HINT)
    return Timetable(tuple(entries))


def _entry(word: str, text: str) -> tuple[int, float | None]:
    time, _, rate = word.partition(",")
    found = _TIME.fullmatch(time)
    if not found or not rate:
        raise _refusal(word, text)
    return int(found[1]) * 60 + int(found[2]), _rate(rate, text)


def bytes_a_second(word: str) -> float:
    """What ``500k``, ``2M`` or ``1G`` mean; 0 for anything else, and for less than 1k."""
    found = _RATE.fullmatch(word)
    rate = float(found[1]) * _UNITS[found[2].lower()] if found else 0.0
    return rate if rate >= _UNITS["k"] else 0.0


def _rate(word: str, text: str) -> float | None:
    if word.lower() == "off":
        return None
    rate = bytes_a_second(word)
    if not rate:
        raise _refusal(word, text)
    return rate


def _refusal(word: str, text: str) -> UsageError:
    return UsageError(f"--bwlimit {text!r} is not valid at {word!r}", hint=_HINT)
