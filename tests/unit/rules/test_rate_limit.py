"""How long to wait, from what SmugMug says of its limits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules.rate_limit import LONGEST_WAIT, budget_pause, retry_after

NOW = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("30", 30.0, id="seconds"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param(" 1.5 ", 1.5, id="fractions"),
        pytest.param("Sun, 01 Nov 2026 12:00:45 GMT", 45.0, id="a date"),
        pytest.param("Sun, 01 Nov 2026 11:00:00 GMT", 0.0, id="a date gone by"),
        pytest.param("Sun, 01 Nov 2026 20:00:00 GMT", LONGEST_WAIT, id="a date far off comes from a wrong clock"),
        pytest.param("999999999", LONGEST_WAIT, id="too many seconds"),
        pytest.param("Sun, 01 Nov 2026 12:00:45", None, id="a date without a zone"),
        pytest.param("soon", None, id="a word"),
        pytest.param("²", None, id="a digit that is no number"),
        pytest.param("-5", None, id="less than nothing"),
        pytest.param("", None, id="empty"),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": header}, now=NOW) == seconds


def test_without_retry_after_nothing_is_known() -> None:
    assert retry_after({}, now=NOW) is None


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_whatever_stands_in_retry_after_it_is_a_wait_in_bounds_or_nothing(header: str) -> None:
    seconds = retry_after({"Retry-After": header}, now=NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("remaining", "reset", "pause"),
    [
        pytest.param("0", "1060", 60.0, id="nothing remains: until the window ends"),
        pytest.param("-3", "1060", 60.0, id="less than nothing remains"),
        pytest.param("1", "1060", 0.0, id="one remains"),
        pytest.param("0", "900", 0.0, id="the window ended"),
        pytest.param("0", "99999999", LONGEST_WAIT, id="a window too long comes from a wrong clock"),
        pytest.param("0", "nan", 0.0, id="no number"),
        pytest.param("many", "1060", 0.0, id="words"),
    ],
)
def test_an_empty_window_pauses_everybody_until_it_ends(remaining: str, reset: str, pause: float) -> None:
    headers = {"X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset}
    assert budget_pause(headers, now=1000.0) == pause


def test_without_limits_named_nobody_pauses() -> None:
    assert budget_pause({}, now=1000.0) == 0.0
    assert budget_pause({"X-RateLimit-Remaining": "0"}, now=1000.0) == 0.0
