"""Places for files that move at once; how many there are is found out while they move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from smug2s3.flow.controller import ConcurrencyState, next_state
from smug2s3.flow.together import task_group

LEAST, USUAL, MOST = 4, 20, 40
"""Files at once where nobody says otherwise: never fewer, to begin with, never more."""

LOOK_EVERY = 2.0
"""Seconds between two looks at what got done."""

STRAY = 0.05
"""Share of files that may meet trouble without a side being called overburdened; one always may."""

FILE = 128 * 1024
"""What one finished file counts besides its bytes: of small ones the round trips are the work."""


class AdaptiveLimiter:
    """Between ``lowest`` and ``highest`` places; equal numbers keep it fixed."""

    def __init__(self, *, start: int, lowest: int, highest: int) -> None:
        self._bounds = (lowest, highest)
        self._state = ConcurrencyState(limit=start)
        self._places = asyncio.Semaphore(start)
        self._surplus = 0
        """Places that are taken away as soon as they are free."""
        self._all_taken = False
        self._work = 0.0
        self._files = 0
        self._troubles = 0

    @classmethod
    def up_to(cls, wanted: int | None) -> Self:
        """As many as ``wanted``, fewer only while a side is overburdened; ``None``: as many as prove useful."""
        lowest, highest = _bounds(wanted)
        return cls(start=USUAL if wanted is None else wanted, lowest=lowest, highest=highest)

    def allow(self, wanted: int | None) -> None:
        """From now on as many as ``up_to`` says."""
        if self._bounds == (bounds := _bounds(wanted)):
            return
        self._bounds = bounds
        limit = USUAL if wanted is None else wanted
        self._resize(limit - self._state.limit)
        self._state = ConcurrencyState(limit=limit)

    @property
    def highest(self) -> int:
        """Never more places than that."""
        return self._bounds[1]

    @property
    def limit(self) -> int:
        """Places right now."""
        return self._state.limit

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Around the moving of one file."""
        await self._places.acquire()
        while self._surplus:  # the one that was free is taken away
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
        """So many bytes went through; negative for an attempt that came to nothing."""
        self._work += size

    def finished(self) -> None:
        """A file is where it should be."""
        self._work += FILE
        self._files += 1

    def trouble(self) -> None:
        """A side asked for patience, broke off, or fell silent."""
        self._troubles += 1

    @asynccontextmanager
    async def adapting(self) -> AsyncIterator[None]:
        """While the block lasts the number of places is adapted."""
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
