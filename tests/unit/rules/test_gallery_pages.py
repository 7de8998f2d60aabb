"""Where pages are: names that every system takes and that are distinct on a disk without case; none is a photo's or a preview's."""

from __future__ import annotations

import pytest

from smug2s3.models import StoredObject
from smug2s3.rules.gallery_pages import (
    DATES,
    LIST,
    SEARCH,
    TOP,
    album_page,
    folder_page,
    is_page,
    left_out,
    month_of,
    month_page,
    part,
    shard,
)
from smug2s3.rules.keys import safe_name
from smug2s3.rules.preview_keys import Size, preview_key
from smug2s3.rules.storage import Storage

NAMES = [
    "",
    "con",
    "aBc",
    "AbC",
    "Family",
    "FAMILY",
    "Été",
    "日本",
    "a/b",
    "a b",
    "../..",
    "<b>",
    "x" * 900,
    "\ud800",
    "🏖",
]
PAGES = [
    TOP,
    DATES,
    SEARCH,
    LIST,
    part("viewer.js"),
    part("photoswipe/photoswipe.umd.min.js"),
    part("photoswipe/LICENSE"),
    shard("shards"),
    shard("items-201907-3"),
    *(album_page(name, number) for name in NAMES for number in (1, 2, 17)),
    *(folder_page(name) for name in NAMES),
    *(month_page(month, number) for month in ("2019-07", "") for number in (1, 12)),
]


def test_every_page_is_known_as_one_in_an_archive_with_any_prefix() -> None:
    assert all(is_page(prefix + page) for page in PAGES for prefix in ("", "smugmug/", "a/b/"))


def test_pages_have_the_buckets_ordinary_class_since_they_are_read() -> None:
    assert all(Storage(storage_class="DEEP_ARCHIVE").headers("PutObject", page) == {} for page in PAGES)
    assert Storage(storage_class="DEEP_ARCHIVE").headers("PutObject", "_gallery/other.html") != {}


def test_every_name_is_taken_by_every_system_as_it_is() -> None:
    for page in PAGES:
        assert page.isascii()
        assert len(page) < 120
        assert all(safe_name(name, fallback="_") == name for name in page.split("/"))


def test_albums_that_differ_only_by_case_have_pages_that_differ_by_more_and_folders_that_do_are_one() -> None:
    pages = [album_page(name).casefold() for name in NAMES]
    assert len(set(pages)) == len(NAMES)
    assert folder_page("Family") != folder_page("Familie")
    assert folder_page("Family").rpartition("-")[2] == folder_page("FAMILY").rpartition("-")[2]


@pytest.mark.parametrize(
    "key",
    [
        "index.html",
        "Family/index.html",
        "Family/albums/a-1/index.html",
        "_gallery/Family/index.html/thumbnails/IMG_1.JPG-S.jpg",
        "_gallery/albums/a-1/IMG_1.JPG",
        "_gallery/part/IMG_1.JPG",
        "_gallery/dates/2019-07.html/thumbnails/IMG_1.JPG-S.jpg",
        preview_key("albums/a-1/IMG_1.JPG", Size.SMALL, prefix=""),
        preview_key("p/albums/index.html/IMG_1.JPG", Size.SMALL, prefix="p/"),
    ],
)
def test_no_photo_no_preview_and_no_strangers_page_is_taken_for_one(key: str) -> None:
    assert not is_page(key)
    stranger = StoredObject(key=key, size=1, etag="")
    assert left_out([stranger, StoredObject(key=TOP, size=1, etag="")]) == [stranger]


@pytest.mark.parametrize(
    ("date", "month"),
    [
        ("2019-07-13T11:03:00", "2019-07"),
        ("2019-07", "2019-07"),
        ("", ""),
        ("2019", ""),
        ("../../x", ""),
        ("\u0662\u0660\u0661\u0669-\u0660\u0667", ""),
    ],
)
def test_what_is_no_month_is_without_a_date(date: str, month: str) -> None:
    assert month_of(date) == month
