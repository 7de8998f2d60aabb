"""One model of a run: counts, bytes and a rate that looks back a few seconds."""

from __future__ import annotations

import pytest

from smug2s3.reporting.progress import WINDOW, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress(clock=clock)


def test_what_an_album_was_expected_to_hold_gives_way_to_what_it_holds(progress: Progress) -> None:
    progress.album(10, 1000)
    assert (progress.items_expected, progress.bytes_total) == (10, 1000)
    progress.planned((10, 1000), count=8, files=5, size=400, skipped=3)
    assert (progress.items_expected, progress.items_done, progress.bytes_total) == (8, 3, 400)


def test_an_album_smugmug_does_not_count_is_expected_to_be_empty(progress: Progress) -> None:
    progress.album(None, None)
    assert (progress.albums, progress.items_expected, progress.bytes_expected) == (1, 0, 0)


def test_an_attempt_begun_anew_takes_its_bytes_back(progress: Progress) -> None:
    progress.active["a"] = [0, 100]
    progress.advanced("a", 60)
    progress.advanced("a", -60)
    progress.advanced("a", 100)
    assert (progress.bytes_passed, progress.active["a"]) == (100, [100, 100])


def test_bytes_of_a_file_nobody_shows_count_all_the_same(progress: Progress) -> None:
    progress.advanced("unknown", 5)
    assert (progress.bytes_passed, progress.active) == (5, {})


def test_the_rate_is_of_the_last_moments(progress: Progress, clock: Clock) -> None:
    assert progress.rate() == 0.0
    for _ in range(40):
        clock.now += 1
        progress.advanced("a", 1000)
        fast = progress.rate()
    assert fast == pytest.approx(1000)
    clock.now += WINDOW
    progress.rate()
    clock.now += 2 * WINDOW
    assert progress.rate() == 0.0


def test_the_rate_never_goes_below_nothing(progress: Progress, clock: Clock) -> None:
    progress.advanced("a", 1000)
    progress.rate()
    clock.now += 1
    progress.advanced("a", -1000)
    assert progress.rate() == 0.0


def test_the_time_left_is_only_said_when_something_sensible_can_be(progress: Progress, clock: Clock) -> None:
    progress.planned((0, 0), count=1, files=1, size=1000, skipped=0)
    assert progress.seconds_left(100.0) is None
    clock.now += 5
    assert progress.seconds_left(100.0) == 10.0
    assert progress.seconds_left(0.0) is None
    progress.advanced("a", 1000)
    assert progress.seconds_left(100.0) is None
