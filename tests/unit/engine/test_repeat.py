"""Runs follow each other for ever, never two at once, until an error that waiting cannot help."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest

from smug2s3.engine.repeat import repeat
from smug2s3.errors import (
    ClockRefused,
    ClusterError,
    LedgerError,
    LedgerOfAnother,
    PrefixTaken,
    SettingsError,
    SignInRefused,
    Smug2s3Error,
    SourceAway,
    SourceBusy,
    StoreAway,
    StoreNotReady,
    StoreRefused,
    StoreUnusable,
    Unforeseen,
)
from smug2s3.rules.schedule import Daily, Every, Moment
from smug2s3.stores.local.faults import FolderAway
from tests.unit.flow.clock import run_on_virtual_time

BEGINNING = datetime(2026, 11, 21, tzinfo=UTC)
HOUR = 3600.0


class Enough(BaseException):
    """Ends what runs for ever."""


@dataclass
class VirtualClock:
    """Both clocks are the loop's; ``set_by`` are seconds by which somebody has set the computer's."""

    set_by: float = 0.0

    def now(self) -> Moment:
        ticks = asyncio.get_running_loop().time()
        return Moment(ticks=ticks, wall=BEGINNING + timedelta(seconds=ticks + self.set_by))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Runs:
    """Runs of a given length; ``errors`` are what stops them, and after the last one it is enough."""

    lengths: Iterator[float]
    clock: VirtualClock = field(default_factory=VirtualClock)
    errors: Iterator[Smug2s3Error | None] = field(default_factory=lambda: iter(()))
    log: list[tuple[float, float]] = field(default_factory=list)
    """When each run began and ended, in hours."""
    dues: list[Moment | None] = field(default_factory=list)
    at_work: int = 0
    meanwhile: Callable[[], object] = str

    def waits(self, due: Moment) -> None:
        assert due.ticks >= 0
        self.meanwhile()

    async def run(self) -> Smug2s3Error | None:
        assert not self.at_work, "two runs at once"
        self.at_work += 1
        began = self.clock.now().ticks
        try:
            length = next(self.lengths)
        except StopIteration:
            raise Enough from None
        await asyncio.sleep(length * HOUR)
        self.at_work -= 1
        self.log.append((began / HOUR, self.clock.now().ticks / HOUR))
        return next(self.errors, None)

    async def ran(self, due: Moment | None) -> None:
        self.dues.append(due)


async def until_enough(runs: Runs, schedule: Every | Daily) -> list[tuple[float, float]]:
    with pytest.raises(Enough):
        await repeat(runs, schedule, runs.clock)
    return runs.log


def test_runs_follow_the_interval_and_one_that_takes_longer_delays_the_next_to_the_following_start() -> None:
    runs = Runs(iter([1, 7, 6, 0.5, 13, 0]))
    log = run_on_virtual_time(until_enough(runs, Every(timedelta(hours=6))))
    assert log == [(0, 1), (6, 13), (18, 24), (30, 30.5), (36, 49), (54, 54)]


def test_runs_at_a_time_of_day_follow_the_clock_when_it_is_set() -> None:
    runs = Runs(iter([1, 1, 30, 1]))
    changes = iter([0.0, 2 * HOUR, -1 * HOUR, 0.0, 0.0])
    runs.meanwhile = lambda: setattr(runs.clock, "set_by", runs.clock.set_by + next(changes))
    local = (BEGINNING + timedelta(hours=3)).astimezone().time()

    log = run_on_virtual_time(until_enough(runs, Daily(time(local.hour, local.minute))))

    # two hours forward: the next one comes after 22 hours; one hour back: after 25; the long run skips a start
    assert [began for began, _ in log] == pytest.approx([3, 25, 50, 98], abs=0.02)


@pytest.mark.parametrize(
    "error",
    [
        SourceAway("x"), SourceBusy("x"), StoreAway("x"), StoreRefused("x"), StoreNotReady("x"), FolderAway("x"),
        ClockRefused("x"), LedgerError("x"), ClusterError("x"), Unforeseen("x"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_after_an_error_that_may_pass_the_next_run_comes_as_usual(error: Smug2s3Error) -> None:
    runs = Runs(iter([1, 1]), errors=iter([error, None]))
    assert run_on_virtual_time(until_enough(runs, Every(timedelta(hours=6)))) == [(0, 1), (6, 7)]
    assert None not in runs.dues


@pytest.mark.parametrize(
    "error",
    [SettingsError("x"), SignInRefused("x"), StoreUnusable("x"), PrefixTaken("x"), LedgerOfAnother("x")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_no_later_run_can_change_ends_it_and_is_raised(error: Smug2s3Error) -> None:
    runs = Runs(iter([1, 1]), errors=iter([None, error]))

    with pytest.raises(type(error)):
        run_on_virtual_time(repeat(runs, Every(timedelta(hours=6)), runs.clock))

    assert runs.log == [(0, 1), (6, 7)]
    assert [due and due.ticks / HOUR for due in runs.dues] == [6, None]


def test_a_wait_is_cancelled_at_once() -> None:
    runs = Runs(iter([1]))

    async def cancelled() -> float:
        task = asyncio.create_task(repeat(runs, Every(timedelta(hours=6)), runs.clock))
        await asyncio.sleep(2 * HOUR)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        return runs.clock.now().ticks

    assert run_on_virtual_time(cancelled()) == 2 * HOUR


def test_after_an_hour_asleep_the_wait_is_at_most_a_minute_too_long() -> None:
    """The clock that includes sleep goes on; only the wait in progress does not know."""
    runs = Runs(iter([0]))
    slept = iter([5 * HOUR])

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds)
        runs.clock.now = lambda: _later(now(), lost)  # type: ignore[method-assign]

    now, lost = runs.clock.now, next(slept)
    runs.clock.sleep = sleep  # type: ignore[method-assign]

    async def until_due() -> float:
        with pytest.raises(Enough):
            await repeat(runs, Every(timedelta(hours=6)), runs.clock)
        return asyncio.get_running_loop().time()

    assert run_on_virtual_time(until_due()) == pytest.approx(HOUR, abs=60)


def _later(moment: Moment, seconds: float) -> Moment:
    return Moment(ticks=moment.ticks + seconds, wall=moment.wall + timedelta(seconds=seconds))
