"""An item as a page shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from smug2s3.models import Known
from smug2s3.rules.viewing import Item, Look
from smug2s3.viewer.links import ServedLinks
from smug2s3.viewer.shown import Shown, data

PHOTO = Item(
    album_key="A", image_key="i", album="Travel/Iceland", directory="Travel/Iceland", name="IMG_1.JPG",
    key="smugmug/Travel/Iceland/IMG_1.JPG", size=4_000_000, md5="0123456789abcdef", state=Known.MOVED, reason="",
    title="", caption="", keywords=(), date="2019-07-13T11:03:00", is_video=False, hidden=False, position=None,
)  # fmt: skip


def one(look: Look = Look(), **changes: Any) -> Shown:  # noqa: B008 - it is frozen
    """An item that differs so much from an ordinary one."""
    return Shown(item=replace(PHOTO, **changes), look=look, links=ServedLinks())


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (6000, 4000, "r150"),
        (4000, 6000, "r70"),
        (4032, 3024, "r130"),
        (12000, 1000, "r300"),
        (100, 9000, "r50"),
        (0, 0, "r150 guess"),
    ],
)
def test_a_tile_is_as_wide_as_its_picture_within_bounds(width: int, height: int, shape: str) -> None:
    assert one(Look(width=width, height=height)).shape == shape


@pytest.mark.parametrize(
    ("changes", "words", "under"),
    [
        ({}, "IMG_1.JPG", []),
        ({"caption": "A geysir"}, "A geysir", ["A geysir"]),
        ({"title": "Strokkur", "caption": "A geysir"}, "Strokkur", ["Strokkur", "A geysir"]),
        ({"title": "Strokkur", "is_video": True}, "Video: Strokkur", ["Strokkur"]),
    ],
)
def test_title_and_caption_stand_for_a_picture_before_its_name(
    changes: dict[str, Any], words: str, under: list[str]
) -> None:
    assert (one(**changes).words, one(**changes).under) == (words, under)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "photo"),
        ({"key": "a/b.HEIC"}, "photo"),
        ({"key": "a/b.tif"}, "photo"),
        ({"key": "a/b.CR3"}, "raw"),
        ({"key": "a/b.mp4", "is_video": True}, "video"),
    ],
)
def test_photos_raw_files_and_videos_have_an_icon_each(changes: dict[str, Any], kind: str) -> None:
    assert one(**changes).kind == kind


@pytest.mark.parametrize(
    ("state", "reason", "missing"),
    [
        (Known.MOVED, "", ""),
        (Known.GONE, "", ""),
        (Known.MOVING, "", "Not copied yet"),
        (Known.FAILED, "SmugMug: SmugMug has no such file", "Not copied: it failed (SmugMug has no such file)"),
        (Known.UNAVAILABLE, "", "Not available from SmugMug"),
    ],
)
def test_what_is_not_stored_says_why(state: Known, reason: str, missing: str) -> None:
    assert one(state=state, reason=reason).missing == missing


@pytest.mark.parametrize(
    ("changes", "said", "duration"),
    [
        ({"is_video": True}, "3.00 s", "0:03"),
        ({"is_video": True}, "75", "1:15"),
        ({"is_video": True}, "a while", ""),
        ({"is_video": True}, "", ""),
        ({}, "3.00 s", ""),
    ],
)
def test_a_videos_duration_is_shown_where_it_is_known(changes: dict[str, Any], said: str, duration: str) -> None:
    assert one(Look(camera=(("Duration", said),)), **changes).duration == duration


def test_a_keyword_leads_to_what_has_it_and_several_words_are_looked_for_together() -> None:
    assert one(keywords=("sea", "north coast")).keywords == [
        ("sea", "/search?q=sea"),
        ("north coast", "/search?q=%22north+coast%22"),
    ]


def test_what_is_known_of_it_is_named_and_the_rest_left_out() -> None:
    known = one(Look(width=6000, height=4000, camera=(("Camera", "Example One"),)), position=(64.1, -21.9))
    assert known.facts == [
        ("Date", "13 July 2019, 11:03"),
        ("Camera", "Example One"),
        ("Place", "64.10000, -21.90000"),
        ("Pixels", "6,000 by 4,000"),
        ("Size", "4.0 MB"),
        ("File", "IMG_1.JPG"),
        ("Stored as", "smugmug/Travel/Iceland/IMG_1.JPG"),
    ]
    assert [name for name, _ in one(size=None, date="", state=Known.FAILED).facts] == ["File"]


def test_nothing_in_the_data_of_a_page_ends_its_element_or_moves_the_cursor() -> None:
    text = data([one(title="</script><script>hit()</script>", caption="a\u2028b\u202e<!--&\nnext")])
    assert not set("<>&\u2028\u202e") & set(text)
    (told,) = json.loads(text)
    assert told["title"] == "</script><script>hit()</script>"
    assert told["caption"] == "a\nb\ufffd<!--&\nnext"


def test_the_original_is_offered_for_a_closer_look_only_where_browsers_show_it() -> None:
    assert one().told()["full"] == "/original/A/i?v=0123456789ab"
    assert "full" not in one(key="a/b.heic").told()
    assert "missing" not in one().told()
