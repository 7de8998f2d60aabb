"""Who tells a person what happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker at one moment, where other processes move the files."""

    name: str
    rate: float
    """Bytes a second."""
    under_way: int
    """Files."""
    copied: int
    copied_bytes: int
    silent: bool
    """Whether it gives no sign of life."""
    losses: int
    """Files of its that were given to others."""


class Reporter:
    """Tells a person what happens; never raises, never waits.

    By itself it does nothing; whoever derives from it listens to what it needs.
    """

    def began(self, run: str, place: str, *, dry_run: bool) -> None:
        """A run begins; ``place`` says where everything goes to."""

    def account(self, nickname: str, *, items: int | None) -> None:
        """Both sides answered; ``items`` is what SmugMug counts of all that is asked for, where it says so."""

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        """An album was found; ``size`` is SmugMug's own sum of its originals."""

    def walked(self) -> None:
        """There are no more albums than those found."""

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed: of ``count`` items ``files`` with ``size`` bytes are to be moved."""

    def settled(self, path: str, *, complete: bool) -> None:
        """An album is done with in this run; ``complete`` if nothing in it is left to do."""

    def started(self, label: str, size: int | None) -> None:
        """A file begins to move."""

    def advanced(self, label: str, size: int) -> None:
        """``size`` more bytes of it have passed; negative when an attempt is begun anew."""

    def moved(self, label: str, size: int) -> None:
        """A file is in the store and in the ledger."""

    def kept(self, label: str) -> None:
        """A stored file got a new description or a new name; none of its bytes passed here."""

    def not_updated(self, label: str, side: str, reason: str) -> None:
        """A stored file could not be given its new description or name; its bytes are there, and another run may help."""

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be moved; another run may help."""

    def unavailable(self, label: str, reason: str) -> None:
        """SmugMug itself cannot give a file."""

    def retried(self, what: str, side: str, reason: str) -> None:
        """A file or a question to SmugMug is tried again after ``reason``."""

    def paused(self, seconds: float) -> None:
        """SmugMug wants its API to be left alone for so long; files on their way go on."""

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """SmugMug, one of its hosts, or the store is away: what needs it waits, ``longest`` seconds at most."""

    def back(self, side: str, seconds: float) -> None:
        """It is there again, after so long: what waited goes on."""

    def workers(self, states: Sequence[WorkerState]) -> None:
        """Who moves the files, and how it goes there; every second, where other processes do."""

    def allowance(self, left: int, reset: float) -> None:
        """How many requests SmugMug still grants until ``reset``, in seconds since the epoch; after every answer."""

    def note(self, text: str) -> None:
        """One line worth knowing."""

    def ended(self, summary: Mapping[str, Any], sentence: str) -> None:
        """The run is over, however it went: its JSON document, and the same in a sentence."""
