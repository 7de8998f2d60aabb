"""From which pages of a listing something may be concluded."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.stores.pages import flaw_of

ENTRY = {"Key": "smugmug/a.jpg", "Size": 1}
GOOD: dict[str, dict[str, Any]] = {
    "one-entry-and-nothing-else": {"Contents": [ENTRY]},
    "empty-bucket": {"IsTruncated": False, "KeyCount": 0},
    "empty-with-a-name-alone": {"Name": "photos"},
    "empty-page-that-goes-on": {"IsTruncated": True, "NextContinuationToken": "x", "KeyCount": 0},
    "count-of-another-kind": {"Contents": [ENTRY], "KeyCount": 7},
}
FLAWED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing-at-all": ({}, "is empty"),
    "what-the-library-adds": ({"ResponseMetadata": {}}, "is empty"),
    "breaks-off": ({"Contents": [ENTRY], "IsTruncated": True}, "without a token"),
    "no-size": ({"Contents": [{"Key": "smugmug/a.jpg"}]}, "without a name or a size"),
    "less-than-nothing": ({"Contents": [{"Key": "smugmug/a.jpg", "Size": -1}]}, "without a name or a size"),
    "no-name": ({"Contents": [{"Size": 1}]}, "without a name or a size"),
    "of-another-prefix": ({"Contents": [ENTRY, {"Key": "other/b.jpg", "Size": 1}]}, "not asked for: 'other/b.jpg'"),
    "counts-and-shows-none": ({"KeyCount": 3, "IsTruncated": False}, "counts 3 entries but has none"),
}


@pytest.mark.parametrize("page", GOOD.values(), ids=GOOD)
def test_a_page_that_says_enough_of_itself_is_believed(page: dict[str, Any]) -> None:
    assert flaw_of(page, "smugmug/") == ""


@pytest.mark.parametrize(("page", "flaw"), FLAWED.values(), ids=FLAWED)
def test_from_a_page_that_says_less_nothing_follows(page: dict[str, Any], flaw: str) -> None:
    assert flaw in flaw_of(page, "smugmug/")
