"""The health file of a sync that runs by itself: its document, and whether all is well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from smug2s3.rules.durations import read_duration
from smug2s3.rules.foreign_json import read_json


class State(StrEnum):
    """What the process was doing when it wrote the file."""

    RUNNING = "running"
    WAITING = "waiting"
    """For the next run."""
    ENDED = "ended"
    """It has exited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a run ended."""

    run: str
    began: datetime
    ended: datetime
    exit_code: int
    verdict: str
    """The run in one sentence."""
    copied: int
    bytes: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a health file says."""

    state: State
    started: datetime
    """When the process started."""
    updated: datetime
    """When this was last true; during a run, when it last made progress."""
    last_run: Ran | None = None
    next_run: datetime | None = None

    def document(self) -> dict[str, Any]:
        """The fields of the file."""
        last = self.last_run
        return {
            "state": self.state.value,
            "started": _iso(self.started),
            "updated": _iso(self.updated),
            "next_run": _iso(self.next_run) if self.next_run else None,
            "last_run": None if last is None else _fields(last),
        }

    def waiting(self, now: datetime, next_run: datetime) -> Health:
        """The first run is still to come, or the next one."""
        return replace(self, state=State.WAITING, updated=now, next_run=next_run)

    def running(self, now: datetime) -> Health:
        """A run is at work, and makes progress."""
        return replace(self, state=State.RUNNING, updated=now, next_run=None)

    def ran(self, last: Ran, next_run: datetime | None) -> Health:
        """A run ended; without another one, so does the process."""
        state = State.WAITING if next_run else State.ENDED
        return replace(self, state=state, updated=last.ended, last_run=last, next_run=next_run)

    def ended(self, now: datetime) -> Health:
        """The process exits while nothing runs."""
        return replace(self, state=State.ENDED, updated=now, next_run=None)


def _fields(ran: Ran) -> dict[str, Any]:
    return {
        "run": ran.run,
        "began": _iso(ran.began),
        "ended": _iso(ran.ended),
        "exit_code": ran.exit_code,
        "verdict": ran.verdict,
        "copied": ran.copied,
        "bytes": ran.bytes,
        "failed": ran.failed,
    }


def judge(document: Mapping[str, Any], now: datetime, longest: timedelta) -> tuple[bool, str]:
    """Whether all is well, and a sentence that says why, with ISO 8601 times.

    All is well if the last run succeeded and the last sign of life is not older than ``longest``. Raises ValueError
    if it is not the document of a health file.
    """
    try:
        state, updated = State(document["state"]), datetime.fromisoformat(document["updated"])
        last = document["last_run"] or {}
        code, verdict = int(last.get("exit_code", 0)), str(last.get("verdict", ""))
        age = now - updated
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ValueError("it is not a health file of smug2s3") from None
    if code:
        return False, f"the last run ended {last.get('ended')} with exit code {code}: {verdict}"
    if age > longest:
        return False, f"{_SILENT[state]} since {_iso(updated)}, which is longer ago than allowed"
    if state is State.RUNNING:
        return True, f"a run is at work; its last progress was {_iso(updated)}"
    if last:
        return True, f"the last run ended {last.get('ended')}: {verdict}"
    return True, f"no run has ended yet; waiting since {_iso(updated)}"


_SILENT = {
    State.RUNNING: "a run is at work, but has made no progress",
    State.WAITING: "no run has ended",
    State.ENDED: "no run has ended",
}


def is_health_file(body: bytes) -> bool:
    """Whether a file may be replaced by a health file: it is one, or it is empty."""
    try:
        return not body or {"state", "updated", "last_run"} <= read_json(body).keys()
    except (ValueError, AttributeError):
        return False


def longest_age(text: str) -> timedelta | None:
    """Parse --max-age; ``None`` if it is not a duration of at least a minute."""
    age = read_duration(text.strip())
    return age if age and age >= timedelta(minutes=1) else None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
