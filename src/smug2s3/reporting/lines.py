"""Progress as plain lines, for cron and containers: each with the time, one a minute, and one per notable event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from smug2s3.reporting.amounts import amount, amounts, plural, roughly
from smug2s3.reporting.events import Event, Weight
from smug2s3.reporting.progress import Progress

EVERY = 60.0
"""Seconds between two lines while there are no problems."""


class Lines:
    """Writes events of at least weight ``least`` to ``say``, with the time if ``dated``."""

    def __init__(self, say: Callable[[str], None], *, least: Weight = Weight.STAGE, dated: bool = True) -> None:
        self._say = say
        self._least = least
        self._dated = dated
        self._zone = ""

    def on_event(self, event: Event) -> None:
        """One line, if it has enough weight."""
        if event.weight >= self._least:
            self.say(event.sentence)

    def say(self, text: str) -> None:
        """One line; the time zone is named at first, and again when it changes."""
        if not self._dated:
            self._say(text)
            return
        now = datetime.now().astimezone()
        zone = f" {now.tzname()}" if now.tzname() != self._zone else ""
        self._zone = now.tzname() or ""
        self._say(f"{now:%Y-%m-%d %H:%M:%S}{zone} {text}")


@asynccontextmanager
async def now_and_then(say: Callable[[str], None], progress: Progress, *, every: float = EVERY) -> AsyncIterator[None]:
    """Report progress at intervals while the block runs, also when nothing happens."""

    async def reporters() -> None:
        while True:
            await asyncio.sleep(every)
            say(progress_line(progress))

    task = asyncio.create_task(reporters())
    try:
        yield
    finally:
        task.cancel()


def progress_line(progress: Progress) -> str:
    """One line: progress, speed and time left."""
    left = progress.seconds_left()
    parts = [
        f"{progress.items_done:,} of {plural(progress.items_total, 'item')} ({progress.share:.0%})",
        amounts(progress.bytes_passed, progress.bytes_total),
        f"{amount(progress.rate())}/s",
        f"album {progress.albums_done:,} of {progress.albums:,}{'' if progress.all_found else '+'}",
    ]
    if progress.previews_planned:
        parts += [f"{progress.previews_done:,} of {plural(progress.previews_planned, 'preview')}"]
    parts += [f"{roughly(left)} left"] if left is not None else []
    parts += [f"{progress.failures:,} failed"] if progress.failures else []
    parts += [f"{progress.updates_failed:,} not updated"] if progress.updates_failed else []
    parts += [f"{progress.missing:,} not available"] if progress.missing else []
    parts += [progress.outage] if progress.outage else []
    parts += [f"rate limited for another {roughly(progress.pause)}"] if progress.pause else []
    parts += [plural(len(progress.crew), "worker")] if progress.crew else []
    silent = sum(worker.silent for worker in progress.crew)
    parts += [f"{silent:,} of them silent"] if silent else []
    return ", ".join(parts)
