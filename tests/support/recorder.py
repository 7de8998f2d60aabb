"""A reporter that remembers everything it was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from smug2s3.ports import Reporter


@dataclass(slots=True)
class Recorder(Reporter):
    """What tests ask about."""

    notes: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    in_place: list[str] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)

    @property
    def bytes_passed(self) -> int:
        """What a progress display would show as moved."""
        return sum(self.passed.values())

    def advanced(self, label: str, size: int) -> None:
        self.passed[label] = self.passed.get(label, 0) + size

    def moved(self, label: str, size: int) -> None:
        self.finished[label] = size

    def kept(self, label: str) -> None:
        self.in_place.append(label)

    def failed(self, label: str, side: str, reason: str) -> None:
        self.failures[label] = f"{side}: {reason}"

    def unavailable(self, label: str, reason: str) -> None:
        self.missing[label] = reason

    def note(self, text: str) -> None:
        self.notes.append(text)
