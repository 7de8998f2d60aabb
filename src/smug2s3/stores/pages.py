"""Validates pages of a listing: from an invalid one, nothing may be concluded to be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OF_ITSELF = frozenset({"Name", "Prefix", "MaxKeys", "KeyCount", "IsTruncated"})
"""Fields of which every server's listing has some, whatever the number of objects."""


def flaw_of(page: Mapping[str, Any], prefix: str) -> str:
    """Why a page of the listing of ``prefix`` is not valid; empty if it is."""
    entries = page.get("Contents", [])
    if page.get("IsTruncated") and not page.get("NextContinuationToken"):
        return "ends without a token for the next page"
    if not all("Key" in entry and entry.get("Size", -1) >= 0 for entry in entries):
        return "has an entry without a name or a size"
    if stranger := next((entry["Key"] for entry in entries if not entry["Key"].startswith(prefix)), ""):
        return f"has an entry that was not asked for: {stranger[:80]!r}"
    if not entries and not _OF_ITSELF & page.keys():
        return "is empty, without even a count"
    if not entries and page.get("KeyCount"):
        return f"counts {page['KeyCount']} entries but has none"
    return ""
