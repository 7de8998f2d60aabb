"""The clock of the program's event loop goes on while the computer sleeps, so that waking ends what is long overdue."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest

from smug2s3.flow import awake


class Sleeper:
    """A clock that can be put forward, as a sleep puts that of the wall."""

    slept = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.slept


def test_what_is_overdue_after_a_sleep_ends_at_waking(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Sleeper()
    monkeypatch.setattr(awake, "sleepless_clock", lambda: clock)

    async def work() -> None:
        async with asyncio.timeout(3600):
            await asyncio.sleep(0.01)
            clock.slept = 7200.0
            await asyncio.Event().wait()

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        awake.run(work())
    assert time.monotonic() - began < 600


@pytest.mark.skipif(sys.platform == "win32", reason="there the ordinary clock counts sleep by itself")
def test_this_system_has_a_clock_that_counts_sleep() -> None:
    clock = awake.sleepless_clock()
    assert clock is not None
    before = clock()
    time.sleep(0.01)
    assert 0.01 <= clock() - before < 60


def test_where_there_is_none_the_ordinary_loop_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awake, "sleepless_clock", lambda: None)

    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    assert awake.run(work()) == "done"


def test_a_failure_comes_out_as_itself() -> None:
    async def work() -> None:
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        awake.run(work())


def test_a_loop_that_ctrl_c_left_half_made_goes_quietly() -> None:
    half_made = awake._AwakeLoop.__new__(awake._AwakeLoop)
    half_made._closed = False  # type: ignore[attr-defined]
    half_made.__del__()
