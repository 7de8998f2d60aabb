"""When the next run starts: `--every 6h` counts from the last start, `--at 03:00` follows the local clock."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from smug2s3.errors import UsageError
from smug2s3.rules.durations import read_duration

LEAST = timedelta(minutes=5)
"""Each run asks SmugMug for the whole folder tree."""

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time, by two clocks."""

    ticks: float
    """Seconds on a clock that nobody sets, and that includes the time the computer sleeps."""
    wall: datetime
    """What the computer's clock shows; with a time zone."""


class Schedule(Protocol):
    """Decides when runs start; no run starts before the previous one has ended."""

    def first(self, now: Moment) -> Moment:
        """When the first run starts."""

    def following(self, began: Moment, now: Moment) -> Moment:
        """When the next run starts, after one that ended now."""

    def left(self, due: Moment, now: Moment) -> float:
        """Seconds until ``due``; not positive if it is time. Ask again after a while, since clocks may be set."""


@dataclass(frozen=True, slots=True)
class Every:
    """At fixed intervals, however the computer's clock is set; starts missed by a long run are skipped."""

    interval: timedelta

    def first(self, now: Moment) -> Moment:
        """At once."""
        return now

    def following(self, began: Moment, now: Moment) -> Moment:
        """The next multiple of the interval after the last start."""
        seconds = self.interval.total_seconds()
        starts = math.floor((now.ticks - began.ticks) / seconds) + 1
        due = began.ticks + starts * seconds
        return Moment(ticks=due, wall=now.wall + timedelta(seconds=due - now.ticks))

    def left(self, due: Moment, now: Moment) -> float:
        """By the clock that nobody sets."""
        return due.ticks - now.ticks


@dataclass(frozen=True, slots=True)
class Daily:
    """Each time the local clock shows this time of day; when it is put back, the shorter wait counts."""

    at: time

    def first(self, now: Moment) -> Moment:
        """The next time."""
        return Moment(ticks=now.ticks, wall=next_at(self.at, now.wall))

    def following(self, began: Moment, now: Moment) -> Moment:  # noqa: ARG002 - what a long run missed is skipped
        """The next time after the run."""
        return self.first(now)

    def left(self, due: Moment, now: Moment) -> float:
        """By the computer's clock."""
        if now.wall >= due.wall:
            return 0.0
        return (min(due.wall, next_at(self.at, now.wall)) - now.wall).total_seconds()


def next_at(at: time, now: datetime) -> datetime:
    """The next time the local clock shows ``at``.

    Of a time that a day has twice (the clock is put back) it is the first one; a time that a day lacks (it is put
    forward) is taken as if it had not been, so an hour later on the clock.
    """
    today = now.astimezone().replace(tzinfo=None, fold=0)
    today = today.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    # not astimezone(): it takes a time that the day lacks for an hour earlier
    days = (datetime.fromtimestamp((today + timedelta(days=day)).timestamp(), UTC) for day in range(4))
    return next(moment for moment in days if moment > now)


def time_of_day(text: str) -> time | None:
    """Parse a time of day such as ``08:00``; ``None`` if it is not one."""
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def schedule(every: str | None, at: str | None) -> Schedule:
    """Parse --every or --at, one of which is given. Raises UsageError with valid examples."""
    if every is not None and at is not None:
        raise UsageError("--every and --at contradict each other", hint="Use one of them.")
    if every is not None:
        return _every(every)
    daily = time_of_day((at or "").strip())
    if daily is None:
        raise UsageError(f"--at {at!r} is not a time of day", hint="For example --at 03:00.")
    return Daily(daily)


def _every(text: str) -> Every:
    interval = read_duration(text.strip())
    if interval is None:
        raise UsageError(f"--every {text!r} is not a duration", hint="For example --every 6h, 90m or 1d.")
    if interval < LEAST:
        raise UsageError(
            f"--every {text} is too often: the least is 5m, since each run asks SmugMug for all folders and albums",
            hint="For example --every 6h.",
        )
    return Every(interval)
