"""A budget never lends more than it has, and everything comes back."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.flow.budget import Budget
from smug2s3.flow.together import together


@given(st.integers(1, 10), st.lists(st.integers(0, 15), max_size=12))
def test_whatever_is_wished_for_no_more_is_lent_than_there_is_and_everybody_is_served(
    total: int, options: list[int]
) -> None:
    lent = most = served = 0

    async def work(budget: Budget, wish: int) -> None:
        nonlocal lent, most, served
        async with budget.borrow(wish):
            lent += min(wish, total)
            most = max(most, lent)
            await asyncio.sleep(0)
            lent -= min(wish, total)
            served += 1

    async def main() -> None:
        budget = Budget(total)
        await together(work(budget, wish) for wish in options)

    asyncio.run(main())
    assert most <= total
    assert served == len(options)


async def test_a_wish_above_all_there_is_is_served_alone() -> None:
    budget = Budget(10)
    async with budget.borrow(1_000):
        other = asyncio.create_task(_borrow(budget, 1))
        await asyncio.sleep(0.001)
        assert not other.done()
    await other


async def test_what_was_lent_comes_back_after_a_failure() -> None:
    budget = Budget(10)
    with pytest.raises(ValueError, match="inside"):
        async with budget.borrow(10):
            raise ValueError("inside")
    await _borrow(budget, 10)


async def test_one_who_gives_up_waiting_took_nothing() -> None:
    budget = Budget(10)
    async with budget.borrow(10):
        waiting = asyncio.create_task(_borrow(budget, 5))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await _borrow(budget, 10)


async def test_one_who_is_cancelled_while_holding_gives_back() -> None:
    budget = Budget(10)
    holding = asyncio.create_task(_hold(budget, 10))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(_borrow(budget, 10))
    await asyncio.sleep(0)
    holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holding
    await waiting


async def _borrow(budget: Budget, amount: int) -> None:
    async with asyncio.timeout(1), budget.borrow(amount):
        pass


async def _hold(budget: Budget, amount: int) -> None:
    async with budget.borrow(amount):
        await asyncio.Event().wait()
