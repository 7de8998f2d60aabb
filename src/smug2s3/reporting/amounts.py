"""Formats bytes, rates and durations for people."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def amount(size: float) -> str:
    """``12.3 MB``; decimal units, as providers bill them."""
    for unit in _UNITS:
        if abs(size) < 999.5 or unit == _UNITS[-1]:
            return f"{size:.0f} {unit}" if unit == "B" or abs(size) >= 99.95 else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float) -> str:
    """``3 h 20 min``, ``4 min 05 s``, ``12 s``."""
    whole = round(seconds)
    if whole >= 172_800:
        return f"{whole // 86_400} days {whole % 86_400 // 3600} h"
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 file``, ``1,204 files``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def amounts(part: float, whole: float) -> str:
    """``4.1 of 9.8 GB``, ``800 MB of 9.8 GB``."""
    number, _, unit = amount(part).partition(" ")
    return f"{number if amount(whole).endswith(f' {unit}') else f'{number} {unit}'} of {amount(whole)}"


def roughly(seconds: float) -> str:
    """``3 h 20 min``, ``7 min``, ``40 s``: rounded to what matters."""
    minutes = round(seconds / 60)
    if seconds < 59.5:
        return f"{round(seconds)} s"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2880:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes // 1440} days {minutes % 1440 // 60} h"
