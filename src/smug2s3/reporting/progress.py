"""The state of a run so far: one model that all displays read."""

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
"""Seconds over which the shown rate is measured."""

LATELY = 500
"""Items after which recent listings outweigh earlier ones."""


NEARLY = 0.95
"""The share shown for a file whose last byte was sent but which is not confirmed yet."""


@dataclass(slots=True)
class Transfer:
    """A running transfer."""

    size: int | None
    passed: int = 0

    @property
    def share(self) -> float:
        """The share transferred, 0 to 1."""
        return min(1.0, max(0.0, self.passed / self.size)) if self.size else 0.0


@dataclass(slots=True)
class Progress(Reporter):
    """Counts, bytes, a rate and an estimate; all numbers are of this run."""

    clock: Callable[[], float] = time.monotonic
    began_at: float = 0.0
    dry_run: bool = False
    stopping: bool = False
    """The run was asked to stop: transfers are being cancelled."""
    whose: str = ""
    """The account's name, once SmugMug has answered."""
    items_counted: int = 0
    """SmugMug's own count of the items in question; 0 if it does not say."""
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
    """Files not available from SmugMug."""
    previews_planned: int = 0
    """Previews of the albums whose files are copied."""
    previews_done: int = 0
    active: dict[str, Transfer] = field(default_factory=dict)
    """Running transfers, in the order they started."""
    requests_left: int | None = None
    """The rest of SmugMug's quota, if it says so, and until when by the wall clock."""
    requests_reset: float = 0.0
    paused_until: float = 0.0
    waited_for: dict[str, datetime] = field(default_factory=dict)
    """Unreachable sides, and since when."""
    crew: Sequence[WorkerState] = ()
    """The worker processes that copy the files, if any."""
    _waiting: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Albums found but not listed: items and bytes as SmugMug counts them, by path, which two may share."""
    _items_waiting: int = 0
    _bytes_waiting: int = 0
    _bytes_found: int = 0
    _items_found: int = 0
    _to_move: float = 1.0
    """The share of recently listed items that are to be copied; the rest of the account is expected to be like them."""
    _files_open: int = 0
    _preview_bytes: int = 0
    """Expected of the previews that are planned and not done."""
    _previews_copied: int = 0
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
        """One album was listed: its real numbers replace the expected ones."""
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
        """One album is done."""
        self.albums_done += 1

    def started(self, label: str, size: int | None) -> None:
        """A transfer starts."""
        self.active[label] = Transfer(size)

    def advanced(self, label: str, size: int) -> None:
        """Bytes were transferred; negative when an attempt starts over."""
        self.bytes_passed += size
        if (transfer := self.active.get(label)) is not None:
            transfer.passed += size

    def moved(self, label: str, size: int) -> None:
        """A file was copied."""
        self.files_moved += 1
        self._files_open -= 1
        if transfer := self._finished(label):
            self.bytes_planned += size - (transfer.size or 0)

    def kept(self, label: str) -> None:
        """The metadata or the name of a stored file was updated."""
        self._finished(label)

    def not_updated(self, label: str, side: str, reason: str) -> None:
        """The metadata or the name of a stored file could not be updated."""
        self.updates_failed += 1
        self._finished(label)

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be copied."""
        self.failures += 1
        self._gone(label)

    def unavailable(self, label: str, reason: str) -> None:
        """A file is not available from SmugMug."""
        self.missing += 1
        self._gone(label)

    def previewing(self, count: int, size: int) -> None:
        """An album's previews are about to be copied."""
        self.previews_planned += count
        self._files_open += count
        self.bytes_planned += size
        self._preview_bytes += size

    def previewed(self, label: str, size: int) -> None:
        """A preview was copied."""
        self._previews_copied += 1
        self._preview_ended(label, size)

    def preview_left(self, label: str) -> None:
        """A preview is left for the next run."""
        self._preview_ended(label, 0)

    def preview_failed(self, label: str, side: str, reason: str) -> None:
        """A preview could not be copied."""
        self._preview_ended(label, 0)

    def _preview_ended(self, label: str, size: int) -> None:
        """What it was expected to have makes way for what it has."""
        mean = self._preview_bytes // max(self.previews_planned - self.previews_done, 1)
        self.previews_done += 1
        self._preview_bytes -= mean
        self.bytes_planned += size - mean
        self._files_open -= 1
        self.active.pop(label, None)

    def paused(self, seconds: float) -> None:
        """SmugMug asks for a pause."""
        self.paused_until = self.clock() + seconds

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """SmugMug or the bucket is unreachable."""
        self.waited_for[side] = since

    def back(self, side: str, seconds: float) -> None:
        """It is reachable again."""
        self.waited_for.pop(side, None)

    def workers(self, states: Sequence[WorkerState]) -> None:
        """The worker processes were updated."""
        self.crew = states

    def allowance(self, left: int, reset: float) -> None:
        """SmugMug reported the rest of its quota."""
        self.requests_left, self.requests_reset = left, reset

    def _gone(self, label: str) -> None:
        """A file will not be copied in this run: do not expect its bytes."""
        self._files_open -= 1
        if transfer := self._finished(label):
            self.bytes_planned -= transfer.size or 0

    def _finished(self, label: str) -> Transfer | None:
        self.items_done += 1
        return self.active.pop(label, None)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.began_at

    @property
    def pause(self) -> float:
        """Seconds for which SmugMug's API is still paused."""
        return max(0.0, self.paused_until - self.clock())

    @property
    def outage(self) -> str:
        """Which sides are unreachable and since when, in a few words; empty if none is."""
        if not self.waited_for:
            return ""
        sides = " and ".join(called(side).removeprefix("the ") for side in self.waited_for)
        return f"{sides} unreachable since {min(self.waited_for.values()).astimezone():%H:%M}"

    @property
    def items_total(self) -> int:
        """The number of items found; while albums are still being found, at least SmugMug's count."""
        return self.items_expected if self.all_found else max(self.items_expected, self.items_counted)

    @property
    def share(self) -> float:
        """The share done, 0 to 1: by items, with running transfers counted in part."""
        partly = sum(transfer.share for transfer in self.active.values()) * NEARLY
        whole = self.items_total + self.previews_planned
        return min(1.0, (self.items_done + self.previews_done + partly) / whole) if whole else 0.0

    @property
    def bytes_left(self) -> float:
        """Bytes of listed files, and for the rest an expectation from recent listings."""
        mean = self._bytes_found / self._items_found if self._items_found else 0.0
        unlisted = self._bytes_waiting + mean * self._items_unfound
        return max(0, self.bytes_planned - self.bytes_passed) + unlisted * self._to_move

    @property
    def bytes_total(self) -> float:
        """Files known or expected to be copied in this run."""
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
        """Rounded for people; ``None`` while there is no reliable estimate.

        A file counts for more than its bytes: for small files, round trips dominate.
        """
        files_left = max(0, self._files_open) + (self._items_waiting + self._items_unfound) * self._to_move
        done = self.bytes_passed + FILE * (self.files_moved + self._previews_copied)
        left = self._estimate.left(done, self.bytes_left + FILE * files_left)
        return left if self.rate() else None
