"""Whoever is cancelled, at whichever step, takes nothing along and leaves nothing shut: the others get through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError

from smug2s3.errors import SourceBusy, SourceUnreachable, StoreBusy
from smug2s3.flow.adaptive_limit import AdaptiveLimiter
from smug2s3.flow.budget import Budget
from smug2s3.flow.gate import Gate
from smug2s3.flow.keyed_lock import KeyedLock
from smug2s3.flow.outage import SMUGMUG, Side, Waits
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.flow.throttle import Throttle
from smug2s3.flow.together import task_group, together
from smug2s3.ports.reporter import Reporter
from smug2s3.stores.control import Control
from tests.unit.flow.clock import Scene, cancelled_at_each_step

Entry = Callable[[], AbstractAsyncContextManager[None] | Gate]


async def stay(enter: Entry, seconds: float = 1.0) -> None:
    async with enter():
        await asyncio.sleep(seconds)


async def room(enter: Entry) -> int:
    """How many get in together."""
    inside = 0

    async def hold() -> None:
        nonlocal inside
        async with enter():
            inside += 1
            await asyncio.Event().wait()

    holding = [asyncio.create_task(hold()) for _ in range(20)]
    await asyncio.sleep(100)
    for task in holding:
        task.cancel()
    await asyncio.wait(holding)
    return inside


async def has_room(enter: Entry, expected: int) -> None:
    assert await room(enter) == expected


def budget() -> Scene:
    lent = Budget(10)
    return Scene(
        before=[partial(stay, partial(lent.borrow, 6))],
        victim=partial(stay, partial(lent.borrow, 6)),
        after=[partial(stay, partial(lent.borrow, 4)), partial(stay, partial(lent.borrow, 99))],
        whole=partial(has_room, partial(lent.borrow, 1), 10),
    )


def places() -> Scene:
    limiter = AdaptiveLimiter(start=3, lowest=1, highest=6)

    async def files() -> None:
        async with limiter.adapting():
            limiter.trouble()
            limiter.trouble()  # so that there are fewer places while all are taken
            await together(stay(limiter.place, 2.5) for _ in range(6))

    async def whole() -> None:
        await together(stay(limiter.place) for _ in range(6))
        await has_room(limiter.place, limiter.limit)

    return Scene(before=[files], victim=partial(stay, limiter.place), after=[partial(stay, limiter.place)], whole=whole)


def all_places() -> Scene:
    limiter = AdaptiveLimiter(start=2, lowest=1, highest=4)

    async def files() -> None:
        async with limiter.adapting():
            await together(stay(limiter.place, 1.5) for _ in range(4))

    async def whole() -> None:
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await has_room(limiter.place, limiter.limit)

    return Scene(victim=files, whole=whole)


def gate(spacing: float) -> Scene:
    entry = Gate(2, spacing)
    clock = asyncio.get_running_loop().time
    begun = [clock()]

    async def visit() -> None:
        async with entry:
            begun.append(clock())
            await asyncio.sleep(1)

    async def whole() -> None:
        assert all(later - sooner <= spacing + 2 for sooner, later in pairwise(begun))
        await has_room(lambda: entry, 2)

    return Scene(before=[visit, visit], victim=visit, after=[visit], whole=whole)


def throttle() -> Scene:
    line = Throttle(lambda: 1000.0)
    clock = asyncio.get_running_loop().time

    async def file(size: int) -> None:
        stream = CheckedStream(line.slowed(_chunks(3, size), str), size=None, md5=None)  # type: ignore[arg-type]
        async with Watchdog(60, lambda: "source") as watchdog:
            stream.alive = watchdog.progress
            async for _ in stream:
                pass

    async def whole() -> None:
        began = clock()
        await file(100)
        assert clock() - began <= 1

    return Scene(before=[partial(file, 500)], victim=partial(file, 700), after=[partial(file, 500)], whole=whole)


async def _chunks(number: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield bytes(size)


def turns() -> Scene:
    names = KeyedLock()

    async def whole() -> None:
        assert not names.of("image").locked()
        assert not list(names._locks)

    work = partial(stay, partial(names.of, "image"))
    return Scene(before=[work], victim=work, after=[work], whole=whole)


class Away:
    """One of SmugMug's hosts that answers again when it has been asked a few times."""

    def __init__(self) -> None:
        self.questions = 4
        self.side = Side("SmugMug", SMUGMUG, self._ask, waits=Waits(), listener=Reporter())
        self.side.answered()

    async def _ask(self) -> None:
        await asyncio.sleep(0.2)
        self.questions -= 1
        if self.questions > 0:
            raise SourceUnreachable("nobody there")

    async def call(self) -> None:
        await asyncio.sleep(0.1)
        if self.questions > 0:
            raise SourceBusy("503")

    async def whole(self) -> None:
        assert not self.side.away
        async with asyncio.timeout(1):
            await self.side.there()
            await retry(RetryPolicy(attempts=1), self.call, side=self.side)


def outage() -> Scene:
    host = Away()
    ask = partial(retry, RetryPolicy(attempts=2), host.call, side=host.side)

    async def whole() -> None:
        await ask()
        await host.whole()

    return Scene(before=[ask], victim=ask, after=[ask, host.side.there], whole=whole)


def outage_alone() -> Scene:
    host = Away()
    ask = partial(retry, RetryPolicy(attempts=1), host.call, side=host.side)

    async def whole() -> None:
        await ask()
        await host.whole()

    return Scene(victim=ask, whole=whole)


def control() -> Scene:
    async def question() -> None:
        await asyncio.sleep(1)
        raise StoreBusy("503")

    control = Control(question)

    async def judged() -> None:
        assert isinstance(await control.judged(_denied(), "x"), StoreBusy)

    return Scene(before=[judged], victim=judged, after=[judged], whole=judged)


def _denied() -> Exception:
    denied: Exception = ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
    return denied


def groups() -> Scene:
    async def family() -> None:
        async with task_group() as group:
            group.create_task(together(asyncio.sleep(second) for second in range(3)))
            await asyncio.sleep(1.5)

    async def whole() -> None:
        assert asyncio.all_tasks() == {asyncio.current_task()}

    return Scene(victim=family, whole=whole)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("scene", "least"),
    [
        pytest.param(budget, 3, id="a budget"),
        pytest.param(places, 3, id="places for files"),
        pytest.param(all_places, 5, id="all places and the search for their number"),
        pytest.param(partial(gate, 0.0), 3, id="a gate"),
        pytest.param(partial(gate, 30.0), 4, id="a gate with seconds between"),
        pytest.param(throttle, 8, id="a throttled line"),
        pytest.param(turns, 3, id="turns"),
        pytest.param(outage, 10, id="an outage that several wait for"),
        pytest.param(outage_alone, 10, id="an outage that one waits for"),
        pytest.param(control, 2, id="a control request"),
        pytest.param(groups, 3, id="groups of tasks"),
    ],
)
def test_one_who_is_cancelled_at_any_step_takes_nothing_along(
    scene: Callable[[], Scene], least: int, times: int
) -> None:
    assert cancelled_at_each_step(scene, times=times) >= least
