"""Reads the items of an `_album.json` line by line, also of a damaged one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from smug2s3.rules.foreign_json import read_json

ITEMS, _FORMER = b',\n"items":[', b'"former_items":[\n'
DAMAGED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading a damaged line may raise; the last from what works with a value, not from ``read_json``."""

LARGEST = 128 * 1024 * 1024
"""The most bytes of one that are read: over 25 kB for each of the 5,000 items an album may have. Longer ones are damaged."""

LONGEST_LINE = 4 * 1024 * 1024
"""More bytes than SmugMug has to say of any item. Longer lines are damaged."""


def parsed(text: bytes) -> Mapping[str, Any]:
    """The JSON object; raises TypeError for another kind of JSON."""
    document = read_json(text)
    if not isinstance(document, dict):
        raise TypeError
    return document


def header(text: bytes) -> Mapping[str, Any] | None:
    """Everything before the items; ``None`` if it is not all there. Raises one of DAMAGED for what is no JSON object."""
    beginning, found, _ = text.partition(ITEMS)
    if found:
        return parsed(beginning + b"}")
    try:
        return parsed(text)
    except ValueError:
        return None


def items(body: bytes) -> Iterator[tuple[Mapping[str, Any] | None, bool]]:
    """Each item, and whether it is a former one; ``None`` for a line that is damaged.

    Line by line, so that a damaged line costs one item, and 5,000 items are not in memory at once.
    """
    start = body.find(ITEMS)
    if start < 0:
        yield from _formatted(body)
        return
    lines, gone = BytesIO(body), False
    lines.seek(start + len(ITEMS))
    for line in lines:
        if line == _FORMER:
            gone = True
        elif line not in (b"\n", b"],\n", b"]}\n"):
            yield _item(line.strip(b",\n")), gone
    if not body.endswith(b"\n]}\n"):
        yield None, gone


def _formatted(body: bytes) -> Iterator[tuple[Mapping[str, Any] | None, bool]]:
    """The items of a file that another program has written again."""
    try:
        document = parsed(body)
        for gone, name in ((False, "items"), (True, "former_items")):
            yield from ((item, gone) for item in document.get(name, []))
    except DAMAGED:
        yield None, False


def _item(line: bytes) -> Mapping[str, Any] | None:
    try:
        return parsed(line) if len(line) <= LONGEST_LINE else None
    except DAMAGED:
        return None
