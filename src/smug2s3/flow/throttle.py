"""Lets bytes pass no faster than allowed, all streams together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from smug2s3.flow.pulse import pulse

LOOK_AGAIN = 1.0
"""Seconds after which the allowed rate is looked at anew."""

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
                # Taken by whoever waits, never by a task of its own: one that is given up just when its turn has come
                # would keep the line closed for ever.
                with pulse(alive):
                    async with self._line:
                        await self._pay(len(chunk))
            yield chunk

    async def _pay(self, size: int) -> None:
        clock = asyncio.get_running_loop().time
        self._paid_until = max(self._paid_until, clock() - CREDIT)
        while (rate := self._rate()) is not None:
            wait = self._paid_until + size / rate - clock()
            if wait <= 0:
                self._paid_until += size / rate
                return
            await asyncio.sleep(min(wait, LOOK_AGAIN))
