"""JSON documents for programs: each names the schema of its fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

SCHEMA = 1
"""Increased when a field is removed or changes its meaning, but not for new fields."""


def versioned(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its schema first."""
    return {"schema": SCHEMA, **document}


def written(document: Mapping[str, Any]) -> Iterator[str]:
    """The document's JSON, in pieces: what an iterator yields becomes a list, a line each, and is never held as a whole.

    Nothing is yielded before every iterator has begun, so that what cannot be read at all leaves no half document.
    """
    begun = {name: _begun(value) if isinstance(value, Iterator) else value for name, value in document.items()}
    before = "{"
    for name, value in begun.items():
        yield f"{before}\n  {json.dumps(name)}: "
        if isinstance(value, Iterator):
            yield from _lines(value)
        else:
            yield json.dumps(value, indent=2).replace("\n", "\n  ")
        before = ","
    yield "\n}\n"


def _begun(items: Iterator[Any]) -> Iterator[Any]:
    return chain(list(islice(items, 1)), items)


def _lines(items: Iterable[Any]) -> Iterator[str]:
    before = "["
    for item in items:
        yield f"{before}\n    {json.dumps(item)}"
        before = ","
    yield "[]" if before == "[" else "\n  ]"
