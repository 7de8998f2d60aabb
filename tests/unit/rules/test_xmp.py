"""Sidecars say what SmugMug says, in the properties that other programs read, and nothing that is not known."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.models import Asset, Position
from smug2s3.rules.xmp import Naming, caption_text, has_camera_data, render, sidecar_keys
from tests.unit.samples import asset, texts

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def properties(of: Asset, album: Sequence[str] = ("Family",), *, camera: bool = False) -> dict[str, Any]:
    """Every property as an XML parser reads it: text, or the items of a list."""
    (described,) = ET.fromstring(render(of, album=album, suffix="jpg", camera=camera)).iter(f"{RDF}Description")
    return {one.tag.rpartition("}")[2]: _value(one) for one in described}


def _value(one: ET.Element) -> Any:
    return [item.text for item in one.iter(f"{RDF}li")] if len(one) else one.text


def test_all_that_is_known_is_there_and_nothing_else() -> None:
    told = asset(
        title="The tree", caption="Grandma's <b>tree</b>", keywords=("tree", "snow", "tree"),
        position=Position(60.731941666, -43.9, 641.0), taken="2019-12-24T18:00:00",
    )  # fmt: skip
    assert properties(told, ("Family", "Christmas")) == {
        "title": ["The tree"],
        "description": ["Grandma's tree"],
        "ImageDescription": ["Grandma's tree"],
        "subject": ["tree", "snow"],
        "hierarchicalSubject": ["tree", "snow", "SmugMug|Family|Christmas"],
        "TagsList": ["tree", "snow", "SmugMug/Family/Christmas"],
        "SidecarForExtension": "jpg",
        "GPSLatitude": "60,43.916500N",
        "GPSLongitude": "43,54.000000W",
        "GPSAltitude": "641/1",
        "GPSAltitudeRef": "0",
        "DateTimeOriginal": "2019-12-24T18:00:00",
        "DateCreated": "2019-12-24T18:00:00",
    }
    assert properties(asset()) == {
        "hierarchicalSubject": ["SmugMug|Family"],
        "TagsList": ["SmugMug/Family"],
        "SidecarForExtension": "jpg",
    }


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (Position(0, 32.5, None), ("0,0.000000N", "32,30.000000E", None, None)),
        (Position(-0.5, 179.9999999999, -3.5), ("0,30.000000S", "180,0.000000E", "7/2", "1")),
    ],
)
def test_places_are_degrees_and_minutes_with_a_letter(position: Position, expected: tuple[str | None, ...]) -> None:
    found = properties(asset(position=position))
    names = ("GPSLatitude", "GPSLongitude", "GPSAltitude", "GPSAltitudeRef")
    assert tuple(map(found.get, names)) == expected


@pytest.mark.parametrize(
    ("of", "camera", "dated"),
    [
        ({"taken": "2019-12-24T18:00:00"}, False, True),
        ({"taken": "2019-12-24T18:00:00"}, True, False),  # its own bytes have it
        ({"taken": "2019-12-24T18:00:00", "is_video": True}, False, False),
        ({"taken": "2019-12-24T18:00:00+00:00"}, False, False),
        ({"taken": "", "date": "2020-01-01T00:00:00"}, False, False),
    ],
)
def test_a_date_is_there_only_if_the_photo_itself_has_none(of: dict[str, Any], camera: bool, dated: bool) -> None:
    assert ("DateTimeOriginal" in properties(asset(**of), camera=camera)) is dated


@pytest.mark.parametrize(
    ("metadata", "camera"),
    [
        ({}, False),
        ({"Make": "", "ISO": 0, "DateTimeCreated": "2019"}, False),
        ({"Model": "X-T3"}, True),
        ({"ISO": 200}, True),
    ],
)
def test_camera_data_are_what_a_camera_writes(metadata: dict[str, Any], camera: bool) -> None:
    assert has_camera_data(metadata) is camera


def test_a_separator_within_a_name_makes_no_further_tag() -> None:
    found = properties(asset(keywords=("a|b", "c/d")), ("A/B", "C|D"))
    assert found["subject"] == ["a|b", "c/d"]
    assert found["hierarchicalSubject"] == ["a/b", "c/d", "SmugMug|A/B|C/D"]
    assert found["TagsList"] == ["a|b", "c|d", "SmugMug/A|B/C|D"]


@pytest.mark.parametrize(
    ("caption", "text"),
    [
        ("5 < 6 & 7 > 6", "5 < 6 & 7 > 6"),
        ("5 &lt; 6 &amp; &#x1F600;", "5 < 6 & 😀"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("<p>One</p><p>Two<br/>Three</p>", "One\nTwo\nThree\n"),
        ('<a href="x">link</a> <jane@example.com>', "link <jane@example.com>"),
        ("<script>alert(1)</script>no", "no"),
        ("<b\nclass='x'>bold</B>", "bold"),
    ],
)
def test_a_caption_loses_its_html_and_nothing_else(caption: str, text: str) -> None:
    assert caption_text(caption) == text


@given(texts, texts, st.lists(texts, max_size=5), st.lists(texts, max_size=3))
def test_whatever_smugmug_says_is_well_formed_and_always_the_same(
    title: str, caption: str, keywords: list[str], album: list[str]
) -> None:
    told = asset(title=title, caption=caption, keywords=tuple(keywords))
    first = render(told, album=album, suffix="jpg", camera=False)
    assert ET.fromstring(first).tag == "{adobe:ns:meta/}xmpmeta"
    assert b"\r" not in first
    assert first == render(told, album=album, suffix="jpg", camera=False)


def test_a_sidecar_is_named_after_its_file_or_its_stem() -> None:
    keys = ["a/IMG_1.jpg", "a/IMG_2.heic", "a/img_2.MOV", "b.c/x"]
    assert sidecar_keys(keys, Naming.FULL) == {key: f"{key}.xmp" for key in keys}
    assert sidecar_keys(keys, Naming.STEM) == {
        "a/IMG_1.jpg": "a/IMG_1.xmp",
        "a/IMG_2.heic": "a/IMG_2.heic.xmp",  # or both would have the same
        "a/img_2.MOV": "a/img_2.MOV.xmp",
        "b.c/x": "b.c/x.xmp",
    }


def test_a_component_shares_the_short_sidecar_of_its_photo_and_no_xmp_file_of_the_user_is_overwritten() -> None:
    keys = ["a/1.JPG", "a/1.RW2", "a/2.JPG", "a/2.XMP"]
    components = {"a/1.RW2", "a/2.XMP"}
    assert sidecar_keys(keys, Naming.STEM, components=components) == {"a/1.JPG": "a/1.xmp"}
    assert sidecar_keys(keys, Naming.FULL, components=components) == {
        "a/1.JPG": "a/1.JPG.xmp",
        "a/1.RW2": "a/1.RW2.xmp",
        "a/2.JPG": "a/2.JPG.xmp",
    }
