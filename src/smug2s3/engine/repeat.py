"""Runs a job at its times for ever, one run after the other."""

from __future__ import annotations

from typing import NoReturn, Protocol

from smug2s3.errors import Smug2s3Error
from smug2s3.rules.schedule import Moment, Schedule

STEP = 60.0
"""Seconds after which a wait looks at the clocks again: they may have been set, or the computer have slept."""


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> Moment:
        """The time by both clocks."""

    async def sleep(self, seconds: float) -> None:
        """Wait this long."""


class Job(Protocol):
    """What is done again and again."""

    def waits(self, due: Moment) -> None:
        """Nothing runs until ``due``."""

    async def run(self) -> Smug2s3Error | None:
        """One run; returns what stopped it."""

    async def ran(self, due: Moment | None) -> None:
        """The run is over; the next one starts at ``due``, if there is one."""


async def repeat(job: Job, schedule: Schedule, clock: Clock) -> NoReturn:
    """Run ``job`` until an error that no later run can change; raises that error. Runs never overlap."""
    due = schedule.first(clock.now())
    while True:
        job.waits(due)
        while (seconds := schedule.left(due, clock.now())) > 0:
            await clock.sleep(min(seconds, STEP))
        began = clock.now()
        error = await job.run()
        if error and error.lasting:
            await job.ran(None)
            raise error
        due = schedule.following(began, clock.now())
        await job.ran(due)
