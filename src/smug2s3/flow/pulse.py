"""Signs of life of somebody who waits for what is nobody's fault, so that no watchdog takes that for silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY = 1.0
"""Seconds between two signs."""

LATE = 30.0
"""By so many seconds late a sign is not given: this computer slept, and what was on its way before is better begun anew."""


@contextmanager
def pulse(alive: Callable[[], None] | None) -> Iterator[None]:
    """``alive`` is called every now and then while the block lasts."""
    if alive is None:
        yield
        return
    loop = asyncio.get_running_loop()
    handle: asyncio.TimerHandle

    def beat() -> None:
        nonlocal handle
        if loop.time() - handle.when() < LATE:
            alive()
        handle = loop.call_later(EVERY, beat)

    handle = loop.call_later(EVERY, beat)
    try:
        yield
    finally:
        handle.cancel()
