"""Reads a whole list page by page, without relying on its page size, order, links or count alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from smug2s3.errors import SourceBroken, SourceBusy, SourceError, SourceUnreachable
from smug2s3.flow.together import together
from smug2s3.models import Shown
from smug2s3.smugmug import wire

T = TypeVar("T")

GIVE_UP = 12
"""Failures in a row after which the rest of a page is skipped: halving a page of 100 to one entry takes seven."""

UNREACHED = 4
"""The same if SmugMug answered none of it: each may have taken minutes."""

ROUNDS = 4
"""How often a list is read while entries are missing: its order may change between pages, and it may shrink."""


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One page's entries by key, and its own counts."""

    count: int
    total: int | None
    """The size of the list; ``None`` if the page does not say."""
    entries: dict[str, T]
    unknown: tuple[str, ...] = ()
    """Entries without a key, or of a wrong type: present, but not identifiable."""

    @property
    def empty(self) -> bool:
        """Whether the list has nothing there, and does not claim to."""
        return not (self.count or self.entries or self.unknown)

    @classmethod
    def of(cls, page: wire.Page, kind: str, found: Iterable[tuple[str, str, T]]) -> Part[T]:
        """A page from a response; ``found`` has key, name and entry of each, ``kind`` is their type."""
        found = list(found)
        nameless = [
            f"the list contains {kind} without a key ({name or 'and without a name'})"
            for key, name, _ in found
            if not key
        ]
        odd = [f"the list contains something other than {kind}"] * page.odd
        entries: dict[str, T] = {}
        for key, _, entry in found:
            if key:
                entries.setdefault(key, entry)
        return cls(page.count, page.total, entries, (*nameless, *odd))


@dataclass(frozen=True, slots=True)
class Whole(Generic[T]):
    """All received entries, once each, in order; ``shown`` says whether these are all."""

    entries: dict[str, T]
    shown: Shown


Read = Callable[[int, int], Awaitable[Part[T]]]


async def read_whole(read: Read[T], size: int) -> Whole[T]:
    """Every entry of a list; ``read(start, count)`` gets one page, with ``start`` from 1.

    It is complete if every page could be read, every entry has a key, and their number is the list's count, by
    the same count on all its pages; a list without a count is read until a page is empty. A list with
    missing entries or a changed count is read again. Raises the error of its first page if no piece of
    that page can be read; later, only the failing entries of a page are lost.
    """
    first = latest = await _once_through(read, size)
    everything, same_count = dict(first.entries), dict(first.entries)
    for _ in range(ROUNDS - 1):
        if latest.gaps or latest.whole(latest.entries) or latest.whole(same_count):
            break
        try:
            again = await _once_through(read, size)
        except SourceError as error:
            if error.ends_the_run:
                raise
            latest.gaps.append(f"{latest.lacking()}, and reading it again failed: {error}")
            break
        same_count = (same_count if again.totals == latest.totals else {}) | again.entries
        everything, latest = everything | again.entries, again
    if latest.whole(latest.entries):
        return Whole(latest.entries, Shown())
    if latest.whole(same_count):
        return Whole(same_count, Shown())
    return Whole(everything, Shown(tuple(latest.gaps or [latest.lacking()])))


@dataclass(slots=True)
class _Round(Generic[T]):
    """The result of reading the list once from start to end."""

    entries: dict[str, T] = field(default_factory=dict)
    totals: set[int] = field(default_factory=set)
    """Every count that the list gave; more than one if it changed meanwhile."""
    gaps: list[str] = field(default_factory=list)
    unknown: int = 0
    ended: bool = False
    """Whether an empty page was read."""

    def add(self, part: Part[T]) -> int:
        """Add a page; returns how many of its entries are new."""
        before = len(self.entries)
        self.entries |= {key: entry for key, entry in part.entries.items() if key not in self.entries}
        if part.total is not None:
            self.totals.add(part.total)
        self.unknown += len(part.unknown)
        self.gaps += part.unknown
        return len(self.entries) - before + len(part.unknown)

    @property
    def came(self) -> int:
        return len(self.entries) + self.unknown

    @property
    def counts(self) -> bool:
        """Whether the list has a count, and not more entries than that."""
        return bool(self.totals) and self.came <= max(self.totals)

    def whole(self, entries: dict[str, T]) -> bool:
        """Whether these are all, by the list's own count."""
        if self.gaps or len(self.totals) > 1:
            return False
        return self.ended or (self.counts and len(entries) >= max(self.totals))

    def lacking(self) -> str:
        """What is missing, as a sentence."""
        if len(self.totals) > 1:
            counts = " and ".join(map(str, sorted(self.totals)))
            return f"the list changed while it was read (it counted {counts} entries)"
        if self.totals:
            return f"SmugMug counts {max(self.totals)} entries in the list but sent only {self.came}"
        return f"SmugMug sent {self.came} entries of a list without saying how many it has"


async def _once_through(read: Read[T], size: int) -> _Round[T]:
    """Read the first page, which shows the real page size (SmugMug limits it) and the count."""
    found: _Round[T] = _Round()
    first = _Page(read, found, unclamped=size)
    await first.read(1, size)
    if first.error and not first.parts:
        raise first.error
    for part in first.parts:
        found.add(part)
    step = size if first.error else first.parts[0].count or size
    starts = range(1 + step, max(found.totals, default=0) + 1, step)
    for parts in await together(_Page(read, found).read(start, step) for start in starts):
        for part in parts:
            found.add(part)
    if found.came and not found.counts:
        await _to_the_end(read, 1 + step + step * len(starts), step, found)
    return found


async def _to_the_end(read: Read[T], start: int, step: int, found: _Round[T]) -> None:
    """Read further pages of a list with no or too small a count, until one is empty or has nothing new."""
    while not found.ended:
        parts = await _Page(read, found, bounded=False).read(start, step)
        found.ended = bool(parts) and parts[-1].empty
        if not sum([found.add(part) for part in parts]):
            return
        start += sum(len(part.entries) + len(part.unknown) for part in parts)


class _Page(Generic[T]):
    """Read one page; on failure, halve it until its bad entries are isolated and recorded in ``found``."""

    def __init__(self, read: Read[T], found: _Round[T], *, unclamped: int = 0, bounded: bool = True) -> None:
        """``unclamped``: the requested size of the first page, while the real page size is unknown.

        ``bounded``: whether nothing is beyond the list's count.
        """
        self._read = read
        self._found = found
        self._unclamped = unclamped
        self._bounded = bounded
        self._ahead: list[tuple[int, int]] = []
        """Start and length of the pieces still to read; the next one is last."""
        self._failures = 0
        self.parts: list[Part[T]] = []
        self.error: SourceError | None = None

    async def read(self, start: int, count: int) -> list[Part[T]]:
        """The pieces of it that could be read."""
        self._ahead = [(start, count)]
        while self._ahead:
            at, many = self._ahead.pop()
            if at > self._last(at):
                continue
            try:
                self._take(at, many, await self._read(at, many))
            except SourceError as error:
                if error.ends_the_run:
                    raise
                self._cut(at, many, error, start + count - 1)
        return self.parts

    def _last(self, otherwise: int) -> int:
        """The last entry to request."""
        return max(self._found.totals, default=otherwise) if self._bounded else otherwise

    def _take(self, at: int, many: int, part: Part[T]) -> None:
        self._failures = 0
        self.parts.append(part)
        if part.total is not None:
            self._found.totals.add(part.total)
        if many != self._unclamped and 0 < part.count < many:
            self._ahead.append((at + part.count, many - part.count))

    def _cut(self, at: int, many: int, error: SourceError, last: int) -> None:
        self.error = error
        self._failures += 1
        if self._failures >= (GIVE_UP if self.parts or not isinstance(error, SourceUnreachable) else UNREACHED):
            self._ahead.clear()
            self._found.gaps.append(
                f"entries {at} to {min(last, self._last(last))} of the list could not be read: {error}"
            )
        elif many == 1:
            self._found.gaps.append(f"entry {at} of the list could not be read: {error}")
        else:
            # A smaller page is easier for SmugMug; if that does not help, the first entry soon shows it.
            half = many // 2 if self.parts or isinstance(error, (SourceBusy, SourceBroken)) else 1
            self._ahead += [(at + half, many - half), (at, half)]
