"""What is known of a run so far: one model, which every way of showing it reads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from smug2s3.flow.adaptive_limit import FILE
from smug2s3.ports.reporter import Reporter, WorkerState
from smug2s3.reporting.estimate import Estimate
from smug2s3.reporting.names import called

WINDOW = 20.0
"""Seconds the shown rate looks back."""

LATELY = 500
"""Items after which what was listed lately outweighs what was listed before."""


NEARLY = 0.95
"""What a file counts whose last byte has passed but which the store has not confirmed."""


@dataclass(slots=True)
class Moving:
    """A file on its way."""

    size: int | None
    passed: int = 0

    @property
    def share(self) -> float:
        """How much of it has passed, 0 to 1."""
        return min(1.0, max(0.0, self.passed / self.size)) if self.size else 0.0


@dataclass(slots=True)
class Progress(Reporter):
    """Counts, bytes, a rate and an estimate; all numbers are of this run."""

    clock: Callable[[], float] = time.monotonic
    began_at: float = 0.0
    dry_run: bool = False
    stopping: bool = False
    """Somebody asked for an end: transfers are being cancelled."""
    whose: str = ""
    """The account's name, once SmugMug has answered."""
    items_counted: int = 0
    """What SmugMug itself counts of all that is asked for; 0 where it does not say."""
    all_found: bool = False
    albums: int = 0
    albums_done: int = 0
    items_expected: int = 0
    """Items of all albums found so far, by SmugMug's own counts until they are listed."""
    items_listed: int = 0
    items_done: int = 0
    files_planned: int = 0
    files_moved: int = 0
    bytes_planned: int = 0
    bytes_passed: int = 0
    skipped: int = 0
    failures: int = 0
    updates_failed: int = 0
    missing: int = 0
    """Files that SmugMug cannot give."""
    active: dict[str, Moving] = field(default_factory=dict)
    """Files on their way, in the order they began."""
    requests_left: int | None = None
    """What SmugMug still grants, where it says so, and until when by the wall clock."""
    requests_reset: float = 0.0
    paused_until: float = 0.0
    waited_for: dict[str, datetime] = field(default_factory=dict)
    """Sides that are away, since when."""
    crew: Sequence[WorkerState] = ()
    """Who moves the files, where other processes do."""
    _waiting: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Albums found but not listed: items and bytes as SmugMug counts them, by path, which two may share."""
    _items_waiting: int = 0
    _bytes_waiting: int = 0
    _bytes_found: int = 0
    _items_found: int = 0
    _to_move: float = 1.0
    """Of the items listed lately, the share that is to be moved: what is not listed yet will be like them."""
    _files_open: int = 0
    _marks: deque[tuple[float, int]] = field(default_factory=deque)
    _estimate: Estimate = field(init=False)

    def __post_init__(self) -> None:
        self.began_at = self.clock()
        self._estimate = Estimate(self.clock)

    def began(self, run: str, place: str, *, dry_run: bool) -> None:
        """A run begins."""
        self.dry_run = dry_run

    def account(self, nickname: str, *, items: int | None) -> None:
        """SmugMug answered."""
        self.whose = nickname
        self.items_counted = items or 0

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        """One more album was found."""
        self.albums += 1
        self._waiting.setdefault(path, []).append((count or 0, size or 0))
        self.items_expected += count or 0
        self._items_waiting += count or 0
        self._bytes_waiting += size or 0
        self._items_found += count or 0
        self._bytes_found += size or 0

    def walked(self) -> None:
        """There are no more albums."""
        self.all_found = True

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """One album was listed: what was only expected of it is known now."""
        items, bytes_ = self._expected_of(path)
        self.items_expected += count - items
        self._items_waiting -= items
        self._bytes_waiting -= bytes_
        self.items_listed += count
        self.items_done += count if self.dry_run else skipped
        self.albums_done += self.dry_run
        self.skipped += skipped
        self.files_planned += files
        self._files_open += files
        self.bytes_planned += size
        if count:
            self._to_move += (files / count - self._to_move) * count / (count + LATELY)

    def _expected_of(self, path: str) -> tuple[int, int]:
        waiting = self._waiting.get(path)
        if not waiting:
            return 0, 0
        expected = waiting.pop()
        if not waiting:
            del self._waiting[path]
        return expected

    def settled(self, path: str, *, complete: bool) -> None:
        """One album is done with."""
        self.albums_done += 1

    def started(self, label: str, size: int | None) -> None:
        """A transfer starts."""
        self.active[label] = Moving(size)

    def advanced(self, label: str, size: int) -> None:
        """Bytes passed; negative when an attempt starts over."""
        self.bytes_passed += size
        if (moving := self.active.get(label)) is not None:
            moving.passed += size

    def moved(self, label: str, size: int) -> None:
        """A file was copied."""
        self.files_moved += 1
        self._files_open -= 1
        if moving := self._finished(label):
            self.bytes_planned += size - (moving.size or 0)

    def kept(self, label: str) -> None:
        """The metadata or the name of a stored file was updated."""
        self._finished(label)

    def not_updated(self, label: str, side: str, reason: str) -> None:
        """A stored file stays as it was."""
        self.updates_failed += 1
        self._finished(label)

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be copied."""
        self.failures += 1
        self._gone(label)

    def unavailable(self, label: str, reason: str) -> None:
        """SmugMug cannot give a file."""
        self.missing += 1
        self._gone(label)

    def paused(self, seconds: float) -> None:
        """SmugMug asks for a pause."""
        self.paused_until = self.clock() + seconds

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """A side is away."""
        self.waited_for[side] = since

    def back(self, side: str, seconds: float) -> None:
        """It is there again."""
        self.waited_for.pop(side, None)

    def workers(self, states: Sequence[WorkerState]) -> None:
        """Who moves the files."""
        self.crew = states

    def allowance(self, left: int, reset: float) -> None:
        """What SmugMug still grants."""
        self.requests_left, self.requests_reset = left, reset

    def _gone(self, label: str) -> None:
        """One file will not come in this run: its bytes are not waited for."""
        self._files_open -= 1
        if moving := self._finished(label):
            self.bytes_planned -= moving.size or 0

    def _finished(self, label: str) -> Moving | None:
        self.items_done += 1
        return self.active.pop(label, None)

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return self.clock() - self.began_at

    @property
    def pause(self) -> float:
        """Seconds for which SmugMug still wants its API to be left alone."""
        return max(0.0, self.paused_until - self.clock())

    @property
    def outage(self) -> str:
        """Who is away, and since when, in a few words; empty if nobody is."""
        if not self.waited_for:
            return ""
        sides = " and ".join(called(side).removeprefix("the ") for side in self.waited_for)
        return f"{sides} unreachable since {min(self.waited_for.values()).astimezone():%H:%M}"

    @property
    def items_total(self) -> int:
        """As many as were found, and while albums are still being found at least as many as SmugMug counts."""
        return self.items_expected if self.all_found else max(self.items_expected, self.items_counted)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1: by items, those on their way counted as far as they came."""
        partly = sum(moving.share for moving in self.active.values()) * NEARLY
        return min(1.0, (self.items_done + partly) / self.items_total) if self.items_total else 0.0

    @property
    def bytes_left(self) -> float:
        """Of what is listed; and of what is not, as much as what was listed lately lets expect."""
        mean = self._bytes_found / self._items_found if self._items_found else 0.0
        unlisted = self._bytes_waiting + mean * self._items_unfound
        return max(0, self.bytes_planned - self.bytes_passed) + unlisted * self._to_move

    @property
    def bytes_total(self) -> float:
        """What is known or expected to be moved in this run."""
        return self.bytes_passed + self.bytes_left

    @property
    def _items_unfound(self) -> int:
        return max(0, self.items_total - self.items_expected)

    def rate(self) -> float:
        """Bytes a second over the last moments."""
        now = self.clock()
        self._marks.append((now, self.bytes_passed))
        while len(self._marks) > 2 and now - self._marks[0][0] > WINDOW:
            self._marks.popleft()
        then, passed = self._marks[0]
        return max(0.0, (self.bytes_passed - passed) / (now - then)) if now - then > 0.5 else 0.0

    def seconds_left(self) -> float | None:
        """As a person would say it; ``None`` while nothing sensible can be said.

        A file counts for more than its bytes: of small ones the round trips are the work.
        """
        files_left = max(0, self._files_open) + (self._items_waiting + self._items_unfound) * self._to_move
        done = self.bytes_passed + FILE * self.files_moved
        left = self._estimate.left(done, self.bytes_left + FILE * files_left)
        return left if self.rate() else None
