"""A reporter that passes every event to other reporters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from smug2s3.ports.reporter import Reporter, WorkerState


class CompositeReporter(Reporter):
    """Calls each of them, in the order given."""

    def __init__(self, *reporters: Reporter) -> None:
        self._reporters = reporters

    def began(self, run: str, place: str, *, dry_run: bool) -> None:
        """A run begins."""
        for one in self._reporters:
            one.began(run, place, dry_run=dry_run)

    def account(self, nickname: str, *, items: int | None) -> None:
        """SmugMug answered."""
        for one in self._reporters:
            one.account(nickname, items=items)

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        """An album was found."""
        for one in self._reporters:
            one.album(path, count=count, size=size)

    def walked(self) -> None:
        """All albums were found."""
        for one in self._reporters:
            one.walked()

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed."""
        for one in self._reporters:
            one.planned(path, count=count, files=files, size=size, skipped=skipped)

    def settled(self, path: str, *, complete: bool) -> None:
        """An album is done."""
        for one in self._reporters:
            one.settled(path, complete=complete)

    def started(self, label: str, size: int | None) -> None:
        """A transfer starts."""
        for one in self._reporters:
            one.started(label, size)

    def advanced(self, label: str, size: int) -> None:
        """Bytes passed."""
        for one in self._reporters:
            one.advanced(label, size)

    def moved(self, label: str, size: int) -> None:
        """A file was copied."""
        for one in self._reporters:
            one.moved(label, size)

    def kept(self, label: str) -> None:
        """The metadata or the name of a stored file was updated."""
        for one in self._reporters:
            one.kept(label)

    def not_updated(self, label: str, side: str, reason: str) -> None:
        """The metadata or the name of a stored file could not be updated."""
        for one in self._reporters:
            one.not_updated(label, side, reason)

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be copied."""
        for one in self._reporters:
            one.failed(label, side, reason)

    def unavailable(self, label: str, reason: str) -> None:
        """A file is not available from SmugMug."""
        for one in self._reporters:
            one.unavailable(label, reason)

    def previewing(self, count: int, size: int) -> None:
        """An album's previews are about to be copied."""
        for one in self._reporters:
            one.previewing(count, size)

    def previewed(self, label: str, size: int) -> None:
        """A preview was copied."""
        for one in self._reporters:
            one.previewed(label, size)

    def preview_left(self, label: str) -> None:
        """A preview is left for the next run."""
        for one in self._reporters:
            one.preview_left(label)

    def preview_failed(self, label: str, side: str, reason: str) -> None:
        """A preview could not be copied."""
        for one in self._reporters:
            one.preview_failed(label, side, reason)

    def retried(self, what: str, side: str, reason: str) -> None:
        """Something is retried."""
        for one in self._reporters:
            one.retried(what, side, reason)

    def paused(self, seconds: float) -> None:
        """SmugMug asks for a pause."""
        for one in self._reporters:
            one.paused(seconds)

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """SmugMug or the bucket is unreachable."""
        for one in self._reporters:
            one.away(side, since, reason, longest)

    def back(self, side: str, seconds: float) -> None:
        """It is reachable again."""
        for one in self._reporters:
            one.back(side, seconds)

    def workers(self, states: Sequence[WorkerState]) -> None:
        """The worker processes were updated."""
        for one in self._reporters:
            one.workers(states)

    def allowance(self, left: int, reset: float) -> None:
        """SmugMug reported the rest of its quota."""
        for one in self._reporters:
            one.allowance(left, reset)

    def note(self, text: str) -> None:
        """A note for people."""
        for one in self._reporters:
            one.note(text)

    def ended(self, summary: Mapping[str, Any], sentence: str) -> None:
        """The run is over."""
        for one in self._reporters:
            one.ended(summary, sentence)
