"""Confirms a refusal that would stop the run with a control request of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from smug2s3.errors import StoreError
from smug2s3.stores.faults import concerns_all, may_sign_again, of_one, translate

FRESH = 10.0
"""Seconds for which a control response is valid: many files may be refused at once."""

OUTDATED_TIMES, OUTDATED_FOR = 4, 3.0
"""How often, and over how many seconds, one request must be refused because of the time of its signature to stop the
run: each attempt is signed again. The parts of one file sent during a sleep are all refused at the same moment."""

FORGOTTEN_AFTER = 60.0
"""Seconds without such a refusal after which the count starts again."""


class Control:
    """Checks whether the bucket is still usable, with one request at a time for all tasks."""

    def __init__(self, question: Callable[[], Awaitable[None]], *, fresh: float = FRESH) -> None:
        self._question = question
        self._fresh = fresh
        self._asking = asyncio.Lock()
        self._usable_until = 0.0
        self._outdated: dict[str, tuple[int, float, float]] = {}
        """Such refusals of each request: how many, and the times of the first and the last."""

    async def judged(self, error: Exception, what: str) -> StoreError:
        """The StoreError for a failed request about ``what``; one that stops the run only if the control request fails, too."""
        found = translate(error, what)
        if not concerns_all(error) or (may_sign_again(error) and self._stays_outdated(what)):
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
