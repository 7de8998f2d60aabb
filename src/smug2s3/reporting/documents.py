"""JSON documents for programs: each says by which schema its fields are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMA = 1
"""Raised when a field goes away or changes its meaning; new fields come without that."""


def versioned(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its schema in front."""
    return {"schema": SCHEMA, **document}
