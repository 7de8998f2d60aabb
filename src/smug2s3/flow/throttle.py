"""Lets bytes pass no faster than allowed, all streams together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

LOOK_AGAIN = 1.0
"""Seconds after which one that waits shows a sign of life, and the allowed rate is looked at anew."""

CREDIT = 0.1
"""Seconds of unused time that may be made up for: sleeping is never exact."""


class Throttle:
    """One at a time pays for its bytes with time, the others stand in line.

    ``rate`` gives the bytes a second allowed right now, ``None`` for any number.
    """

    def __init__(self, rate: Callable[[], float | None]) -> None:
        self._rate = rate
        self._line = asyncio.Lock()
        self._paid_until = 0.0

    async def slowed(self, chunks: AsyncIterator[bytes], alive: Callable[[], None]) -> AsyncIterator[bytes]:
        """The same chunks, each when it may pass; ``alive`` is called while one waits."""
        async for chunk in chunks:
            if self._rate() is not None:
                async with self._turn(alive):
                    await self._pay(len(chunk), alive)
            yield chunk

    async def _pay(self, size: int, alive: Callable[[], None]) -> None:
        clock = asyncio.get_running_loop().time
        self._paid_until = max(self._paid_until, clock() - CREDIT)
        while (rate := self._rate()) is not None:
            wait = self._paid_until + size / rate - clock()
            if wait <= 0:
                self._paid_until += size / rate
                return
            await asyncio.sleep(min(wait, LOOK_AGAIN))
            alive()

    @asynccontextmanager
    async def _turn(self, alive: Callable[[], None]) -> AsyncIterator[None]:
        await _patiently(self._line.acquire(), alive)
        try:
            yield
        finally:
            self._line.release()


async def _patiently(wish: Awaitable[bool], alive: Callable[[], None]) -> None:
    """Wait however long, with a sign of life every now and then."""
    waiting = asyncio.ensure_future(wish)
    try:
        while not (await asyncio.wait({waiting}, timeout=LOOK_AGAIN))[0]:
            alive()
    except BaseException:
        waiting.cancel()
        raise
