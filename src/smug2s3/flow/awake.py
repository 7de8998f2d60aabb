"""An event loop whose clock goes on while the computer sleeps.

Elsewhere time-outs wait for as long again after waking, on connections that have long been dead.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class _AwakeLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Callable[[], float]) -> None:
        self.time = clock  # type: ignore[method-assign]
        super().__init__()

    def __del__(self) -> None:
        with suppress(AttributeError):  # Ctrl-C came while it was being made
            super().__del__()


def sleepless_clock() -> Callable[[], float] | None:
    """Seconds, those of sleep among them; ``None`` where the ordinary clock counts these already, as on Windows."""
    number = getattr(time, "CLOCK_MONOTONIC" if sys.platform == "darwin" else "CLOCK_BOOTTIME", None)
    return None if number is None else partial(time.clock_gettime, number)


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, as of ``asyncio.run``."""
    clock = sleepless_clock()
    with asyncio.Runner(loop_factory=partial(_AwakeLoop, clock) if clock else None) as runner:
        return runner.run(work)
