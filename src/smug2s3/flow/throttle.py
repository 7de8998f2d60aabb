"""Limits the bandwidth of all streams together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from smug2s3.flow.pulse import pulse

LOOK_AGAIN = 1.0
"""Seconds between two checks of the allowed rate."""

CREDIT = 0.1
"""Seconds of unused time that may be made up, since sleeping is never exact."""

STEP = 256 * 1024
"""Bytes that a stream takes at once where the bandwidth is limited."""


class Throttle:
    """One stream at a time waits for its bytes; the others queue.

    ``rate`` returns the bytes a second allowed now, ``None`` for no limit.
    """

    def __init__(self, rate: Callable[[], float | None]) -> None:
        self._rate = rate
        self._line = asyncio.Lock()
        self._paid_until = 0.0

    async def slowed(self, chunks: AsyncIterator[bytes], alive: Callable[[], None]) -> AsyncIterator[bytes]:
        """The same chunks, delayed as needed; ``alive`` is called during a wait."""
        async for chunk in chunks:
            if self._rate() is not None:
                with pulse(alive):
                    await self.pay(len(chunk))
            yield chunk

    @property
    def step(self) -> int | None:
        """Bytes after which a stream should ask again; ``None`` without a limit."""
        return None if self._rate() is None else STEP

    async def pay(self, size: int) -> None:
        """Wait until so many bytes are allowed."""
        if self._rate() is not None:
            # Taken by the waiting task itself: a separate task cancelled just when its turn came
            # would block the queue forever.
            async with self._line:
                await self._pay(size)

    async def _pay(self, size: int) -> None:
        clock = asyncio.get_running_loop().time
        self._paid_until = max(self._paid_until, clock() - CREDIT)
        while (rate := self._rate()) is not None:
            wait = self._paid_until + size / rate - clock()
            if wait <= 0:
                self._paid_until += size / rate
                return
            await asyncio.sleep(min(wait, LOOK_AGAIN))
