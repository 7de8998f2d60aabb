"""A reporter that remembers everything it was told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Recorder:
    """Implements ``smug2s3.ports.Reporter``."""

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

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        pass

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        pass

    def started(self, label: str, size: int | None) -> None:
        pass

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
