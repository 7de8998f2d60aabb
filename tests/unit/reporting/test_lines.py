"""Plain lines: the time and a sentence; one now and then while completed, and one for everything that matters."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import pytest

from smug2s3.ports.reporter import WorkerState
from smug2s3.reporting.events import EventReporter, Weight
from smug2s3.reporting.lines import Lines, now_and_then, progress_line
from smug2s3.reporting.progress import Progress


def told(reporter: EventReporter) -> None:
    """A small run with a bit of everything."""
    reporter.began("1a2b", "photos at AWS", dry_run=False)
    reporter.account("demo", items=3)
    reporter.moved("A/x.jpg", 10)
    reporter.retried("A/y.jpg", "store", "it is busy")
    reporter.paused(61)
    reporter.note("hello")
    reporter.failed("A/y.jpg", "store", "it is full")
    reporter.unavailable("A/z.mp4", "still processing")
    reporter.ended({}, "not complete")


START = "started: copying SmugMug account demo (3 items) to photos at AWS"
PAUSE = "note: rate limited by SmugMug: API paused for 1 min 01 s, transfers continue"
TROUBLES = ["failed: A/y.jpg (storage: it is full)", "not available: A/z.mp4 (still processing)"]


@pytest.mark.parametrize(
    ("least", "lines"),
    [
        pytest.param(
            Weight.DETAIL,
            ["run 1a2b started", START, "copied: A/x.jpg (10 B)", "retrying: A/y.jpg (storage: it is busy)", PAUSE,
             "note: hello", *TROUBLES, "ended: not complete"],
            id="verbose",
        ),
        pytest.param(Weight.STAGE, [START, PAUSE, "note: hello", *TROUBLES, "ended: not complete"], id="usual"),
        pytest.param(Weight.NOTE, [START, PAUSE, "note: hello", *TROUBLES], id="on a terminal"),
        pytest.param(Weight.TROUBLE, TROUBLES, id="quiet"),
    ],
)  # fmt: skip
def test_as_much_is_said_as_was_asked_for(least: Weight, lines: list[str]) -> None:
    said: list[str] = []
    told(EventReporter(Lines(said.append, least=least, dated=False).on_event))
    assert said == lines


def test_each_line_has_the_time_before_it() -> None:
    said: list[str] = []
    told(EventReporter(Lines(said.append).on_event))
    first, *others = said
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC [a-z]", first)  # the zone is named once
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [a-z]", line) for line in others)


def test_no_name_can_drive_the_terminal() -> None:
    said: list[str] = []
    EventReporter(Lines(said.append, dated=False).on_event).failed("a\x1b[2J\nb", "store", "\u202e")
    assert said == ["failed: a\ufffd[2J\ufffdb (storage: \ufffd)"]


async def test_now_and_then_it_says_where_things_stand_even_when_nothing_happens() -> None:
    said: list[str] = []
    progress = Progress()
    async with asyncio.timeout(10), now_and_then(said.append, progress, every=0.001):
        while len(said) < 2:
            await asyncio.sleep(0)
    assert said[0] == progress_line(progress)


def test_where_things_stand_is_one_line() -> None:
    progress = Progress(clock=lambda: 0.0)
    assert progress_line(progress) == "0 of 0 items (0%), 0 of 0 B, 0 B/s, album 0 of 0+"
    progress.album("A", count=4, size=4000)
    progress.planned("A", count=4, files=4, size=4000, skipped=0)
    progress.walked()
    progress.started("A/x.jpg", 1000)
    progress.advanced("A/x.jpg", 1000)
    progress.moved("A/x.jpg", 1000)
    progress.failed("A/y.jpg", "store", "x")
    progress.unavailable("A/z.jpg", "x")
    progress.settled("A", complete=True)
    progress.paused(300)
    assert progress_line(progress) == (
        "3 of 4 items (75%), 1.0 of 4.0 kB, 0 B/s, album 1 of 1, 1 failed, 1 not available, "
        "rate limited for another 5 min"
    )


def test_where_things_stand_says_who_is_away() -> None:
    progress = Progress(clock=lambda: 0.0)
    progress.away("the store", datetime(2026, 11, 21, 14, 3, tzinfo=UTC), "x", 3600.0)
    progress.away("SmugMug", datetime(2026, 11, 21, 14, 2, tzinfo=UTC), "x", 3600.0)
    assert progress_line(progress).endswith("album 0 of 0+, storage and SmugMug unreachable since 14:02")
    progress.back("SmugMug", 60.0)
    assert progress_line(progress).endswith("album 0 of 0+, storage unreachable since 14:03")
    progress.back("the store", 60.0)
    assert progress_line(progress).endswith("album 0 of 0+")


def test_the_progress_line_counts_the_workers() -> None:
    progress = Progress(clock=lambda: 0.0)
    progress.workers([WorkerState(str(n), 0.0, 0, 0, 0, n == 1, 0) for n in range(3)])
    assert progress_line(progress).endswith("3 workers, 1 of them silent")
