"""How items are put on pages."""

from __future__ import annotations

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.viewing import TILES, Kind, Month, Span, Wanted, dated_count, span

MONTHS = [
    Month(month="2020-01", photos=3, videos=1),
    Month(month="2019-12", photos=10, videos=0),
    Month(month="2019-07", photos=20, videos=5),
    Month(month="", photos=2, videos=4),
]


@pytest.mark.parametrize(
    ("month", "kind", "count"),
    [
        ("2019-07", Kind.ALL, 25),
        ("2019-07", Kind.VIDEOS, 5),
        ("2019", Kind.ALL, 35),
        ("2019", Kind.PHOTOS, 30),
        ("", Kind.ALL, 6),
        ("2018", Kind.ALL, 0),
    ],
)
def test_the_pages_of_a_month_or_year_are_as_many_as_its_items_need(month: str, kind: Kind, count: int) -> None:
    assert dated_count(MONTHS, month, Wanted(kind=kind)) == count


@pytest.mark.parametrize(
    ("page", "count", "found"),
    [("1", 0, (0, 0, 1)), ("1", TILES, (0, TILES, 1)), ("2", TILES + 1, (TILES, TILES + 1, 2))],
)
def test_a_page_shows_its_part_of_the_items(page: str, count: int, found: tuple[int, int, int]) -> None:
    on: Span = span(page, count)
    assert (on.first, on.last, on.pages) == found


@pytest.mark.parametrize("page", ["0", "3", "-1", "1.5", "", "\u00b2", "9" * 30])
def test_a_page_that_there_is_not_is_refused(page: str) -> None:
    with pytest.raises(UsageError, match="there is no page"):
        span(page, TILES + 1)
