"""What a page of a listing must say of itself: from one that says less nobody may conclude that something is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OF_ITSELF = frozenset({"Name", "Prefix", "MaxKeys", "KeyCount", "IsTruncated"})
"""What every store's listing has some of, however many objects there are."""


def flaw_of(page: Mapping[str, Any], prefix: str) -> str:
    """Why nothing is to be concluded from a page that was asked for what begins with ``prefix``; empty if something is."""
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
