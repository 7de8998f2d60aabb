"""Storage costs: a price list that users may edit, its validation, and the bills."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from smug2s3.errors import UsageError

MOST = 1_000_000_000_000.0
"""The greatest price, size or number allowed in the list."""

_HINT = "Run `smug2s3 plan --print-prices` for a valid price list to copy and edit."


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClass:
    """One storage class; all fields except the first three are optional."""

    name: str
    taken: date
    """When the price was read."""
    storage: float
    """Per GB and month."""
    gb: float = 1e9
    """Bytes in what this provider calls a GB."""
    puts: float = 0.0
    """Per 1,000 uploaded files."""
    back: float = 0.0
    """Per downloaded GB."""
    least_bytes: float = 0.0
    """The least billed size of an object."""
    extra_bytes: float = 0.0
    """Additional bytes billed per object."""
    least_month: float = 0.0
    """The smallest monthly bill."""
    free_gb: float = 0.0
    free_puts: float = 0.0
    free_back_gb: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """All classes, and the currency their prices are in."""

    currency: str
    classes: tuple[StorageClass, ...]

    @property
    def least_sizes(self) -> tuple[int, ...]:
        """The least billed sizes of the classes."""
        return tuple(sorted({int(entry.least_bytes) for entry in self.classes}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What would be stored."""

    files: int
    puts: int
    bytes: int
    billed: Mapping[int, int]
    """All bytes by least billed size, with smaller files counted as that size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one class costs: per month, once for uploading, once for downloading everything."""

    entry: StorageClass
    month: float
    put: float
    back: float


def bill(entry: StorageClass, load: Load) -> Bill:
    """The bill of ``load`` in one class, without tax."""
    kept = load.billed[int(entry.least_bytes)] + load.files * entry.extra_bytes
    monthly = _beyond(kept / entry.gb, entry.free_gb) * entry.storage
    return Bill(
        entry=entry,
        month=max(monthly, entry.least_month) if load.files else 0.0,
        put=_beyond(load.puts, entry.free_puts) / 1000 * entry.puts,
        back=_beyond(load.bytes / entry.gb, entry.free_back_gb) * entry.back,
    )


def _beyond(amount: float, free: float) -> float:
    return max(0.0, amount - free)


def read_prices(text: str, where: str) -> PriceList:
    """Parse a list in TOML; raises UsageError with ``where``, line and field."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where} is not a valid price list: {error}", hint=_HINT) from None
    classes = found.get("class")
    if set(found) - {"class", "currency"} or not isinstance(classes, list) or not classes:
        unknown = ", ".join(sorted(set(found) - {"class", "currency"}))
        what = f"unknown field {unknown}" if unknown else "it has no [[class]]"
        raise UsageError(f"{where} is not a valid price list: {what}", hint=_HINT)
    currency = found.get("currency", "USD")
    if not isinstance(currency, str):
        raise UsageError(f"{where}, line {_line(text, 0, 'currency')}: currency must be text like 'USD'", hint=_HINT)
    return PriceList(
        currency=currency,
        classes=tuple(_class(entry, text, number, where) for number, entry in enumerate(classes, 1)),
    )


_KINDS: dict[str, str] = {field.name: str(field.type) for field in fields(StorageClass)}
_NEEDED = ("name", "taken", "storage")


def _class(found: object, text: str, number: int, where: str) -> StorageClass:
    entry = found if isinstance(found, dict) else {}
    if missing := [name for name in _NEEDED if name not in entry]:
        line = _line(text, number, "")
        raise UsageError(f"{where}, line {line}: this class has no {' and no '.join(missing)}", hint=_HINT)
    for name, value in entry.items():
        if demand := _demand(name, value):
            raise UsageError(f"{where}, line {_line(text, number, name)}: {name} {demand}", hint=_HINT)
    return StorageClass(**{name: _as_kept(name, value) for name, value in entry.items()})


def _demand(name: str, value: object) -> str:
    """What is wrong with a field; empty if it is valid."""
    kind = _KINDS.get(name)
    if kind is None:
        return f"is not a field of a class; the fields are {', '.join(_KINDS)}"
    if kind == "str":
        return "" if isinstance(value, str) and (value.strip() or name != "name") else "must be text in quotes"
    if kind == "date":
        return "" if type(value) is date else "must be a date like 2026-11-21, without quotes"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "must be a number, without quotes"
    if name == "gb" and value < 1:
        return "must be a number of bytes, like 1000000000"
    return "" if 0 <= value <= MOST else f"must be a number from 0 to {MOST:,.0f}"


def _as_kept(name: str, value: Any) -> Any:
    return float(value) if _KINDS[name] == "float" else value


def _line(text: str, number: int, field: str) -> int:
    """The line of a field in the class of that number (0: before the first); the line of the class if not found."""
    header, seen = 1, 0
    for place, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*class\s*\]\]", line):
            seen += 1
            header = place if seen == number else header
        elif seen == number and field and re.match(rf"""\s*["']?{re.escape(field)}["']?\s*=""", line):
            return place
    return header
