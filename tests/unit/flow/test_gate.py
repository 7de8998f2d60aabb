"""The gate lets N in at a time, each a little after the one before, and can be closed for a while."""

from __future__ import annotations

import asyncio

import pytest

from smug2s3.flow.gate import Gate
from smug2s3.flow.together import together

CLOCK_RESOLUTION = 0.002


def in_order(times: list[float], start: float, spacing: float) -> bool:
    """Whether nobody came before his turn; a busy machine may well have kept some waiting longer."""
    return all(time - start >= turn * spacing - CLOCK_RESOLUTION for turn, time in enumerate(sorted(times)))


async def begun(gate: Gate, visitors: int, stay: float = 0.0) -> list[float]:
    """When each visitor got in."""
    clock = asyncio.get_running_loop().time
    times: list[float] = []

    async def visit() -> None:
        async with gate:
            times.append(clock())
            await asyncio.sleep(stay)

    await together(visit() for _ in range(visitors))
    return times


async def test_no_more_than_the_limit_are_inside_at_once() -> None:
    gate, inside, most = Gate(3), 0, 0

    async def visit() -> None:
        nonlocal inside, most
        async with gate:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await together(visit() for _ in range(10))
    assert most == 3


async def test_each_begins_at_least_the_spacing_after_the_one_before() -> None:
    start = asyncio.get_running_loop().time()
    assert in_order(await begun(Gate(10, 0.01), 4), start, 0.01)


async def test_a_closed_gate_lets_nobody_in_until_its_time_is_over() -> None:
    gate, start = Gate(10), asyncio.get_running_loop().time()
    gate.close_for(0.03)
    assert min(await begun(gate, 3)) - start >= 0.03 - CLOCK_RESOLUTION


async def test_those_who_wait_at_a_closed_gate_do_not_rush_in_together() -> None:
    gate, start = Gate(10, 0.01), asyncio.get_running_loop().time()
    gate.close_for(0.03)
    assert in_order(await begun(gate, 4), start + 0.03, 0.01)


async def test_a_gate_closed_while_somebody_waits_for_his_turn_keeps_him_out_too() -> None:
    gate, clock = Gate(10, 0.02), asyncio.get_running_loop().time
    start = clock()
    visits = asyncio.create_task(begun(gate, 2))
    await asyncio.sleep(0)
    gate.close_for(0.04)
    assert max(await visits) - start >= 0.04 - CLOCK_RESOLUTION


async def test_a_shorter_closing_does_not_open_a_gate_closed_for_longer() -> None:
    gate, start = Gate(1), asyncio.get_running_loop().time()
    gate.close_for(0.03)
    gate.close_for(0.001)
    assert min(await begun(gate, 1)) - start >= 0.03 - CLOCK_RESOLUTION


async def test_one_who_gives_up_waiting_leaves_his_place_to_others() -> None:
    gate = Gate(1)
    gate.close_for(0.03)
    waiting = asyncio.create_task(begun(gate, 1))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(await begun(gate, 1)) == 1


async def test_a_failure_inside_leaves_the_place_to_others() -> None:
    gate = Gate(1)
    with pytest.raises(ValueError, match="inside"):
        async with gate:
            raise ValueError("inside")
    assert len(await begun(gate, 1)) == 1
