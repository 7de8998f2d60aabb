"""An event loop on which nobody waits: where nothing is left to do but to wait, its clock is put forward."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
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
        super().__init__(self._forward)

    def time(self) -> float:
        return self._forward.now


def run_on_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``; its loop's clock begins at zero and hours of it take no time."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(work)
