"""However many streams there are, together they pass no faster than allowed, and hardly slower."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from smug2s3.errors import Smug2s3Error, SourceUnreachable
from smug2s3.flow import pulse, throttle
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.flow.throttle import Throttle
from tests.unit.flow.clock import run_on_virtual_time

MIB = 1024 * 1024


async def chunks(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield bytes(size)


async def drained(line: Throttle, count: int, size: int, signs: list[float]) -> None:
    clock = asyncio.get_running_loop().time
    async for _ in line.slowed(chunks(count, size), lambda: signs.append(clock())):
        pass


@pytest.mark.parametrize("streams", [1, 20])
@pytest.mark.parametrize("size", [1_000, 256 * 1024])
def test_a_limit_holds_within_five_percent_for_all_streams_together(streams: int, size: int) -> None:
    rate, count = 2 * MIB, -(-8 * MIB // size // 20) * 20 // streams

    async def run() -> float:
        line = Throttle(lambda: rate)
        await asyncio.gather(*(drained(line, count, size, []) for _ in range(streams)))
        return asyncio.get_running_loop().time()

    expected = streams * count * size / rate
    assert run_on_virtual_time(run()) == pytest.approx(expected, rel=0.05)


def test_without_a_limit_nothing_waits() -> None:
    async def run() -> float:
        await drained(Throttle(lambda: None), 100, MIB, [])
        return asyncio.get_running_loop().time()

    assert run_on_virtual_time(run()) == 0.0


def test_a_new_limit_holds_within_a_second_also_for_those_who_wait() -> None:
    async def run() -> float:
        clock = asyncio.get_running_loop().time
        line = Throttle(lambda: 100.0 if clock() < 10 else None)
        await asyncio.gather(*(drained(line, 5, 10_000, []) for _ in range(3)))
        return clock()

    assert run_on_virtual_time(run()) <= 10 + 2 * throttle.LOOK_AGAIN


def test_a_wait_shows_signs_of_life_so_that_no_watchdog_ends_it() -> None:
    signs: list[float] = []

    async def run() -> None:
        line = Throttle(lambda: 100.0)
        await asyncio.gather(drained(line, 1, 6_000, []), drained(line, 1, 1_000, signs))

    run_on_virtual_time(run())
    assert max(later - sooner for sooner, later in pairwise([0.0, *signs])) <= 2 * pulse.EVERY


def test_one_that_is_given_up_while_it_waits_leaves_the_line() -> None:
    async def run() -> float:
        line = Throttle(lambda: 1_000.0)
        first = asyncio.create_task(drained(line, 1, 5_000, []))
        given_up = asyncio.create_task(drained(line, 1, 50_000, []))
        last = asyncio.create_task(drained(line, 1, 1_000, []))
        await asyncio.sleep(1)
        given_up.cancel()
        await asyncio.gather(first, last)
        return asyncio.get_running_loop().time()

    assert run_on_virtual_time(run()) == pytest.approx(6.0, abs=0.3)


@pytest.mark.parametrize("turns", range(12))
def test_one_that_is_given_up_just_when_its_turn_comes_does_not_close_the_line(turns: int) -> None:
    async def run() -> float:
        line = Throttle(lambda: 1_000.0)
        first = asyncio.create_task(drained(line, 1, 1_000, []))
        given_up = asyncio.create_task(drained(line, 1, 5_000, []))
        await asyncio.sleep(0)
        last = asyncio.create_task(drained(line, 1, 1_000, []))
        await first
        for _ in range(turns):
            await asyncio.sleep(0)
        given_up.cancel()
        async with asyncio.timeout(60):
            await last
        return asyncio.get_running_loop().time()

    assert run_on_virtual_time(run()) <= 8


class Line:
    """Files that move over one throttled line; what was open before the computer slept is dead after it."""

    def __init__(self, *, sleeps_at: float, sleeps: float) -> None:
        self.throttle = Throttle(lambda: 100_000.0)
        self.passed: list[float] = []
        self._sleep = (sleeps_at, sleeps)
        self._woke = False

    async def _source(self) -> AsyncIterator[bytes]:
        opened_asleep = self._woke
        for _ in range(20):
            if opened_asleep is not self._woke:
                await asyncio.Event().wait()  # nobody will ever send anything over this connection
            await asyncio.sleep(0.1)
            yield bytes(30_000)

    async def _file(self) -> None:
        async with Watchdog(60, lambda: "source") as watchdog:
            chunks = self.throttle.slowed(self._source(), lambda: stream.alive())  # noqa: PLW0108 - bound later
            stream = CheckedStream(chunks, size=None, md5=None)
            stream.alive = watchdog.progress
            async for _ in stream:
                self.passed.append(asyncio.get_running_loop().time())

    async def _nap(self) -> None:
        at, seconds = self._sleep
        await asyncio.sleep(at)
        self._woke = True
        asyncio.get_running_loop()._forward.now += seconds  # type: ignore[attr-defined]

    async def run(self) -> list[Smug2s3Error]:
        """Twenty files, begun anew as the program does; what had to be tried again."""
        again: list[Smug2s3Error] = []
        policy = RetryPolicy(attempts=4, first_wait=1.0)
        await asyncio.gather(self._nap(), *(retry(policy, self._file, again.append) for _ in range(20)))
        return again


@pytest.mark.parametrize("sleeps_at", [0.05, 3.3, 17.77, 40.0, 90.0])
@pytest.mark.parametrize("sleeps", [300.0, 30_000.0])
def test_after_a_sleep_bytes_pass_again_within_seconds_and_every_file_gets_through(
    sleeps_at: float, sleeps: float
) -> None:
    line = Line(sleeps_at=sleeps_at, sleeps=sleeps)

    again = run_on_virtual_time(line.run())

    assert all(isinstance(error, SourceUnreachable) for error in again)
    after = [moment for moment in line.passed if moment > sleeps_at]
    assert after[0] - (sleeps_at + sleeps) < 10
    assert max(later - sooner for sooner, later in pairwise(after)) < 10
