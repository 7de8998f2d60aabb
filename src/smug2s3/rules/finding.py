"""What `smug2s3 check` found out about one thing."""

from __future__ import annotations

from dataclasses import dataclass

GOOD, NOTE, BAD = "ok", "note", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One test: ``grade`` is ok, note (works differently than usual) or bad (something will fail)."""

    name: str
    grade: str
    meaning: str
