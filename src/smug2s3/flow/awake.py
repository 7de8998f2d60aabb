"""An event loop whose clock includes the time that the computer sleeps.

With the ordinary clock, time-outs continue after waking, on connections that have long been dead.
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
        with suppress(AttributeError):  # Ctrl-C while it was being created
            super().__del__()


def sleepless_clock() -> Callable[[], float] | None:
    """A clock in seconds that includes sleep; ``None`` if the ordinary clock does, as on Windows."""
    number = getattr(time, "CLOCK_MONOTONIC" if sys.platform == "darwin" else "CLOCK_BOOTTIME", None)
    return None if number is None else partial(time.clock_gettime, number)


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, as of ``asyncio.run``."""
    clock = sleepless_clock()
    with asyncio.Runner(loop_factory=partial(_AwakeLoop, clock) if clock else None) as runner:
        return runner.run(work)
