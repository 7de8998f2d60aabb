"""When a run stops by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smug2s3.engine.run_limits import RunLimits
from smug2s3.engine.summary import Summary
from smug2s3.ports.mover import NotStarted
from tests.support.recorder import Recorder

EIGHT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def begins(stop: RunLimits, size: int | None) -> bool:
    """Whether a file of that size begins; it ends at once."""
    try:
        with stop.admit(size):
            return True
    except NotStarted:
        return False


def test_without_a_limit_nothing_ever_stops() -> None:
    stop = RunLimits(Summary(bytes=10**15), Recorder())

    assert begins(stop, 10**12)
    assert not stop.over


def test_when_the_time_has_come_it_is_said_once_and_stays_over() -> None:
    clock = [EIGHT - timedelta(seconds=1)]
    summary, reporter = Summary(), Recorder()
    stop = RunLimits(summary, reporter, until=EIGHT, clock=lambda: clock[0])

    assert (stop.over, summary.stopped, reporter.notes) == (False, "", [])
    clock[0] = EIGHT
    assert (stop.late, stop.over, summary.stopped) == (True, True, "until")
    clock[0] -= timedelta(hours=1)  # a clock set back does not start it again
    assert stop.over
    assert len(reporter.notes) == 1


@pytest.mark.parametrize(
    ("moved", "size", "begun", "stopped"),
    [
        pytest.param(0, 100, True, "", id="all of it at once"),
        pytest.param(60, 40, True, "", id="exactly what is left"),
        pytest.param(60, 41, False, "max-bytes", id="a byte more than is left"),
        pytest.param(100, 0, True, "", id="an empty file always"),
        pytest.param(0, 101, False, "", id="larger than all that may be moved: the run goes on without it"),
        pytest.param(99, None, True, "", id="unknown size while there is room"),
        pytest.param(100, None, False, "max-bytes", id="unknown size without room"),
    ],
)
def test_a_file_starts_if_it_fits_into_what_may_still_be_copied(
    moved: int, size: int | None, begun: bool, stopped: str
) -> None:
    summary = Summary(bytes=moved)
    stop = RunLimits(summary, Recorder(), max_bytes=100)

    assert begins(stop, size) is begun
    assert summary.stopped == stopped
    assert summary.left_too_large == (size == 101)


def test_files_under_way_count_until_they_have_failed() -> None:
    summary = Summary()
    stop = RunLimits(summary, Recorder(), max_bytes=100)

    with stop.admit(70):
        assert begins(stop, 30)
    assert begins(stop, 100)
    with stop.admit(70):
        assert not begins(stop, 31)
    assert stop.over
