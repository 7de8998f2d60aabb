"""In which order files are moved."""

from __future__ import annotations

import math
from typing import Any

import pytest

from smug2s3.rules.order import Order, rank
from tests.unit.samples import asset

PICTURES: dict[str, dict[str, Any]] = {
    "old and small": {"taken": "1999-05-01T10:00:00", "size": 10},
    "new and large": {"taken": "2024-05-01T10:00:00", "size": 1000},
    "a second later": {"taken": "2024-05-01T10:00:01", "size": 500},
    "no date of a camera": {"taken": "", "uploaded": "2010-01-01T00:00:00+00:00", "size": 20},
    "the year 0": {"taken": "0000-00-00T00:00:00", "uploaded": "2011-01-01T00:00:00Z", "size": 30},
    "no fact at all": {"taken": "", "uploaded": "", "size": None},
}
BY_DATE = ["old and small", "no date of a camera", "the year 0", "new and large", "a second later"]
BY_SIZE = ["old and small", "no date of a camera", "the year 0", "a second later", "new and large"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.OLDEST, BY_DATE),
        (Order.NEWEST, BY_DATE[::-1]),
        (Order.SMALLEST, BY_SIZE),
        (Order.LARGEST, BY_SIZE[::-1]),
    ],
)
def test_files_are_ordered_by_date_or_size_and_what_lacks_it_comes_last(order: Order, expected: list[str]) -> None:
    ranks = {name: rank(order, asset(**facts)) for name, facts in PICTURES.items()}

    assert sorted(ranks, key=lambda name: ranks[name]) == [*expected, "no fact at all"]
    assert ranks["no fact at all"] == math.inf


def test_in_the_order_of_albums_no_file_comes_before_another() -> None:
    assert {rank(Order.ALBUM, asset(**facts)) for facts in PICTURES.values()} == {0.0}


@pytest.mark.parametrize(
    "moment", ["2019-07-01", "2019-07-01 noon", "2019-07-01T00:00:00Z", "2019-07-01T02:00:00+02:00"]
)
def test_a_date_in_any_form_has_its_place(moment: str) -> None:
    assert rank(Order.OLDEST, asset(taken=moment)) == 1_561_939_200.0
