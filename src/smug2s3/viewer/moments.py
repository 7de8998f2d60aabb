"""Dates and durations as the pages write them."""

from __future__ import annotations

from datetime import date

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def month_name(month: str) -> str:
    """``July`` of ``2019-07``; what stands there if it is no month."""
    number = month[5:7]
    return _MONTHS[int(number) - 1] if number.isdigit() and 1 <= int(number) <= 12 else number


def named(month: str) -> str:
    """``July 2019``, ``2019``, ``Without a date``."""
    year, _, number = month.partition("-")
    if not year:
        return "Without a date"
    return f"{month_name(month)} {year}" if number else year


def day(moment: str) -> str:
    """``Saturday 13 July`` of ``2019-07-13T11:03:00``; empty if it is no date."""
    try:
        found = date.fromisoformat(moment[:10])
    except ValueError:
        return ""
    return f"{_DAYS[found.weekday()]} {found.day} {_MONTHS[found.month - 1]}"


def moment(text: str) -> str:
    """``13 July 2019, 11:03``, as far as it can be read."""
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return text.replace("T", " ")[:16]
    return ", ".join(filter(None, [f"{found.day} {_MONTHS[found.month - 1]} {found.year}", text[11:16]]))


def clock(seconds: float) -> str:
    """``1:05``, ``1:00:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
