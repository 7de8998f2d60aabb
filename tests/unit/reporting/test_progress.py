"""One model of a run: counts, bytes, a rate that looks back a few seconds, and what is still to come."""

from __future__ import annotations

import pytest

from smug2s3.reporting.progress import LATELY, WINDOW, Progress


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
    progress.album("A", count=10, size=1000)
    assert (progress.items_expected, progress.bytes_total) == (10, 1000)
    progress.planned("A", count=8, files=5, size=400, skipped=3)
    assert (progress.items_expected, progress.items_done, progress.bytes_total) == (8, 3, 400)


def test_an_album_smugmug_does_not_count_is_expected_to_be_empty(progress: Progress) -> None:
    progress.album("A", count=None, size=None)
    assert (progress.albums, progress.items_expected, progress.bytes_total) == (1, 0, 0)


def test_two_albums_of_one_path_are_both_expected_and_both_listed(progress: Progress) -> None:
    progress.album("Trip", count=10, size=100)
    progress.album("Trip", count=20, size=200)
    progress.planned("Trip", count=20, files=20, size=200, skipped=0)
    progress.planned("Trip", count=10, files=10, size=100, skipped=0)
    assert (progress.items_expected, progress.bytes_total) == (30, 300)


def test_while_albums_are_still_being_found_the_account_is_as_large_as_smugmug_says(progress: Progress) -> None:
    progress.account("demo", items=1000)
    progress.album("A", count=100, size=5000)
    progress.planned("A", count=100, files=100, size=5000, skipped=0)
    assert (progress.items_total, progress.bytes_total) == (1000, 50_000)
    progress.walked()
    assert (progress.items_total, progress.bytes_total) == (100, 5000)


def test_more_items_than_smugmug_counts_are_no_surprise(progress: Progress) -> None:
    progress.account("demo", items=10)
    progress.album("A", count=100, size=0)
    assert progress.items_total == 100


def test_unlisted_albums_are_expected_to_be_like_those_listed_lately(progress: Progress) -> None:
    progress.account("demo", items=300 * LATELY)
    for number in range(100):
        progress.album(f"done {number}", count=LATELY, size=LATELY)
        progress.planned(f"done {number}", count=LATELY, files=0, size=0, skipped=LATELY)
    assert progress.bytes_left == pytest.approx(0, abs=1)
    for number in range(100):
        progress.album(f"new {number}", count=LATELY, size=LATELY)
        progress.planned(f"new {number}", count=LATELY, files=LATELY, size=LATELY, skipped=0)
    assert progress.bytes_left == pytest.approx(200 * LATELY)


def test_an_attempt_that_starts_over_takes_its_bytes_back(progress: Progress) -> None:
    progress.started("a", 100)
    progress.advanced("a", 60)
    progress.advanced("a", -60)
    progress.advanced("a", 100)
    assert (progress.bytes_passed, progress.active["a"].passed, progress.active["a"].share) == (100, 100, 1.0)


def test_bytes_of_a_file_nobody_shows_count_all_the_same(progress: Progress) -> None:
    progress.advanced("unknown", 5)
    assert (progress.bytes_passed, progress.active) == (5, {})


def test_a_file_on_its_way_counts_as_far_as_it_came(progress: Progress) -> None:
    progress.album("A", count=2, size=200)
    progress.planned("A", count=2, files=2, size=200, skipped=0)
    progress.started("A/a", 100)
    progress.advanced("A/a", 50)
    assert progress.share == pytest.approx(0.25, rel=0.1)
    progress.advanced("A/a", 50)
    assert progress.share < 0.5
    progress.moved("A/a", 100)
    assert (progress.share, progress.items_done, progress.active) == (0.5, 1, {})


def test_nobody_waits_for_bytes_of_a_file_that_failed(progress: Progress) -> None:
    progress.planned("A", count=2, files=2, size=200, skipped=0)
    progress.started("A/a", 100)
    progress.failed("A/a", "store", "it is full")
    assert (progress.bytes_left, progress.failures, progress.items_done) == (100, 1, 1)


def test_a_file_whose_size_was_not_known_is_counted_when_it_has_come(progress: Progress) -> None:
    progress.planned("A", count=1, files=1, size=0, skipped=0)
    progress.started("A/a", None)
    progress.advanced("A/a", 70)
    progress.moved("A/a", 70)
    assert (progress.bytes_planned, progress.bytes_total) == (70, 70)


def test_previews_are_work_until_they_are_done_and_their_bytes_are_those_that_came(progress: Progress) -> None:
    progress.album("A", count=1, size=100)
    progress.walked()
    progress.planned("A", count=1, files=0, size=0, skipped=1)
    assert progress.share == 1.0
    progress.previewing(3, 300)
    assert (progress.share, progress.bytes_total, progress.bytes_left) == (0.25, 300, 300)
    progress.started("a-S.jpg", 90)
    progress.advanced("a-S.jpg", 90)
    progress.previewed("a-S.jpg", 90)
    progress.preview_failed("b-S.jpg", "SmugMug", "gone")
    progress.preview_left("c-S.jpg")
    assert (progress.previews_done, progress.active, progress.share) == (3, {}, 1.0)
    assert (progress.bytes_total, progress.bytes_left, progress.files_moved) == (90, 0, 0)


def test_in_a_dry_run_what_was_listed_is_done(progress: Progress) -> None:
    progress.began("1a2b", "photos", dry_run=True)
    progress.album("A", count=4, size=10)
    progress.planned("A", count=4, files=3, size=10, skipped=1)
    assert (progress.items_done, progress.albums_done, progress.share) == (4, 1, 1.0)


def test_a_pause_passes(progress: Progress, clock: Clock) -> None:
    progress.paused(10)
    clock.now += 4
    assert progress.pause == 6
    clock.now += 60
    assert progress.pause == 0


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
    progress.planned("A", count=2, files=2, size=40_000_000, skipped=0)
    assert progress.seconds_left() is None
    for _ in range(10):
        clock.now += 1
        progress.advanced("A/a", 1_000_000)
        left = progress.seconds_left()
    assert left == 30
    clock.now += 1000
    progress.seconds_left()
    clock.now += WINDOW
    assert progress.seconds_left() is None
    progress.advanced("A/a", 30_000_000)
    progress.moved("A/a", 20_000_000)
    progress.moved("A/b", 20_000_000)
    assert progress.seconds_left() is None
