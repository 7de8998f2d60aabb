"""Plain lines: one a minute while all is well, and one for everything that went wrong."""

from __future__ import annotations

import pytest

from smug2s3.reporting.lines import LineReporter
from smug2s3.reporting.progress import Progress


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def reporter(said: list[str]) -> LineReporter:
    return LineReporter(said.append, every=3600)


def test_while_all_is_well_nothing_is_said(reporter: LineReporter, said: list[str]) -> None:
    reporter.album("A", count=1, size=10)
    reporter.planned("A", count=1, files=1, size=10, skipped=0)
    reporter.started("A/x.jpg", 10)
    reporter.advanced("A/x.jpg", 10)
    reporter.moved("A/x.jpg", 10)
    assert said == []
    progress = reporter.progress
    assert (progress.files_moved, progress.bytes_moved, progress.items_done, progress.active) == (1, 10, 1, {})


def test_now_and_then_it_says_where_things_stand(said: list[str]) -> None:
    reporter = LineReporter(said.append, every=0)
    reporter.album("A", count=2, size=1000)
    assert said == ["0 of 2 items, 0 B of 1.0 kB, 0 B/s, 0 s so far"]


def test_failures_are_said_at_once_with_their_side_and_reason(reporter: LineReporter, said: list[str]) -> None:
    reporter.failed("A/x.jpg", "store", "it is full")
    reporter.unavailable("A/y.mp4", "still processing")
    reporter.note("hello")
    assert said == [
        "failed: A/x.jpg (store: it is full)",
        "not available: A/y.mp4 (still processing)",
        "note: hello",
    ]
    assert (reporter.progress.failed, reporter.progress.unavailable, reporter.progress.items_done) == (1, 1, 2)


def test_failures_are_counted_in_every_later_line(said: list[str]) -> None:
    reporter = LineReporter(said.append, every=0)
    reporter.failed("A/x.jpg", "store", "x")
    reporter.tick()
    assert said[-1].endswith(", 1 failed")


def test_no_name_can_drive_the_terminal(reporter: LineReporter, said: list[str]) -> None:
    reporter.failed("a\x1b[2J\nb", "store", "\u202e")
    assert said == ["failed: a\ufffd[2J\ufffdb (store: \ufffd)"]


def test_two_albums_of_one_path_are_both_expected_and_both_settled(reporter: LineReporter) -> None:
    reporter.album("Trip", count=10, size=100)
    reporter.album("Trip", count=20, size=200)
    reporter.planned("Trip", count=20, files=20, size=200, skipped=0)
    reporter.planned("Trip", count=10, files=10, size=100, skipped=0)
    progress: Progress = reporter.progress
    assert (progress.items_expected, progress.bytes_expected, progress.bytes_total) == (30, 0, 300)
