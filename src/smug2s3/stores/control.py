"""A refusal that would end the run is believed only if another request, of its own, is refused as well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from smug2s3.errors import StoreError
from smug2s3.stores.faults import concerns_all, may_be_signed_anew, of_one, translate

FRESH = 10.0
"""Seconds for which an answer to the control request holds: many files may be refused at once."""

OUTDATED_TIMES, OUTDATED_FOR = 4, 3.0
"""A request that is refused so often, over so many seconds, for when it was signed, is not refused by accident: it is
signed anew each time. Parts of one file that were under way during a sleep are all refused at one moment."""

FORGOTTEN_AFTER = 60.0
"""Seconds after which another such refusal has another cause."""


class Control:
    """Asks whether the store is still usable, one request at a time for all who want to know."""

    def __init__(self, question: Callable[[], Awaitable[None]], *, fresh: float = FRESH) -> None:
        self._question = question
        self._fresh = fresh
        self._asking = asyncio.Lock()
        self._usable_until = 0.0
        self._outdated: dict[str, tuple[int, float, float]] = {}
        """Refusals for when they were signed: how many, the first and the last, by what they were about."""

    async def judged(self, error: Exception, what: str) -> StoreError:
        """The StoreError for a failed request about ``what``; one that ends the run only if that was asked for."""
        found = translate(error, what)
        if not concerns_all(error) or (may_be_signed_anew(error) and self._stays_outdated(what)):
            return found
        try:
            async with self._asking:
                await self._ask()
        except StoreError as other:
            return other
        return of_one(error, what)

    def _stays_outdated(self, what: str) -> bool:
        now = asyncio.get_running_loop().time()
        times, first, last = self._outdated.get(what, (0, now, now))
        if now - last > FORGOTTEN_AFTER:
            times, first = 0, now
        self._outdated[what] = (times + 1, first, now)
        return times + 1 >= OUTDATED_TIMES and now - first >= OUTDATED_FOR

    async def _ask(self) -> None:
        clock = asyncio.get_running_loop().time
        if clock() >= self._usable_until:
            await self._question()
            self._usable_until = clock() + self._fresh
