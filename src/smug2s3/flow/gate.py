"""Limits requests to N at a time, with a minimum spacing; the gate can be closed for a while."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Gate:
    """An async context manager around each request.

    At most ``limit`` requests run at once, each starting at least ``spacing`` seconds after the one before.
    """

    def __init__(self, limit: int, spacing: float = 0.0) -> None:
        self._places = asyncio.Semaphore(limit)
        self._line = asyncio.Lock()
        self._spacing = spacing
        self._next_start = 0.0
        self._closed_until = 0.0

    def close_for(self, seconds: float) -> bool:
        """Start no request for ``seconds``; running ones continue.

        False if the gate is closed for about as long already.
        """
        until = asyncio.get_running_loop().time() + seconds
        later = until > self._closed_until + 1.0
        self._closed_until = max(self._closed_until, until)
        return later

    async def __aenter__(self) -> None:
        await self._places.acquire()
        try:
            await self._wait_for_turn()
        except BaseException:
            self._places.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()

    async def _wait_for_turn(self) -> None:
        clock = asyncio.get_running_loop().time
        async with self._line:  # a cancelled waiter takes no turn, so it delays no other
            start = max(clock(), self._next_start)
            while (wait := max(start, self._closed_until) - clock()) > 0:  # it may be closed during the wait
                await asyncio.sleep(wait)
            self._next_start = max(start, self._closed_until) + self._spacing
