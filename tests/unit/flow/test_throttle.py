"""However many streams there are, together they pass no faster than allowed, and hardly slower."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from smug2s3.flow import throttle
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


def test_whoever_waits_shows_signs_of_life_so_that_no_watchdog_bites() -> None:
    signs: list[float] = []

    async def run() -> None:
        line = Throttle(lambda: 100.0)
        await asyncio.gather(drained(line, 1, 6_000, []), drained(line, 1, 1_000, signs))

    run_on_virtual_time(run())
    assert max(later - sooner for sooner, later in pairwise([0.0, *signs])) <= 2 * throttle.LOOK_AGAIN


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
