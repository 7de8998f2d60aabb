"""A limit, or a timetable of limits, read as a person writes it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.bandwidth import timetable

KIB, MIB, GIB = 1024, 1024**2, 1024**3


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("500k", 500 * KIB),
        ("2M", 2 * MIB),
        ("2MiB/s", 2 * MIB),
        ("1.5m", 1.5 * MIB),
        ("1G", GIB),
        ("off", None),
        ("OFF", None),
    ],
)
def test_one_limit_holds_all_day(text: str, rate: float | None) -> None:
    for hour in (0, 12, 23):
        assert timetable(text).at(datetime(2026, 5, 4, hour, 59, tzinfo=UTC)) == rate


DAY = "08:00,2M 23:00,off"


@pytest.mark.parametrize(
    ("hour", "minute", "rate"),
    [(0, 0, None), (7, 59, None), (8, 0, 2 * MIB), (22, 59, 2 * MIB), (23, 0, None)],
)
@pytest.mark.parametrize("text", [DAY, "23:00,off 8:00,2M"], ids=["in-order", "in-any-order"])
def test_each_limit_of_a_timetable_holds_until_the_next_and_the_last_over_midnight(
    text: str, hour: int, minute: int, rate: float | None
) -> None:
    assert timetable(text).at(datetime(2026, 5, 4, hour, minute, tzinfo=UTC)) == rate


@pytest.mark.parametrize(
    "text",
    ["", " ", "fast", "2", "0M", "-1M", "0.5k", "2M 3M", "08:00", "08:00,", "24:00,2M", "8:60,2M", "08:00,2M 23:00",
     "08:00,2M,3M", "08:00,2M 8:00,off", "1e9M", "2T"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_what_would_work(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        timetable(text)
    assert "--bwlimit" in str(refusal.value)
    assert "08:00,2M 23:00,off" in refusal.value.hint
