"""Reads a whole list page by page, trusting neither its page size, nor its order, nor its links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from smug2s3.errors import SourceBroken, SourceBusy, SourceUnreachable
from smug2s3.flow.together import together

T = TypeVar("T")

GIVE_UP = 12
"""Failures in a row after which the list itself is at fault: halving a page of 100 down to one entry takes seven."""

EXTRA_ROUNDS = 3
"""How often a list is read again while entries are missing: its order may change between pages."""


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One page's entries by their keys, and what the page says of itself."""

    start: int
    count: int
    total: int | None
    entries: dict[str, T]


@dataclass(slots=True)
class Whole(Generic[T]):
    """All entries once each, in the order they came, and what stayed unreadable."""

    entries: dict[str, T] = field(default_factory=dict)
    total: int = 0
    unreadable: list[str] = field(default_factory=list)
    fruitless: int = 0
    """Failures since the last page that could be read."""

    @property
    def complete(self) -> bool:
        """Whether as many came as the list says it has."""
        return not self.unreadable and len(self.entries) >= self.total

    def add(self, part: Part[T]) -> None:
        """Take a page in; an entry seen before keeps its place."""
        self.entries |= {key: entry for key, entry in part.entries.items() if key not in self.entries}
        self.total = part.count if part.total is None else part.total


Read = Callable[[int, int], Awaitable[Part[T]]]


async def read_whole(read: Read[T], size: int) -> Whole[T]:
    """Every entry of a list; ``read(start, count)`` gets one page, ``start`` counting from 1.

    The first page tells how many a page really holds (SmugMug clamps) and how many there are; the rest is asked
    for side by side. A page that fails for good is halved until the bad entry stands alone in ``unreadable``.
    """
    whole: Whole[T] = Whole()
    first = await _carefully(read, 1, size, whole)
    for part in first:
        whole.add(part)
    step = max((part.count for part in first), default=0) or size
    reached = 1 + (size if len(first) != 1 else step)
    rest = await together(_carefully(read, start, step, whole) for start in range(reached, whole.total + 1, step))
    for part in (part for parts in rest for part in parts):
        whole.add(part)
    await _fill_gaps(read, step, whole)
    return whole


async def _fill_gaps(read: Read[T], step: int, whole: Whole[T]) -> None:
    """Look again for what is missing; where that fails, what was read stays read."""
    for _ in range(EXTRA_ROUNDS):
        start = 1
        while not whole.unreadable and len(whole.entries) < whole.total and start <= whole.total:
            try:
                part = await read(start, step)
            except (SourceBusy, SourceBroken, SourceUnreachable) as error:
                whole.unreadable.append(f"the list has {whole.total} entries, of which some cannot be read: {error}")
                return
            whole.add(part)
            if not part.count:
                break
            start = max(start, part.start) + part.count  # a page may not say, or not know, where it begins


async def _carefully(read: Read[T], start: int, count: int, whole: Whole[T]) -> list[Part[T]]:
    try:
        part = await read(start, count)
    except (SourceBusy, SourceBroken, SourceUnreachable) as error:
        whole.fruitless += 1
        if whole.total and start > whole.total:
            return []
        if whole.fruitless >= GIVE_UP:
            raise
        if count == 1:
            whole.unreadable.append(f"entry {start} of the list cannot be read: {error}")
            return []
        if isinstance(error, SourceUnreachable):
            raise
    else:
        whole.fruitless = 0
        return [part]
    half = count // 2
    left = await _carefully(read, start, half, whole)
    for part in left:
        whole.add(part)
    return left + await _carefully(read, start + half, count - half, whole)
