"""So many files at once as the search found, and never more than it found last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from smug2s3.flow.adaptive_limit import LOOK_EVERY, AdaptiveLimiter
from tests.unit.flow.clock import run_on_virtual_time


async def crowd(limiter: AdaptiveLimiter, count: int, work: Callable[[int], float]) -> list[int]:
    """``count`` files, each taking as long as ``work`` says for so many at once; how many were under way each time."""
    under_way = 0
    seen: list[int] = []

    async def one() -> None:
        nonlocal under_way
        async with limiter.place():
            under_way += 1
            seen.append(under_way)
            await asyncio.sleep(work(under_way))
            under_way -= 1
            limiter.finished()

    async with limiter.adapting():
        await asyncio.gather(*(one() for _ in range(count)))
    return seen


def test_a_fixed_number_stays_fixed() -> None:
    seen = run_on_virtual_time(crowd(AdaptiveLimiter(start=5, lowest=5, highest=5), 500, lambda _: 0.5))
    assert max(seen) == 5


def test_while_more_at_once_bring_more_it_goes_up_to_the_bound() -> None:
    seen = run_on_virtual_time(crowd(AdaptiveLimiter(start=4, lowest=2, highest=32), 6_000, lambda _: 0.5))
    assert max(seen) == 32
    assert seen[:4] == [1, 2, 3, 4]


def test_where_more_bring_nothing_it_stays_near_the_start() -> None:
    seen = run_on_virtual_time(crowd(AdaptiveLimiter(start=8, lowest=2, highest=64), 3_000, lambda many: many * 0.05))
    assert max(seen) <= 12


def test_an_overburdened_side_gets_fewer_and_those_under_way_end_in_peace() -> None:
    limiter = AdaptiveLimiter(start=20, lowest=2, highest=64)

    def work(many: int) -> float:
        if many > 6:
            limiter.trouble()
        return 0.5

    seen = run_on_virtual_time(crowd(limiter, 4_000, work))
    assert max(seen) == 20
    assert sum(seen[-2000:]) / 2000 <= 7
    assert limiter.limit < 12


def test_a_stray_trouble_among_many_files_changes_nothing() -> None:
    limiter = AdaptiveLimiter(start=20, lowest=2, highest=20)
    count = 0

    def work(_many: int) -> float:
        nonlocal count
        count += 1
        if count % 40 == 0:
            limiter.trouble()
        return 0.5

    seen = run_on_virtual_time(crowd(limiter, 2_000, work))
    assert limiter.limit == 20
    assert max(seen) == 20


def test_one_that_is_given_up_while_it_waits_takes_no_place() -> None:
    async def run() -> int:
        limiter = AdaptiveLimiter(start=1, lowest=1, highest=1)
        entered = 0

        async def one(seconds: float) -> None:
            nonlocal entered
            async with limiter.place():
                entered += 1
                await asyncio.sleep(seconds)

        first, given_up, last = (asyncio.create_task(one(seconds)) for seconds in (LOOK_EVERY, 1.0, 1.0))
        await asyncio.sleep(0.1)
        given_up.cancel()
        await asyncio.gather(first, last)
        return entered

    assert run_on_virtual_time(run()) == 2


def test_a_changed_limit_applies_at_once() -> None:
    async def most(limiter: AdaptiveLimiter, wanted: int) -> int:
        limiter.allow(wanted)
        return max(await crowd(limiter, 200, lambda _: 0.5))

    async def one_after_the_other() -> list[int]:
        limiter = AdaptiveLimiter.up_to(None)
        return [await most(limiter, wanted) for wanted in (3, 6, 1)]

    assert run_on_virtual_time(one_after_the_other()) == [3, 6, 1]
