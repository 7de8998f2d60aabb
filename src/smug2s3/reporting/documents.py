"""JSON documents for programs: each names the schema of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMA = 1
"""Increased when a field is removed or changes its meaning, but not for new fields."""


def versioned(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its schema first."""
    return {"schema": SCHEMA, **document}
