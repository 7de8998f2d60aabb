"""When a run stops by itself: at a time, or before it has moved more bytes than it may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from smug2s3.engine.summary import Summary
from smug2s3.ports.mover import NotBegun
from smug2s3.ports.reporter import Reporter


def _now() -> datetime:
    return datetime.now(UTC)


class RunLimits:
    """Asked before each file; once it says that the run is over, nothing more begins, and what is under way ends.

    Says so in ``summary.stopped``, and takes from ``summary.bytes`` what has been moved.
    """

    def __init__(
        self,
        summary: Summary,
        reporter: Reporter,
        *,
        until: datetime | None = None,
        max_bytes: int | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._summary = summary
        self._reporter = reporter
        self._until = until
        self._max_bytes = max_bytes
        self._clock = clock
        self._under_way = 0

    @property
    def late(self) -> bool:
        """Whether the time has come."""
        if self._until is None or self._clock() < self._until:
            return False
        self._end("until", "the --until time has been reached")
        return True

    @property
    def over(self) -> bool:
        """Whether nothing more is to begin."""
        return bool(self._summary.stopped) or self.late

    @contextmanager
    def room(self, size: int | None) -> Iterator[None]:
        """Around the moving of one file, until its bytes are counted; raises NotBegun where there is no room for it.

        One that is larger than all that may be moved is left alone: the run goes on without it, or it would never
        go on at all. One of unknown size begins while there is any room.
        """
        if self._max_bytes is not None:
            self._make_room(size, self._max_bytes)
        self._under_way += size or 0
        try:
            yield
        finally:
            self._under_way -= size or 0

    def _make_room(self, size: int | None, most: int) -> None:
        free = most - self._summary.bytes - self._under_way
        if size is not None and size > most:
            self._summary.left_too_large += 1
            raise NotBegun
        if free < (1 if size is None else size):
            self._end("max-bytes", "the next file would exceed --max-bytes")
            raise NotBegun

    def _end(self, why: str, sentence: str) -> None:
        if not self._summary.stopped:
            self._summary.stopped = why
            self._reporter.note(f"{sentence}: finishing the current files, leaving the rest for a later run")
