"""How long to wait before the next request to SmugMug, from its rate limit headers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite

LONGEST_WAIT = 3600.0
"""Seconds; no longer window was ever seen, so a longer wait would come from a wrong clock."""


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds from a ``Retry-After`` header, which may also hold a date; ``None`` without a usable one."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text) if text.replace(".", "", 1).isdigit() else _until(text, now)
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def allowance(headers: Mapping[str, str]) -> tuple[int, float] | None:
    """How many requests remain in SmugMug's window, and when it ends (seconds since the epoch), if it says so."""
    try:
        left, reset = int(headers["X-RateLimit-Remaining"]), float(headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return None
    return (left, reset) if isfinite(reset) else None


def budget_pause(headers: Mapping[str, str], *, now: float) -> float:
    """Seconds to pause: until the end of the window if SmugMug says that no request remains."""
    remaining, reset = allowance(headers) or (1, now)
    return min(max(0.0, reset - now), LONGEST_WAIT) if remaining <= 0 else 0.0


def _until(text: str, now: datetime) -> float:
    return (parsedate_to_datetime(text) - now).total_seconds()
