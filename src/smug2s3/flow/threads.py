"""Runs blocking steps in threads; none outlives the task that waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def in_thread(
    threads: ThreadPoolExecutor, step: Callable[..., T], *arguments: object, stop: Callable[[], None] | None = None
) -> T:
    """The result of ``step``; a cancelled caller waits for its end, so that no two overlap. ``stop`` has it end soon."""
    done = asyncio.get_running_loop().run_in_executor(threads, partial(step, *arguments))
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        if stop:
            stop()
        await asyncio.wait({done})
        if not done.cancelled():
            done.exception()  # it was stopped; asyncio would print an error that nobody asked for
        raise


async def taken(
    threads: ThreadPoolExecutor, take: Callable[[memoryview], object], chunks: AsyncIterator[bytes]
) -> AsyncGenerator[int]:
    """Pass each chunk to ``take`` while the next one comes; yields their sizes."""
    taking: asyncio.Future[object] | None = None
    try:
        async for chunk in chunks:
            if taking is not None:
                await taking
            taking = asyncio.ensure_future(in_thread(threads, take, memoryview(chunk)))
            yield len(chunk)
    finally:
        if taking is not None:
            await taking
