"""A shared allowance (of bytes, of items) from which work borrows, so that memory has a stated bound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Budget:
    """Lends at most ``total`` at a time; a single wish above it is served alone."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._free = total
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def borrow(self, amount: int) -> AsyncIterator[None]:
        """Wait until ``amount`` is free, hold it for the block."""
        amount = min(amount, self._total)
        async with self._changed:
            await self._changed.wait_for(lambda: self._free >= amount)
            self._free -= amount
        try:
            yield
        finally:
            self._free += amount
            await asyncio.shield(self._tell())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
