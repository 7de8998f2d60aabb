"""The pages as HTML: what they lead to."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from smug2s3.models import Known
from smug2s3.rules.viewing import TILES, Month, Span, Wanted
from smug2s3.viewer.links import ServedLinks
from smug2s3.viewer.pages import Pages, beside, near
from tests.unit.viewer.test_shown import PHOTO

MONTHS = [Month(month=month, photos=1, videos=0) for month in ("2020-02", "2019-07", "2019-05", "")]
LIVE, STILL = (Pages(ServedLinks(), "bucket photos", live=live) for live in (True, False))


@pytest.mark.parametrize(
    ("page", "pages", "numbers"),
    [
        (1, 1, [1]),
        (1, 5, [1, 2, 3, 0, 5]),
        (5, 9, [1, 0, 3, 4, 5, 6, 7, 0, 9]),
        (2000, 2000, [1, 0, 1998, 1999, 2000]),
    ],
)
def test_pages_near_this_one_can_be_gone_to(page: int, pages: int, numbers: list[int]) -> None:
    assert near(Span(page, pages * TILES)) == numbers


@pytest.mark.parametrize(
    ("month", "around"),
    [
        ("2019-07", ("2019-05", "2020-02")),
        ("2019-06", ("2019-05", "2019-07")),
        ("2020-02", ("2019-07", "")),
        ("2019", ("", "2020")),
        ("", ("", "")),
    ],
)
def test_months_and_years_lead_to_those_beside_them(month: str, around: tuple[str, str]) -> None:
    assert beside(month, MONTHS) == around


def test_the_days_of_a_month_and_the_months_of_a_year_have_headings() -> None:
    items = [replace(PHOTO, image_key=str(day), date=f"2019-07-{day}T10:00:00") for day in (13, 13, 14)]
    month = LIVE.month("2019-07", Wanted(), items, {}, Span(1, 3), MONTHS)
    year = LIVE.month("2019", Wanted(), items, {}, Span(1, 3))

    assert re.findall(r'class="day">(.*?)</h2>', month) == ["Saturday 13 July", "Sunday 14 July"]
    assert re.findall(r'class="day">(.*?)</h2>', year) == ['<a href="/dates/2019-07">July 2019</a>']
    assert "May 2019" in month
    assert "February 2020" in month


def test_only_a_program_that_answers_offers_to_choose_and_to_download() -> None:
    offers = ("checkbox", "/zip", "as a ZIP", "Apply")
    live, still = (pages.search("x", Wanted(), [PHOTO], {}, Span(1, 1), "") for pages in (LIVE, STILL))
    assert all(offer in live for offer in offers[:2])
    assert not any(offer in still for offer in offers)


def test_what_is_not_stored_cannot_be_chosen_but_is_shown() -> None:
    page = LIVE.search("x", Wanted(), [replace(PHOTO, state=Known.FAILED)], {}, Span(1, 1), "")
    assert "checkbox" not in page
    assert "Not copied: it failed" in page
    assert "<img" not in page
