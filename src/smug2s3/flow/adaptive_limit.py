"""An adaptive limit on concurrent transfers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from smug2s3.flow.controller import ConcurrencyState, next_state
from smug2s3.flow.together import task_group

LEAST, USUAL, MOST = 4, 20, 40
"""Default number of files at once: least, initial, most."""

LOOK_EVERY = 2.0
"""Seconds between two adjustments."""

STRAY = 0.05
"""Share of files that may fail before a side counts as overloaded; one always may."""

FILE = 128 * 1024
"""Bytes that a finished file counts in addition to its own: for small files, round trips dominate."""


class AdaptiveLimiter:
    """Between ``lowest`` and ``highest`` places; equal numbers fix it."""

    def __init__(self, *, start: int, lowest: int, highest: int) -> None:
        self._bounds = (lowest, highest)
        self._state = ConcurrencyState(limit=start)
        self._places = asyncio.Semaphore(start)
        self._surplus = 0
        """Places to remove as soon as they are free."""
        self._all_taken = False
        self._work = 0.0
        self._files = 0
        self._troubles = 0

    @classmethod
    def up_to(cls, wanted: int | None) -> Self:
        """A limit of ``wanted``, lower only while a side is overloaded; ``None`` to adapt automatically."""
        lowest, highest = _bounds(wanted)
        return cls(start=USUAL if wanted is None else wanted, lowest=lowest, highest=highest)

    def allow(self, wanted: int | None) -> None:
        """Change the limit to ``wanted``, as in ``up_to``."""
        if self._bounds == (bounds := _bounds(wanted)):
            return
        self._bounds = bounds
        limit = USUAL if wanted is None else wanted
        self._resize(limit - self._state.limit)
        self._state = ConcurrencyState(limit=limit)

    @property
    def highest(self) -> int:
        """The most places."""
        return self._bounds[1]

    @property
    def limit(self) -> int:
        """The current number of places."""
        return self._state.limit

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place while copying one file."""
        await self._places.acquire()
        while self._surplus:  # remove the place that was free
            self._surplus -= 1
            await self._places.acquire()
        self._all_taken |= self._places.locked()
        try:
            yield
        finally:
            if self._surplus:
                self._surplus -= 1
            else:
                self._places.release()

    def passed(self, size: int) -> None:
        """Count transferred bytes; negative for a failed attempt."""
        self._work += size

    def finished(self) -> None:
        """Count a copied file."""
        self._work += FILE
        self._files += 1

    def trouble(self) -> None:
        """Count a sign of overload: a 429 or SlowDown, a dropped connection, a stall."""
        self._troubles += 1

    @asynccontextmanager
    async def adapting(self) -> AsyncIterator[None]:
        """Adapt the number of places while the block runs."""
        async with task_group() as group:
            watching = group.create_task(self._watch())
            try:
                yield
            finally:
                watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            lowest, highest = self._bounds
            state = next_state(
                self._state,
                goodput=self._work / LOOK_EVERY,
                in_use=self._all_taken,
                overburdened=self._troubles > max(1, STRAY * self._files),
                lowest=lowest,
                highest=highest,
            )
            self._resize(state.limit - self._state.limit)
            self._state = state
            self._work, self._files, self._troubles, self._all_taken = 0.0, 0, 0, self._places.locked()

    def _resize(self, more: int) -> None:
        self._surplus -= more
        while self._surplus < 0:
            self._surplus += 1
            self._places.release()


def _bounds(wanted: int | None) -> tuple[int, int]:
    return (LEAST, MOST) if wanted is None else (min(LEAST, wanted), wanted)
