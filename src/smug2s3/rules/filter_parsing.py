"""Parses filter options into Filters, or says what is wrong with them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from fnmatch import fnmatchcase

from smug2s3.errors import UsageError
from smug2s3.models import Collecting
from smug2s3.rules.filters import Filters, Span
from smug2s3.rules.keys import fold
from smug2s3.rules.order import Order
from smug2s3.rules.sizes import read_size

_DAY = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?")
_SIZES = "Use 500K, 20M or 2G (KiB, MiB, GiB), or a number of bytes."


def checked(filters: Filters) -> Filters:
    """Return ``filters``; raises UsageError if nothing could match them."""
    for kind, wanted, unwanted in (
        ("album", filters.albums, filters.exclude_albums),
        ("folder", filters.folders, filters.exclude_folders),
        ("file", filters.files, filters.exclude_files),
    ):
        for glob in wanted:
            for other in unwanted:
                if _covers(other, glob):
                    raise UsageError(
                        f"--{kind} {glob} and --exclude-{kind} {other} contradict each other: nothing can match both",
                        hint="Remove one of them.",
                    )
    if filters.min_size is not None and filters.max_size is not None and filters.min_size > filters.max_size:
        raise UsageError("--min-size is above --max-size, so no file can match both", hint="Swap them.")
    return filters


def _covers(exclude: str, include: str) -> bool:
    """Whether everything that ``include`` could match is excluded, as far as the two globs show."""
    exclude, include = fold(exclude.strip("/")), fold(include.strip("/"))
    return include == exclude or (fnmatchcase(include, exclude) and not set("?[") & set(exclude + include))


def span(kind: str, first: str | None, last: str | None) -> Span:
    """Parse ``--KIND-from`` and ``--KIND-to``; raises UsageError."""
    found = Span(
        first=None if first is None else _days(f"--{kind}-from", first)[0],
        last=None if last is None else _days(f"--{kind}-to", last)[1],
    )
    if found.first and found.last and found.first > found.last:
        raise UsageError(f"--{kind}-from {first} is after --{kind}-to {last}, so no date can match", hint="Swap them.")
    return found


def _days(option: str, text: str) -> tuple[date, date]:
    """The first and the last day of a year, a month or a day."""
    found = _DAY.fullmatch(text.strip())
    year, month, day = found.groups() if found else ("0", None, None)
    try:
        first = date(int(year), int(month or "1"), int(day or "1"))
        last = first.replace(month=int(month or "12"), day=1)
        return first, last.replace(day=int(day or monthrange(last.year, last.month)[1]))
    except ValueError:  # also calendar.IllegalMonthError
        raise UsageError(
            f"{option} {text!r} is not a valid date",
            hint=f"Use a year, a month or a day: {option} 2019, 2019-07 or 2019-07-14.",
        ) from None


def order(text: str) -> Order:
    """Parse ``--order``; raises UsageError."""
    if text not in set(Order):
        raise UsageError(
            f"--order {text!r} is not a valid order", hint=f"Use one of {', '.join(Order)}, for example --order newest."
        )
    return Order(text)


def collecting(text: str) -> Collecting:
    """Parse ``--collected``; raises UsageError."""
    if text not in set(Collecting):
        raise UsageError(
            f"--collected {text!r} is not valid",
            hint="Use copy (each album gets its own object) or reference (the albums share one object).",
        )
    return Collecting(text)


def sidecars(text: str | None) -> bool:
    """Parse ``--sidecars``: whether there are to be any; raises UsageError."""
    if text not in (None, "xmp"):
        raise UsageError(f"--sidecars {text!r} is not valid", hint="Use xmp.")
    return text is not None


def size(option: str, text: str | None, *, least: int = 0) -> int | None:
    """Parse an option that is a size; raises UsageError."""
    if text is None:
        return None
    found = read_size(text)
    if found is None or found < least:
        raise UsageError(f"{option} {text!r} is not a valid size", hint=_SIZES)
    return found
