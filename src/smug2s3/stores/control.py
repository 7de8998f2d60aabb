"""Confirms a refusal that would stop the run with a control request of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from smug2s3.errors import StoreError
from smug2s3.stores.faults import concerns_all, of_one, translate

FRESH = 10.0
"""Seconds for which a control response is valid: many files may be refused at once."""


class Control:
    """Checks whether the bucket is still usable, with one request at a time for all tasks."""

    def __init__(self, question: Callable[[], Awaitable[None]], *, fresh: float = FRESH) -> None:
        self._question = question
        self._fresh = fresh
        self._asking = asyncio.Lock()
        self._usable_until = 0.0

    async def judged(self, error: Exception, what: str) -> StoreError:
        """The StoreError for a failed request about ``what``; one that stops the run only if the control request fails, too."""
        found = translate(error, what)
        if not concerns_all(error):
            return found
        try:
            async with self._asking:
                await self._ask()
        except StoreError as other:
            return other
        return of_one(error, what)

    async def _ask(self) -> None:
        clock = asyncio.get_running_loop().time
        if clock() >= self._usable_until:
            await self._question()
            self._usable_until = clock() + self._fresh
