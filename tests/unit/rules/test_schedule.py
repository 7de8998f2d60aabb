"""When the next run starts, whatever happens to the clock and however long a run takes."""

from __future__ import annotations

import time as system_time
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.schedule import Daily, Every, Moment, next_at, schedule
from smug2s3.rules.until import recurs

BERLIN = ZoneInfo("Europe/Berlin")
SIX_HOURS = Every(timedelta(hours=6))
NIGHTLY = Daily(time(3, 0))

pytestmark = pytest.mark.skipif(not hasattr(system_time, "tzset"), reason="the zone of this computer cannot be changed")


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where the clock is put forward on 2026-03-29 at 2:00, and back on 2026-10-25 at 3:00."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Europe/Berlin")
        system_time.tzset()
        yield
    system_time.tzset()


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


def at(text: str, ticks: float = 0.0) -> Moment:
    return Moment(ticks=ticks, wall=berlin(text))


@pytest.mark.parametrize(
    ("now", "clock", "due"),
    [
        pytest.param(berlin("2026-11-21 02:59"), "03:00", "2026-11-21T02:00", id="later today"),
        pytest.param(berlin("2026-11-21 03:00"), "03:00", "2026-11-22T02:00", id="just now: tomorrow"),
        pytest.param(berlin("2026-11-21 12:00"), "03:00", "2026-11-22T02:00", id="tomorrow"),
        pytest.param(berlin("2026-03-28 12:00"), "03:00", "2026-03-29T01:00", id="a night of 23 hours"),
        pytest.param(berlin("2026-03-28 12:00"), "02:30", "2026-03-29T01:30", id="a day without it: an hour later"),
        pytest.param(berlin("2026-03-29 03:40"), "02:30", "2026-03-30T00:30", id="and the next day as usual"),
        pytest.param(berlin("2026-10-24 12:00"), "02:30", "2026-10-25T00:30", id="a day that has it twice: the first"),
        pytest.param(berlin("2026-10-25 02:40"), "02:30", "2026-10-26T01:30", id="the first is over: no second"),
        pytest.param(berlin("2026-10-25 02:10", 1), "02:30", "2026-10-26T01:30", id="before the second: no second"),
        pytest.param(berlin("2026-10-24 12:00"), "03:00", "2026-10-25T02:00", id="a night of 25 hours"),
    ],
)
def test_a_time_of_day_comes_once_a_day_also_when_the_clock_is_put_forward_or_back(
    now: datetime, clock: str, due: str
) -> None:
    assert next_at(time.fromisoformat(clock), now) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_every_night_of_a_year_has_one_run() -> None:
    for clock in (time(2, 30), time(3, 0), time(0, 0)):
        now, starts = berlin("2026-01-01 12:00"), []
        for _ in range(365):
            now = next_at(clock, now)
            starts.append(now.astimezone(BERLIN).date())
        assert len(set(starts)) == 365


@pytest.mark.parametrize(
    ("took", "waited"),
    [(0.0, 6.0), (1.0, 5.0), (5.999, 0.001), (6.0, 6.0), (7.0, 5.0), (50.0, 4.0)],
)
def test_an_interval_counts_from_start_to_start_and_what_a_long_run_missed_is_skipped(
    took: float, waited: float
) -> None:
    began, ended = at("2026-11-21 03:00", 100.0), at("2026-11-21 03:00", 100.0 + took * 3600)
    due = SIX_HOURS.following(began, ended)
    assert SIX_HOURS.left(due, ended) == pytest.approx(waited * 3600)
    assert due.wall - ended.wall == timedelta(seconds=due.ticks - ended.ticks)


def test_the_first_run_of_an_interval_is_at_once_and_that_of_a_time_of_day_at_its_time() -> None:
    now = at("2026-11-21 12:00", 7.0)
    assert SIX_HOURS.left(SIX_HOURS.first(now), now) == 0
    assert NIGHTLY.left(NIGHTLY.first(now), now) == 15 * 3600


@pytest.mark.parametrize("wall", ["2020-01-01 00:00", "2026-11-21 09:00", "2031-01-01 00:00"])
def test_an_interval_does_not_care_how_the_clock_is_set(wall: str) -> None:
    due = SIX_HOURS.following(at("2026-11-21 03:00", 0.0), at("2026-11-21 03:10", 600.0))
    assert SIX_HOURS.left(due, at(wall, 6 * 3600 - 1.0)) == 1.0
    assert SIX_HOURS.left(due, at(wall, 6 * 3600)) == 0.0


@pytest.mark.parametrize(
    ("wall", "left"),
    [
        pytest.param("2026-11-22 02:59", 60.0, id="as it was"),
        pytest.param("2026-11-22 04:00", 0.0, id="set forward, or awake again: at once"),
        pytest.param("2026-11-20 01:00", 7200.0, id="set back by days: not days late"),
        pytest.param("2031-01-01 00:00", 0.0, id="years forward"),
    ],
)
def test_a_time_of_day_follows_the_clock(wall: str, left: float) -> None:
    due = NIGHTLY.following(at("2026-11-21 03:00"), at("2026-11-21 03:10"))
    assert NIGHTLY.left(due, at(wall)) == left


def test_a_run_that_lasts_beyond_the_next_time_is_followed_by_the_one_after() -> None:
    due = NIGHTLY.following(at("2026-11-21 03:00"), at("2026-11-23 09:00"))
    assert due.wall == berlin("2026-11-24 03:00")


@pytest.mark.parametrize(
    ("every", "clock", "parsed"),
    [
        ("6h", None, SIX_HOURS),
        (" 90m ", None, Every(timedelta(minutes=90))),
        ("5m", None, Every(timedelta(minutes=5))),
        (None, "03:00", NIGHTLY),
        (None, "3:00 ", NIGHTLY),
    ],
)
def test_what_is_typed_is_an_interval_or_a_time_of_day(every: str | None, clock: str | None, parsed: object) -> None:
    assert schedule(every, clock) == parsed


@pytest.mark.parametrize(
    ("every", "clock", "refusal"),
    [
        ("1s", None, "--every 1s is too often: the least is 5m"),
        ("4m59s", None, "too often"),
        ("0h", None, "too often"),
        ("often", None, "--every 'often' is not a duration"),
        ("", None, "is not a duration"),
        ("-6h", None, "is not a duration"),
        (None, "25:00", "--at '25:00' is not a time of day"),
        (None, "", "is not a time of day"),
        (None, "2026-11-21 03:00", "is not a time of day"),
        ("6h", "03:00", "--every and --at contradict each other"),
    ],
)
def test_anything_else_is_refused_with_what_would_work(every: str | None, clock: str | None, refusal: str) -> None:
    with pytest.raises(UsageError) as refused:
        schedule(every, clock)
    assert refusal in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(("text", "again"), [("08:00", True), ("4h", True), ("2026-11-30 08:00", False)])
def test_a_run_can_stop_at_a_time_of_day_or_after_a_while_each_time(text: str, again: bool) -> None:
    assert recurs(text) == again
