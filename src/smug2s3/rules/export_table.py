"""The table of everything the ledger knows, for other programs: its columns, and its lines as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

FIELDS = (
    "album",
    "album_key",
    "image_key",
    "filename",
    "state",
    "reason",
    "key",
    "size",
    "md5",
    "etag",
    "stored_at",
    "gone_at",
    "reference",
    "path",
    "title",
    "caption",
    "keywords",
    "taken",
    "uploaded",
    "latitude",
    "longitude",
    "altitude",
    "privacy",
    "hidden",
)
"""In this order; new ones are appended, so that programs that count columns keep working."""

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""At the beginning of a CSV it makes Excel read it as UTF-8."""

_FORMULAS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""A spreadsheet runs text that begins like this, also with the wide characters of Chinese and Japanese keyboards."""

NOT_FILES = ("sidecar", "preview", "former")
"""States of objects that are no item of an album."""


def header() -> str:
    """The first line of the CSV."""
    return _line(FIELDS)


def csv_line(row: Mapping[str, Any], *, spreadsheet: bool) -> str:
    """One row as a line of CSV; keywords are separated by semicolons, as SmugMug writes them.

    For a ``spreadsheet``, an apostrophe keeps it from running a text as a formula; other programs get every text as it is.
    """
    return _line(_harmless(cell) if spreadsheet else cell for cell in (_cell(row[name]) for name in FIELDS))


def json_line(row: Mapping[str, Any]) -> str:
    """One row as a line of JSON."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    # A lone carriage return would end the row in some programs.
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _harmless(cell: Any) -> Any:
    """Numbers stay numbers, negative ones too."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell


def _line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
