"""A log file: one line per event, for people or for programs; a failure to write it never stops a run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from smug2s3.errors import UsageError
from smug2s3.reporting.events import Event

Form = Callable[[Event, datetime], str]


def as_text(event: Event, now: datetime) -> str:
    """``2026-11-21T02:12:44+00:00 copied: Garden/rose.jpg (1.2 MB)``."""
    return f"{now.isoformat(timespec='seconds')} {event.sentence}"


def as_json(event: Event, now: datetime) -> str:
    """``{"at": "...", "event": "file_moved", "file": "Garden/rose.jpg", "bytes": 1234}``, in ASCII."""
    return json.dumps({"at": now.isoformat(timespec="milliseconds"), "event": event.name, **event.fields})


FORMS: dict[str, Form] = {"text": as_text, "json": as_json}


class LogFile:
    """Appends to ``path``; raises UsageError if it cannot be opened, and nothing later.

    ``complain`` is called when a line cannot be written, once until it works again.
    """

    def __init__(self, path: Path, form: Form, complain: Callable[[str], None]) -> None:
        self._path = path
        self._form = form
        self._complain = complain
        self._torn = False
        """Whether the last line may be incomplete."""
        self._failing = False
        try:
            self._file = FileIO(path, "ab", opener=_private)
        except OSError as error:
            raise UsageError(
                f"cannot write the log file {path}: {error.strerror}", hint="Name another file with --log-file."
            ) from error

    def on_event(self, event: Event) -> None:
        """Write one line; it is flushed when this returns."""
        line = self._form(event, datetime.now(UTC)).encode() + b"\n"
        if self._torn:
            line = b"\n" + line
        try:
            written = self._file.write(line)
        except OSError as error:
            self._fail(error.strerror or str(error))
            return
        self._torn = written != len(line)
        if self._torn:
            self._fail("the disk is full")
        else:
            self._failing = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _fail(self, reason: str) -> None:
        if not self._failing:
            self._failing = True
            self._complain(f"cannot write the log file {self._path} any more ({reason}); the sync continues")


def _private(path: str, flags: int) -> int:
    """Open it readable for its owner only: it names files in private albums."""
    return os.open(path, flags, 0o600)
