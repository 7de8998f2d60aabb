"""Bytes, rates and times as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.reporting.amounts import amount, duration, plural


@pytest.mark.parametrize(
    ("size", "text"),
    [
        pytest.param(0, "0 B", id="nothing"),
        pytest.param(999, "999 B", id="bytes"),
        pytest.param(999.7, "1.0 kB", id="rounding does not show four digits"),
        pytest.param(1000, "1.0 kB", id="decimal units"),
        pytest.param(99_949, "99.9 kB", id="one decimal below a hundred"),
        pytest.param(99_950, "100 kB", id="none above"),
        pytest.param(999_500, "1.0 MB", id="nor here"),
        pytest.param(12_300_000, "12.3 MB", id="a photo"),
        pytest.param(4.2e12, "4.2 TB", id="an account"),
        pytest.param(5e18, "5000 PB", id="beyond the last unit"),
    ],
)
def test_an_amount_has_at_most_three_digits(size: float, text: str) -> None:
    assert amount(size) == text


@given(st.integers(0, 10**17))
def test_no_amount_of_any_account_is_wide(size: int) -> None:
    assert len(amount(size)) <= 7


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0.2, "0 s", id="a moment"),
        pytest.param(12, "12 s", id="seconds"),
        pytest.param(59.7, "1 min 00 s", id="rounding does not show sixty"),
        pytest.param(245, "4 min 05 s", id="minutes"),
        pytest.param(3599.6, "1 h 00 min", id="an hour"),
        pytest.param(12_000, "3 h 20 min", id="hours"),
        pytest.param(172_799, "47 h 59 min", id="nearly two days"),
        pytest.param(180_000, "2 days 2 h", id="days"),
    ],
)
def test_a_time_has_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_one_is_not_many() -> None:
    assert plural(1, "file") == "1 file"
    assert plural(1204, "file") == "1,204 files"
    assert plural(0, "file") == "0 files"
    assert plural(2, "album or folder", "albums or folders") == "2 albums or folders"
