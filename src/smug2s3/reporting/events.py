"""Turns every event of a run into a record with a name, fields and a sentence, for lines and log files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from smug2s3.ports.reporter import Reporter
from smug2s3.reporting.amounts import amount, duration, plural, roughly
from smug2s3.reporting.names import attribute, called, sanitize
from smug2s3.rules.components import NOT_GIVEN


class Weight(IntEnum):
    """How much an event matters; each listener has a least weight."""

    DETAIL = 1
    """One of many: a copied file, an album, a retry."""
    STAGE = 2
    """A run ends: worth a line where there are no bars."""
    NOTE = 3
    TROUBLE = 4
    """A file that was not copied, or whose copy is not up to date."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: for programs by ``name`` and ``fields``, for people as a sanitized ``sentence``."""

    name: str
    weight: Weight
    sentence: str
    fields: Mapping[str, Any]


def warning(text: str) -> Event:
    """Something other than a file went wrong: shown even with `--quiet`."""
    return Event("note", Weight.TROUBLE, sanitize(f"note: {text}"), {"text": text})


Listener = Callable[[Event], None]


class EventReporter(Reporter):
    """Makes a record of every event worth a line, and passes it to all ``listeners``."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners
        self._place = ""
        self._work = "copying"
        self._refused: set[str] = set()
        """Why SmugMug gives no files in SmugMug Source: one line is enough for all of them."""

    def _emit(self, weight: Weight, name: str, sentence: str, **fields: object) -> None:
        event = Event(name, weight, sanitize(sentence), fields)
        for on_event in self._listeners:
            on_event(event)

    def began(self, run: str, place: str, *, dry_run: bool) -> None:
        """A run begins."""
        self._place = place
        self._work = "dry run for" if dry_run else "copying"
        what = "dry run" if dry_run else "run"
        self._emit(Weight.DETAIL, "run_started", f"{what} {run} started", run=run, place=place, dry_run=dry_run)

    def account(self, nickname: str, *, items: int | None) -> None:
        """SmugMug answered."""
        counted = f" ({plural(items, 'item')})" if items is not None else ""
        sentence = f"started: {self._work} SmugMug account {nickname}{counted} to {self._place}"
        self._emit(Weight.NOTE, "account", sentence, account=nickname, items=items)

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        """An album was found."""
        self._emit(Weight.DETAIL, "album_found", f"album found: {path}", album=path, items=count, bytes=size)

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed."""
        sentence = f"album listed: {path} ({plural(count, 'item')}, {files:,} to copy, {amount(size)})"
        self._emit(
            Weight.DETAIL, "album_planned", sentence,
            album=path, items=count, to_move=files, bytes=size, skipped=skipped,
        )  # fmt: skip

    def settled(self, path: str, *, complete: bool) -> None:
        """An album is done."""
        how = "done" if complete else "not complete"
        self._emit(Weight.DETAIL, "album_done", f"album {how}: {path}", album=path, complete=complete)

    def moved(self, label: str, size: int) -> None:
        """A file was copied."""
        self._emit(Weight.DETAIL, "file_moved", f"copied: {label} ({amount(size)})", file=label, bytes=size)

    def kept(self, label: str) -> None:
        """The metadata or the name of a stored file was updated."""
        self._emit(Weight.DETAIL, "file_updated", f"updated: {label}", file=label)

    def not_updated(self, label: str, side: str, reason: str) -> None:
        """The metadata or the name of a stored file could not be updated."""
        sentence = f"copied, but metadata or name not updated: {label} ({attribute(side, reason)})"
        self._emit(Weight.TROUBLE, "file_not_updated", sentence, file=label, side=side, reason=reason)

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be copied."""
        sentence = f"failed: {label} ({attribute(side, reason)})"
        self._emit(Weight.TROUBLE, "file_failed", sentence, file=label, side=side, reason=reason)

    def unavailable(self, label: str, reason: str) -> None:
        """A file is not available from SmugMug."""
        sentence = f"not available: {label} ({reason})"
        again = reason in self._refused
        self._refused |= {reason} if reason.startswith(NOT_GIVEN) else set()
        self._emit(Weight.DETAIL if again else Weight.TROUBLE, "file_unavailable", sentence, file=label, reason=reason)

    def previewed(self, label: str, size: int) -> None:
        """A preview was copied."""
        self._emit(Weight.DETAIL, "preview_copied", f"preview copied: {label} ({amount(size)})", file=label, bytes=size)

    def preview_failed(self, label: str, side: str, reason: str) -> None:
        """A preview could not be copied."""
        sentence = f"preview not copied: {label} ({attribute(side, reason)})"
        self._emit(Weight.TROUBLE, "preview_failed", sentence, file=label, side=side, reason=reason)

    def retried(self, what: str, side: str, reason: str) -> None:
        """Something is retried."""
        self._emit(
            Weight.DETAIL,
            "retry",
            f"retrying: {what} ({attribute(side, reason)})",
            what=what,
            side=side,
            reason=reason,
        )

    def paused(self, seconds: float) -> None:
        """SmugMug asks for a pause."""
        sentence = f"rate limited by SmugMug: API paused for {duration(seconds)}, transfers continue"
        self._emit(Weight.NOTE, "pause", f"note: {sentence}", seconds=round(seconds, 1))

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """SmugMug or the bucket is unreachable."""
        sentence = (
            f"note: cannot reach {called(side)} ({reason}); nothing is lost, retrying for up to {roughly(longest)}"
        )
        self._emit(
            Weight.NOTE, "away", sentence,
            side=side, since=since.astimezone(UTC).isoformat(timespec="seconds"), reason=reason, seconds=round(longest, 1),
        )  # fmt: skip

    def back(self, side: str, seconds: float) -> None:
        """It is reachable again."""
        sentence = f"note: {called(side)} is reachable again after {duration(seconds)}; continuing"
        self._emit(Weight.NOTE, "back", sentence, side=side, seconds=round(seconds, 1))

    def note(self, text: str) -> None:
        """A note for people."""
        self._emit(Weight.NOTE, "note", f"note: {text}", text=text)

    def ended(self, summary: Mapping[str, Any], sentence: str) -> None:
        """The run is over."""
        self._emit(Weight.STAGE, "summary", f"ended: {sentence}", **summary)
