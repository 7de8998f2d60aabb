"""An event loop on which nobody waits: where nothing is left to do but to wait, its clock is put forward."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")


class _Forward(selectors.DefaultSelector):
    """Turns every wait into a step of the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._forward = _Forward()
        self.strikes: dict[int, Callable[[], object]] = {}
        self._steps = 0
        super().__init__(self._forward)

    def time(self) -> float:
        return self._forward.now

    def strike(self, after: int, what: Callable[[], object]) -> None:
        """Have ``what`` done between two of the loop's steps, so many from now."""
        self.strikes[self._steps + after] = what

    def _run_once(self) -> None:
        self._steps += 1
        self.strikes.pop(self._steps, str)()
        super()._run_once()  # type: ignore[misc]


def run_on_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``; its loop's clock begins at zero and hours of it take no time."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(work)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Some who share a thing, begun in this order; one of them is cancelled."""

    before: Sequence[Callable[[], Awaitable[object]]] = ()
    victim: Callable[[], Awaitable[object]]
    after: Sequence[Callable[[], Awaitable[object]]] = ()
    whole: Callable[[], Awaitable[object]]
    """Asserts that the thing is as if the victim had never been there."""


def cancelled_at_each_step(make: Callable[[], Scene], *, times: int = 1) -> int:
    """Play the scene anew for every step at which its victim can be cancelled; how many there were.

    ``times`` in a row, a step apart: whoever is in a hurry presses Ctrl-C once more.
    """
    for step in count():
        if not run_on_virtual_time(_cancelled_at(step, make, times)):
            return step
    raise AssertionError


async def _cancelled_at(step: int, make: Callable[[], Scene], times: int) -> bool:
    """Whether the victim was still there to be cancelled."""
    scene, loop = make(), asyncio.get_running_loop()
    assert isinstance(loop, _VirtualLoop)
    before, victim, after = _begun(scene.before), *_begun([scene.victim]), _begun(scene.after)
    struck: list[bool] = []
    for time in range(times):
        loop.strike(step + time + 1, lambda: struck.append(victim.cancel()))
    async with asyncio.timeout(3600):
        with suppress(asyncio.CancelledError):
            await victim
        await asyncio.gather(*before, *after)
        await scene.whole()
    assert victim.cancelled() == any(struck), "the cancellation was swallowed"
    return any(struck)


def _begun(works: Sequence[Callable[[], Awaitable[object]]]) -> list[asyncio.Task[None]]:
    async def run(work: Callable[[], Awaitable[object]]) -> None:
        await work()

    return [asyncio.create_task(run(work)) for work in works]
