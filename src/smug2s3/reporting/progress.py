"""What is known of a run so far: one model, which every way of showing it reads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW = 20.0
"""Seconds the shown rate looks back."""


@dataclass(slots=True)
class Progress:
    """Counts, bytes and a rate; all numbers are of this run."""

    clock: Callable[[], float] = time.monotonic
    began: float = 0.0
    albums: int = 0
    items_expected: int = 0
    """Items of all albums found so far, by SmugMug's own counts."""
    items_done: int = 0
    files_planned: int = 0
    files_moved: int = 0
    bytes_moved: int = 0
    bytes_planned: int = 0
    bytes_passed: int = 0
    bytes_expected: int = 0
    """Of albums found but not listed yet, by SmugMug's own sums."""
    skipped: int = 0
    failed: int = 0
    unavailable: int = 0
    active: dict[str, list[int | None]] = field(default_factory=dict)
    """Files on their way: bytes passed, bytes in all."""
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return self.clock() - self.began

    @property
    def bytes_total(self) -> int:
        """What is known or expected to be moved in this run."""
        return self.bytes_planned + self.bytes_expected

    def album(self, count: int | None, size: int | None) -> None:
        """One more album was found."""
        self.albums += 1
        self.items_expected += count or 0
        self.bytes_expected += size or 0

    def planned(self, expected: tuple[int, int], count: int, files: int, size: int, skipped: int) -> None:
        """One album was listed: what was only expected of it is known now."""
        self.items_expected += count - expected[0]
        self.bytes_expected -= expected[1]
        self.items_done += skipped
        self.skipped += skipped
        self.files_planned += files
        self.bytes_planned += size

    def advanced(self, label: str, size: int) -> None:
        """Bytes passed; negative when an attempt is begun anew."""
        self.bytes_passed += size
        if (entry := self.active.get(label)) is not None:
            entry[0] = (entry[0] or 0) + size

    def finished(self, label: str) -> None:
        """One item is done with, however it went."""
        self.active.pop(label, None)
        self.items_done += 1

    def rate(self) -> float:
        """Bytes a second over the last moments."""
        now = self.clock()
        self._marks.append((now, self.bytes_passed))
        while len(self._marks) > 2 and now - self._marks[0][0] > WINDOW:
            self._marks.popleft()
        then, passed = self._marks[0]
        return max(0.0, (self.bytes_passed - passed) / (now - then)) if now - then > 0.5 else 0.0

    def seconds_left(self, rate: float) -> float | None:
        """By bytes; ``None`` while nothing sensible can be said."""
        left = self.bytes_total - self.bytes_passed
        return left / rate if rate > 0 and left > 0 and self.seconds > 3 else None
