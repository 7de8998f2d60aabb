"""Work side by side ends together; the first failure comes out as itself."""

from __future__ import annotations

import asyncio

import pytest

from smug2s3.errors import SourceBusy, StoreBusy
from smug2s3.flow.together import task_group, together


async def after(turns: int, result: int | Exception) -> int:
    for _ in range(turns):
        await asyncio.sleep(0)
    if isinstance(result, Exception):
        raise result
    return result


async def test_results_come_in_the_order_given_whichever_is_first() -> None:
    assert await together([after(3, 1), after(0, 2), after(1, 3)]) == [1, 2, 3]


async def test_nothing_to_do_is_done() -> None:
    assert await together([]) == []


async def test_the_first_failure_comes_out_alone_and_unchanged() -> None:
    first = SourceBusy("first")
    with pytest.raises(SourceBusy) as caught:
        await together([after(5, 1), after(1, first), after(2, StoreBusy("second"))])
    assert caught.value is first


async def test_a_failure_keeps_its_cause() -> None:
    async def fails() -> int:
        raise ValueError("ours") from KeyError("theirs")

    with pytest.raises(ValueError, match="ours") as raised:
        await together([fails()])
    assert isinstance(raised.value.__cause__, KeyError)


async def test_a_failure_stops_the_others() -> None:
    stopped = asyncio.Event()

    async def patient() -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise
        return 0

    with pytest.raises(SourceBusy):
        await together([patient(), after(1, SourceBusy("x"))])
    assert stopped.is_set()


async def test_a_failure_deep_inside_comes_out_alone() -> None:
    with pytest.raises(SourceBusy):
        await together([together([together([after(1, SourceBusy("deep"))])])])


async def test_a_failure_of_the_block_itself_comes_out_alone_and_stops_its_tasks() -> None:
    tasks: list[asyncio.Task[bool]] = []

    async def block() -> None:
        async with task_group() as group:
            tasks.append(group.create_task(asyncio.Event().wait()))
            await asyncio.sleep(0)
            raise ValueError("block")

    with pytest.raises(ValueError, match="block"):
        await block()
    assert tasks[0].cancelled()


async def test_a_cancellation_from_outside_stays_a_cancellation() -> None:
    work = asyncio.create_task(together([after(10**6, 1)]))
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
