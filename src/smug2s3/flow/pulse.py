"""Signs of life during a legitimate wait, so that no watchdog ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY = 1.0
"""Seconds between two signs."""

LATE = 30.0
"""A sign that is this late is not given: the computer slept, and running requests are better started again."""


@contextmanager
def pulse(alive: Callable[[], None] | None) -> Iterator[None]:
    """Call ``alive`` regularly while the block runs."""
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
