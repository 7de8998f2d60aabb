"""Events of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker process at one moment."""

    name: str
    rate: float
    """Bytes a second."""
    under_way: int
    """Files it is copying."""
    copied: int
    copied_bytes: int
    silent: bool
    """Whether it does not answer."""
    losses: int
    """Its files that were given to other workers."""


class Reporter:
    """Gets events of a run; never raises, never blocks.

    Does nothing by itself; subclasses override the events they need.
    """

    def began(self, run: str, place: str, *, dry_run: bool) -> None:
        """A run begins; ``place`` is the destination."""

    def account(self, nickname: str, *, items: int | None) -> None:
        """Both sides answered; ``items`` is SmugMug's count of the account's items, if known."""

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        """An album was found; ``size`` is SmugMug's own sum of its originals."""

    def walked(self) -> None:
        """There are no more albums than those found."""

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed: of ``count`` items, ``files`` with ``size`` bytes are to be copied."""

    def settled(self, path: str, *, complete: bool) -> None:
        """An album is done in this run; ``complete`` if nothing in it is left to do."""

    def started(self, label: str, size: int | None) -> None:
        """A transfer starts."""

    def advanced(self, label: str, size: int) -> None:
        """``size`` more bytes were transferred; negative when an attempt starts over."""

    def moved(self, label: str, size: int) -> None:
        """A file is stored and recorded."""

    def kept(self, label: str) -> None:
        """The metadata or the name of a stored file was updated without copying its bytes."""

    def not_updated(self, label: str, side: str, reason: str) -> None:
        """The metadata or the name of a stored file could not be updated; another run may help."""

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be copied; another run may help."""

    def unavailable(self, label: str, reason: str) -> None:
        """A file is not available from SmugMug."""

    def previewing(self, count: int, size: int) -> None:
        """An album's previews are about to be copied: so many, with about ``size`` bytes."""

    def previewed(self, label: str, size: int) -> None:
        """A preview is stored and recorded."""

    def preview_left(self, label: str) -> None:
        """A preview is left for the next run."""

    def preview_failed(self, label: str, side: str, reason: str) -> None:
        """A preview could not be copied."""

    def retried(self, what: str, side: str, reason: str) -> None:
        """A file or a request to SmugMug is retried because of ``reason``."""

    def paused(self, seconds: float) -> None:
        """SmugMug's rate limit pauses its API for so long; transfers continue."""

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """SmugMug, one of its hosts or the bucket is unreachable; the run waits for at most ``longest`` seconds."""

    def back(self, side: str, seconds: float) -> None:
        """It is reachable again after so long, and the run continues."""

    def workers(self, states: Sequence[WorkerState]) -> None:
        """The worker processes that copy the files, if any; every second."""

    def allowance(self, left: int, reset: float) -> None:
        """The rest of SmugMug's quota until ``reset`` (seconds since the epoch); after every response."""

    def note(self, text: str) -> None:
        """A note for people."""

    def ended(self, summary: Mapping[str, Any], sentence: str) -> None:
        """The run is over, whatever its result: its JSON document, and the same as a sentence."""
