"""A report's small pictures are read from all over the account, and no more of each photo than can hold one."""

from __future__ import annotations

from pathlib import Path

import pytest

from smug2s3.engine.previews import previews, spread
from smug2s3.rules.exif import HEAD
from smug2s3.stores.local.store import open_local
from tests.support.previews import photo, picture

SMALL = picture(16, 12)


@pytest.mark.parametrize(
    ("keys", "number", "chosen"),
    [
        ("", 3, ""),
        ("ab", 3, "ab"),
        ("abc", 3, "abc"),
        ("abcdef", 3, "ace"),
        ("abcdefghij", 4, "acfh"),
        ("abc", 0, ""),
    ],
)
def test_what_is_chosen_is_spread_evenly(keys: str, number: int, chosen: str) -> None:
    assert spread(keys, number) == list(chosen)


async def test_photos_without_a_preview_are_passed_over_and_others_looked_into(tmp_path: Path) -> None:
    for number in range(12):
        content = photo(SMALL) + bytes(HEAD) if number % 3 == 1 else picture(40, 30)
        (tmp_path / f"{number:02}.jpg").write_bytes(content)
    keys = [f"{number:02}.jpg" for number in range(12)]

    async with open_local(tmp_path) as store:
        few = await previews(store, keys, 2)
        all_there_are = await previews(store, keys, 50)

    assert len(few) == 2
    assert [key for key, _ in all_there_are] == keys[1::3]
    assert all(found.jpeg == SMALL for _, found in all_there_are)


async def test_a_photo_that_is_gone_from_the_bucket_costs_its_preview_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(photo(SMALL))

    async with open_local(tmp_path) as store:
        found = await previews(store, ["a.jpg", "never-there.jpg"], 2)

    assert [key for key, _ in found] == ["a.jpg"]
