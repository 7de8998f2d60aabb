"""The files of a ZIP have names that can be unpacked anywhere, each its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smug2s3.errors import UsageError
from smug2s3.models import Known
from smug2s3.rules.downloads import MOST_ITEMS, chosen, downloads, zip_name
from smug2s3.rules.viewing import Item

ONE = Item(
    album_key="A",
    image_key="i1",
    album="Family/Summer: 2019",
    directory="Family/Summer_ 2019",
    name="a.jpg",
    key="smugmug/Family/Summer_ 2019/a.jpg",
    size=3,
    md5="",
    state=Known.MOVED,
    reason="",
    title="",
    caption="",
    keywords=(),
    date="2019-07-01T10:30:00",
    is_video=False,
    hidden=False,
    position=None,
)


def named(key: str, name: str = "", **changes: object) -> Item:
    """Another item."""
    return replace(ONE, image_key=key, key=f"smugmug/Family/Summer_ 2019/{name or key}", **changes)  # type: ignore[arg-type]


def test_names_are_those_of_the_archive_and_distinct_even_where_case_does_not_count() -> None:
    found = downloads(
        [ONE, named("i2", "A.JPG"), named("i3", "not-complete.txt"), named("i4", "x", state=Known.FAILED)]
    )
    names = [one.name for one in found]
    assert len(found) == 3
    assert names[0] == "a.jpg"
    assert len({name.casefold() for name in names} | {"not-complete.txt"}) == 4
    assert zip_name(found) == "Summer_ 2019.zip"


def test_a_file_that_another_album_stores_has_its_own_name() -> None:
    elsewhere = replace(ONE, key="smugmug/Other/other.jpg", name="mine.jpg")
    nameless = replace(elsewhere, image_key="i9", name="")
    assert [one.name for one in downloads([elsewhere, nameless])] == ["mine.jpg", "i9"]


@pytest.mark.parametrize("directory", ["../../etc", "/etc", "a/../../b", "C:\\x", "a//b", ""])
def test_several_albums_are_folders_that_lead_nowhere_else(directory: str) -> None:
    other = replace(ONE, album_key="B", directory=directory, key=f"{directory}/b.jpg")
    found = downloads([ONE, other])
    assert found[0].name == "Family/Summer_ 2019/a.jpg"
    parts = found[1].name.split("/")
    assert parts[-1] == "b.jpg"
    assert all(part.strip("._ ") or part == "_" for part in parts)
    assert "\\" not in found[1].name
    assert zip_name(found) in ("photos.zip", "Summer_ 2019.zip")


def test_times_are_those_of_the_camera_and_of_films_in_utc() -> None:
    photo, film, unknown = downloads([ONE, named("i2", is_video=True), named("i3", date="")])
    assert film.moment == 1561977000.0
    assert photo.moment is not None
    assert unknown.moment is None


def test_a_choice_is_grouped_by_album_and_limited() -> None:
    assert chosen(["A/i1", "B/i2", "A/i3", "A/i1", "x", ""]) == {"A": {"i1", "i3"}, "B": {"i2"}, "x": {""}, "": {""}}
    with pytest.raises(UsageError):
        chosen(["A/i"] * (MOST_ITEMS + 1))
