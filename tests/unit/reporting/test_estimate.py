"""The time that is left: right in the end, never jumping, and said no more exactly than it is known."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from smug2s3.reporting.estimate import EARLY, Estimate, steady


class Work:
    """Something that gets done at a speed, looked at four times a second."""

    def __init__(self, total: float) -> None:
        self.now = 0.0
        self.done = 0.0
        self.total = total
        self.estimate = Estimate(lambda: self.now)

    def go_on(self, seconds: float, speed: float, unrest: float = 0.0) -> list[float | None]:
        """What is shown meanwhile; ``unrest`` is how much each quarter of a second may differ from the speed."""
        dice = random.Random(7)
        shown = []
        for _ in range(int(seconds * 4)):
            self.now += 0.25
            self.done += speed * 0.25 * dice.uniform(1 - unrest, 1 + unrest)
            shown.append(self.estimate.left(self.done, self.total - self.done))
        return shown


def test_nothing_is_said_before_there_is_something_to_go_by() -> None:
    work = Work(1000)
    assert set(work.go_on(100, 0)) == {None}
    assert set(work.go_on(EARLY - 1, 1)) == {None}
    assert work.go_on(5, 1)[-1] is not None


def test_a_steady_run_is_estimated_rightly_from_the_start() -> None:
    shown = [left for left in Work(3600).go_on(30, 1) if left is not None]
    assert set(shown) == {3600}


@pytest.mark.parametrize("unrest", [0.5, 1.0])
def test_an_unsteady_run_does_not_make_it_jump_about(unrest: float) -> None:
    work = Work(1800)
    work.go_on(60, 1, unrest)
    shown = [left for left in work.go_on(600, 1, unrest) if left is not None]
    rises = [after - before for before, after in pairwise(shown) if after > before]
    changes = sum(before != after for before, after in pairwise(shown))
    assert not rises
    assert 6 <= changes <= 12
    assert shown[-1] == pytest.approx(work.total - work.done, rel=0.2)


def test_when_the_line_becomes_slower_it_is_believed_within_minutes() -> None:
    work = Work(100_000)
    work.go_on(600, 10)
    shown = work.go_on(300, 1)
    assert shown[-1] == pytest.approx(work.total - work.done, rel=0.4)


def test_when_nothing_is_transferred_any_more_it_grows_instead_of_staying() -> None:
    work = Work(1000)
    before = work.go_on(60, 1)[-1]
    after = work.go_on(120, 0)[-1]
    assert before is not None
    assert after is not None
    assert after > 2 * before


@pytest.mark.parametrize(
    ("shown", "seconds", "then"),
    [
        pytest.param(None, 432, 420, id="minutes"),
        pytest.param(420, 390, 420, id="about right stays"),
        pytest.param(420, 370, 360, id="no longer right"),
        pytest.param(None, 42, 40, id="five seconds are enough below a minute"),
        pytest.param(None, 1, 5, id="never nothing"),
        pytest.param(None, 5000, 4800, id="ten minutes above an hour"),
        pytest.param(None, 100_000, 100_800, id="hours above ten"),
        pytest.param(None, 500_000, 496_800, id="a quarter of a day above two"),
    ],
)
def test_it_is_rounded_as_a_person_would_and_stays_while_about_right(
    shown: float | None, seconds: float, then: float
) -> None:
    assert steady(shown, seconds) == then
