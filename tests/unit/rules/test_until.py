"""Until when a run goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.until import until

NOW = datetime.fromisoformat("2026-11-25 22:30:15").astimezone()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("23:00", "2026-11-25 23:00:00", id="later today"),
        pytest.param("8:00", "2026-11-26 08:00:00", id="tomorrow"),
        pytest.param("22:30", "2026-11-26 22:30:00", id="just gone by"),
        pytest.param("2026-11-30 08:00", "2026-11-30 08:00:00", id="date and time"),
        pytest.param("2026-11-30T08:00:30", "2026-11-30 08:00:30", id="in the form of ISO"),
    ],
)
def test_a_time_is_of_this_computer_and_the_next_such(text: str, moment: str) -> None:
    assert until(text, NOW) == datetime.fromisoformat(moment).astimezone()


def test_a_time_may_name_its_zone() -> None:
    assert until("2026-11-30T08:00+05:00", NOW) == datetime.fromisoformat("2026-11-30T03:00+00:00")


@pytest.mark.parametrize(
    ("text", "lapse"),
    [
        ("8h", timedelta(hours=8)),
        ("90m", timedelta(minutes=90)),
        ("1h30min", timedelta(minutes=90)),
        ("2D", timedelta(days=2)),
        ("45s", timedelta(seconds=45)),
    ],
)
def test_a_duration_counts_from_now(text: str, lapse: timedelta) -> None:
    assert until(text, NOW) == NOW + lapse


@pytest.mark.parametrize(
    "text", ["", " ", "8", "soon", "25:00", "8:60", "2026-11-30", "1.5h", "-8h", "h", "9999-99-99 10:00"]
)
def test_what_is_no_time_is_refused_with_what_would_work(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        until(text, NOW)
    assert f"--until {text!r} is not a valid time or duration" in str(refusal.value)
    assert all(example in refusal.value.hint for example in ("08:00", "8h"))


@pytest.mark.parametrize("text", ["2026-11-25 22:30", "2025-12-31T08:00", "0h", "0s"])
def test_the_past_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is in the past: it is now 2026-11-25 22:30"):
        until(text, NOW)
