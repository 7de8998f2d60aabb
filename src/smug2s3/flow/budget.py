"""A shared budget (of bytes or items) that work borrows from, so that memory use is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager


class Budget:
    """Lends at most ``total`` at a time; a single larger request is served alone."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._free = total
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def borrow(self, amount: int) -> AsyncIterator[None]:
        """Wait until ``amount`` is free, and hold it for the block."""
        with await self.take(amount):
            yield

    async def take(self, amount: int) -> ExitStack:
        """Wait until ``amount`` is free; closing the result gives it back at once, so any callback can do it."""
        amount = min(amount, self._total)
        while self._free < amount:
            self._changed.clear()
            await self._changed.wait()
        self._free -= amount
        loan = ExitStack()
        loan.callback(self._give_back, amount)
        return loan

    def _give_back(self, amount: int) -> None:
        self._free += amount
        self._changed.set()
