"""Limits of a run: a time (--until) and a number of bytes (--max-bytes)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from smug2s3.engine.summary import Summary
from smug2s3.ports.mover import NotStarted
from smug2s3.ports.reporter import Reporter


def _now() -> datetime:
    return datetime.now(UTC)


class RunLimits:
    """Checked before each file; once a limit is reached, nothing more starts, and running transfers finish.

    Sets ``summary.stopped``, and reads from the summary how many bytes were copied.
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
        """Whether the time limit is reached."""
        if self._until is None or self._clock() < self._until:
            return False
        self._end("until", "the --until time has been reached")
        return True

    @property
    def over(self) -> bool:
        """Whether nothing more may start."""
        return bool(self._summary.stopped) or self.late

    @contextmanager
    def admit(self, size: int | None) -> Iterator[None]:
        """Wraps the copy of one file, until its bytes are counted; raises NotStarted if it would exceed the limit.

        A file larger than --max-bytes itself is skipped, since no run could ever copy it, and the run continues.
        A file of unknown size starts while any bytes are left.
        """
        if self._max_bytes is not None:
            self._check_bytes(size, self._max_bytes)
        self._under_way += size or 0
        try:
            yield
        finally:
            self._under_way -= size or 0

    def _check_bytes(self, size: int | None, most: int) -> None:
        free = most - self._summary.bytes - self._summary.previews_bytes - self._under_way
        if size is not None and size > most:
            self._summary.left_too_large += 1
            raise NotStarted
        if free < (1 if size is None else size):
            self._end("max-bytes", "the next file would exceed --max-bytes")
            raise NotStarted

    def _end(self, why: str, sentence: str) -> None:
        if not self._summary.stopped:
            self._summary.stopped = why
            self._reporter.note(f"{sentence}: finishing the current files, leaving the rest for a later run")
