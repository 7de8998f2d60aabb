"""A reporter that remembers everything it was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from smug2s3.ports.reporter import Reporter, WorkerState


@dataclass(slots=True)
class Recorder(Reporter):
    """What tests ask about."""

    notes: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    retries: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    in_place: list[str] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)

    crew: Sequence[WorkerState] = ()
    """The latest states of the workers."""
    outages: list[tuple[str, datetime, str, float]] = field(default_factory=list)
    """Sides as they went away, since when, why, and for how long they are waited for."""
    returned: list[tuple[str, float]] = field(default_factory=list)
    """Sides as they came back, and after how long."""

    @property
    def waited_for(self) -> set[str]:
        """Sides that were away at any time, each host by its kind alone."""
        return {side.partition(" 127.")[0] for side, *_ in self.outages}

    @property
    def bytes_passed(self) -> int:
        """What a progress display would show as moved."""
        return sum(self.passed.values())

    def workers(self, states: Sequence[WorkerState]) -> None:
        self.crew = states

    def advanced(self, label: str, size: int) -> None:
        self.passed[label] = self.passed.get(label, 0) + size

    def moved(self, label: str, size: int) -> None:
        self.finished[label] = size

    def kept(self, label: str) -> None:
        self.in_place.append(label)

    def failed(self, label: str, side: str, reason: str) -> None:
        self.failures[label] = f"{side}: {reason}"

    def retried(self, label: str, side: str, reason: str) -> None:
        self.retries.append(f"{label}: {side}: {reason}")

    def unavailable(self, label: str, reason: str) -> None:
        self.missing[label] = reason

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        self.outages.append((side, since, reason, longest))

    def back(self, side: str, seconds: float) -> None:
        self.returned.append((side, seconds))

    def note(self, text: str) -> None:
        self.notes.append(text)
