"""Progress as plain lines, for cron and containers: one a minute, and one for everything that went wrong."""

from __future__ import annotations

from collections.abc import Callable

from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.names import harmless
from smug2s3.reporting.progress import Progress

EVERY = 60.0
"""Seconds between two lines while all goes well."""


class LineReporter:
    """Writes to ``say``; keeps the Progress that livelier displays also read."""

    def __init__(self, say: Callable[[str], None], *, every: float = EVERY) -> None:
        self.progress = Progress()
        self._say = say
        self._every = every
        self._next = self.progress.clock() + every
        self._expected: dict[str, list[tuple[int, int]]] = {}
        """By path, which two albums may share."""

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        """An album was found."""
        self._expected.setdefault(path, []).append((count or 0, size or 0))
        self.progress.album(count, size)
        self.tick()

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed."""
        expected = self._expected.get(path)
        self.progress.planned(expected.pop() if expected else (0, 0), count, files, size, skipped)
        self.tick()

    def started(self, label: str, size: int | None) -> None:
        """A file begins to move."""
        self.progress.active[label] = [0, size]

    def advanced(self, label: str, size: int) -> None:
        """Bytes passed."""
        self.progress.advanced(label, size)

    def moved(self, label: str, size: int) -> None:
        """A file is in the store."""
        self.progress.files_moved += 1
        self.progress.bytes_moved += size
        self.progress.finished(label)
        self.tick()

    def kept(self, label: str) -> None:
        """A stored file was described anew or renamed."""
        self.progress.finished(label)
        self.tick()

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be moved."""
        self.progress.failed += 1
        self.progress.finished(label)
        self.say(f"failed: {label} ({side}: {reason})")

    def unavailable(self, label: str, reason: str) -> None:
        """SmugMug cannot give a file."""
        self.progress.unavailable += 1
        self.progress.finished(label)
        self.say(f"not available: {label} ({reason})")

    def note(self, text: str) -> None:
        """One line worth knowing."""
        self.say(f"note: {text}")

    def say(self, text: str) -> None:
        """One line, harmless whatever names it holds."""
        self._say(harmless(text))

    def tick(self) -> None:
        """Say where things stand, if it is time."""
        if self.progress.clock() >= self._next:
            self._next = self.progress.clock() + self._every
            self.say(self.standing())

    def standing(self) -> str:
        """Where things stand, in a line."""
        return standing(self.progress)


def standing(progress: Progress) -> str:
    """One line: how far, how fast, how long still."""
    rate = progress.rate()
    left = progress.seconds_left(rate)
    parts = [
        f"{progress.items_done:,} of {plural(progress.items_expected, 'item')}",
        f"{amount(progress.bytes_passed)} of {amount(max(progress.bytes_total, progress.bytes_passed))}",
        f"{amount(rate)}/s",
        f"{duration(left)} left" if left is not None else f"{duration(progress.seconds)} so far",
    ]
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    return ", ".join(parts)
