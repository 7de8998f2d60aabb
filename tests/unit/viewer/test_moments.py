"""Dates and durations as the pages write them."""

from __future__ import annotations

import pytest

from smug2s3.viewer.moments import clock, day, moment, month_name, named


@pytest.mark.parametrize(
    ("month", "name"),
    [
        ("2019-07", "July 2019"),
        ("2019", "2019"),
        ("", "Without a date"),
        ("0000-00", "00 0000"),
        ("2019-13", "13 2019"),
    ],
)
def test_a_month_has_its_name_and_what_is_none_is_shown_as_it_is(month: str, name: str) -> None:
    assert named(month) == name


def test_a_month_of_a_year_stands_without_the_year() -> None:
    assert month_name("2019-12") == "December"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2019-07-13T11:03:59", "13 July 2019, 11:03"),
        ("2019-07-13", "13 July 2019"),
        ("2019-07-13T11:03:59+00:00", "13 July 2019, 11:03"),
        ("0000-00-00T00:00:00", "0000-00-00 00:00"),
        ("", ""),
    ],
)
def test_a_moment_is_written_as_far_as_it_can_be_read(text: str, written: str) -> None:
    assert moment(text) == written


@pytest.mark.parametrize(("text", "name"), [("2019-07-13T11:03:59", "Saturday 13 July"), ("2019-02-30", ""), ("", "")])
def test_a_day_has_its_name(text: str, name: str) -> None:
    assert day(text) == name


@pytest.mark.parametrize(("seconds", "shown"), [(3.0, "0:03"), (65.4, "1:05"), (3605, "1:00:05")])
def test_a_duration_is_shown_as_players_show_it(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
