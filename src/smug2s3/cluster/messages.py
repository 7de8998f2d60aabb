"""What coordinator and workers say to each other: plain data without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from smug2s3 import errors
from smug2s3.errors import Smug2s3Error, Unforeseen
from smug2s3.models import Proof, Receipt
from smug2s3.ports.mover import NotStarted, TransferSpec

NUMBER = "number"
"""A file's, by which coordinator and workers know it."""

Batch: TypeAlias = tuple[tuple[int, TransferSpec], ...]
"""Files to be moved, each with its number."""

Plain: TypeAlias = dict[str, Any]
"""What MessagePack takes: texts, numbers, lists and dicts of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what a worker works from now on; that they come at all tells it that its coordinator lives."""

    rate: float | None = None
    """Bytes a second, its share of what all may pass; ``None`` as many as can."""
    places: int | None = None
    """Files at once, its share as well; ``None`` as many as prove useful."""
    late: bool = False
    """Whether nothing more is to begin."""
    stop: bool = False
    """Whether what is under way is to be cancelled."""


@dataclass(slots=True)
class Report:
    """What a worker tells since it told last; empty ones come, too, as a sign of life."""

    run: str
    worker: str
    """Its address."""
    ready: bool = False
    busy: bool = False
    """Whether it is still working for another run."""
    refusal: Plain | None = None
    """Why it cannot work."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    """Whose account and which bucket its settings name, each in a hash."""
    places: int = 0
    """Files at once, as of now."""
    started: list[int] = field(default_factory=list)
    """Files that began, by their numbers."""
    passed: dict[str, int] = field(default_factory=dict)
    """Bytes by the file's number, as text."""
    retried: list[tuple[int, str, str]] = field(default_factory=list)
    """Number, side and reason."""
    away: list[tuple[str, str, str, float]] = field(default_factory=list)
    """Side, since when, reason, and how long it is waited for."""
    back: list[tuple[str, float]] = field(default_factory=list)
    outcomes: list[Plain] = field(default_factory=list)

    @property
    def news(self) -> bool:
        """Whether it is more than a sign of life."""
        return any((self.started, self.passed, self.retried, self.away, self.back, self.outcomes))

    def next(self) -> Report:
        """An empty one after this."""
        return Report(self.run, self.worker, ready=self.ready, refusal=self.refusal, fingerprint=self.fingerprint)

    def plain(self) -> Plain:
        """For the wire; what says nothing is left out."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Report:
        """From the wire; a field that another version of us sends is left out."""
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in plain.items() if name in known})


def success(number: int, receipt: Receipt) -> Plain:
    """A file is in the store."""
    return {NUMBER: number, "receipt": asdict(receipt) | {"proof": receipt.proof.value}}


def dropped(number: int) -> Plain:
    """It was cancelled, and is nobody's now."""
    return {NUMBER: number, "dropped": True}


def failure(number: int, error: Exception) -> Plain:
    """It was not copied."""
    return {NUMBER: number} | told(error)


def told(error: Exception) -> Plain:
    """An error by the name of its class, with all that is known by it."""
    known = errors.foreseen(error) if not isinstance(error, NotStarted) else error
    return {
        "error": type(known).__name__,
        "message": str(known),
        "hint": getattr(known, "hint", ""),
        "retry_after": getattr(known, "retry_after", None),
    }


def rebuilt(plain: Mapping[str, Any], *, before: str = "") -> Exception:
    """The error again, of its own class; one that is not of our tree is an unforeseen one."""
    if plain["error"] == NotStarted.__name__:
        return NotStarted()
    kind = getattr(errors, plain["error"], Unforeseen)
    if not (isinstance(kind, type) and issubclass(kind, Smug2s3Error)):
        kind = Unforeseen
    return kind(before + plain["message"], hint=plain["hint"], retry_after=plain["retry_after"])


def receipt_of(plain: Mapping[str, Any]) -> Receipt | None:
    """The receipt in an outcome, if the file is in the store."""
    found = plain.get("receipt")
    return None if found is None else Receipt(**{**found, "proof": Proof(found["proof"])})
