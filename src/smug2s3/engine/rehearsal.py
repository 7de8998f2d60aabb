"""Carries nothing: a dry run counts what the Carrier would do with the same jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smug2s3.engine.jobs import Job
from smug2s3.engine.stop import NotBegun, Stop
from smug2s3.models import Entry, Listing, Summary
from smug2s3.rules.plan import Action, Step


class Rehearsal:
    """Takes the Carrier's place."""

    def __init__(self, stop: Stop, summary: Summary) -> None:
        self._stop = stop
        self._summary = summary

    async def expect(self, listing: Listing, known: Mapping[str, Entry], todo: Sequence[Step]) -> None:
        """Nothing is written down."""

    async def carry(self, job: Job) -> None:
        """Count one job."""
        if job.step is None:
            return
        if self._stop.over:
            job.leave(self._summary)
        elif job.step.action is Action.MOVE:
            self._move(job, job.step)
        elif job.step.action is Action.UNAVAILABLE:
            self._summary.unavailable += 1

    def _move(self, job: Job, step: Step) -> None:
        try:
            with self._stop.room(step.asset.size):
                self._summary.moved += 1
                self._summary.unsized += step.asset.size is None
                self._summary.bytes += step.asset.size or 0
        except NotBegun:
            job.leave(self._summary)
