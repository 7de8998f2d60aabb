"""Messages between coordinator and workers: plain data without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from smug2s3 import errors
from smug2s3.errors import Smug2s3Error, Unforeseen
from smug2s3.models import Proof, Receipt
from smug2s3.ports.mover import NotStarted, TransferSpec

NUMBER = "number"
"""The field with the number that identifies a file."""

Batch: TypeAlias = tuple[tuple[int, TransferSpec], ...]
"""Files to copy, each with its number."""

Plain: TypeAlias = dict[str, Any]
"""Data that MessagePack can encode: strings, numbers, lists and dicts of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The limits that a worker applies from now on; also a sign that its coordinator is alive."""

    rate: float | None = None
    """Its share of the bandwidth limit, in bytes a second; ``None`` for no limit."""
    places: int | None = None
    """Its share of the limit on concurrent files; ``None`` to adapt automatically."""
    late: bool = False
    """Whether the time limit passed, so no file may be started."""
    stop: bool = False
    """Whether to cancel all transfers."""


@dataclass(slots=True)
class Report:
    """A worker's events since its last report; sent empty as a sign of life."""

    run: str
    worker: str
    """Its address."""
    ready: bool = False
    busy: bool = False
    """Whether it is still working for another run."""
    refusal: Plain | None = None
    """Why it cannot copy anything: an encoded error."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    """Hashes of the account and the destination in its settings."""
    places: int = 0
    """The current number of concurrent files."""
    started: list[int] = field(default_factory=list)
    """Numbers of files that were started."""
    passed: dict[str, int] = field(default_factory=dict)
    """Transferred bytes by file number; MessagePack keys are strings."""
    retried: list[tuple[int, str, str]] = field(default_factory=list)
    """Number, side and reason."""
    away: list[tuple[str, str, str, float]] = field(default_factory=list)
    """Side, since when, reason, and the longest wait."""
    back: list[tuple[str, float]] = field(default_factory=list)
    outcomes: list[Plain] = field(default_factory=list)

    @property
    def news(self) -> bool:
        """Whether it contains events."""
        return any((self.started, self.passed, self.retried, self.away, self.back, self.outcomes))

    def next(self) -> Report:
        """The report that follows, without events."""
        return Report(self.run, self.worker, ready=self.ready, refusal=self.refusal, fingerprint=self.fingerprint)

    def plain(self) -> Plain:
        """Encode it, without empty fields."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Report:
        """Decode it; fields that only another version knows are ignored."""
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in plain.items() if name in known})


def success(number: int, receipt: Receipt) -> Plain:
    """The outcome of a copied file."""
    return {NUMBER: number, "receipt": asdict(receipt) | {"proof": receipt.proof.value}}


def dropped(number: int) -> Plain:
    """The outcome of a cancelled transfer, to be assigned again."""
    return {NUMBER: number, "dropped": True}


def failure(number: int, error: Exception) -> Plain:
    """The outcome of a failed file."""
    return {NUMBER: number} | encode_error(error)


def encode_error(error: Exception) -> Plain:
    """Encode an error: the name of its class and its fields."""
    known = errors.foreseen(error) if not isinstance(error, NotStarted) else error
    return {
        "error": type(known).__name__,
        "message": str(known),
        "hint": getattr(known, "hint", ""),
        "retry_after": getattr(known, "retry_after", None),
    }


def decode_error(plain: Mapping[str, Any], *, before: str = "") -> Exception:
    """Decode an error to its own class; ``Unforeseen`` if that is not one of ours."""
    if plain["error"] == NotStarted.__name__:
        return NotStarted()
    kind = getattr(errors, plain["error"], Unforeseen)
    if not (isinstance(kind, type) and issubclass(kind, Smug2s3Error)):
        kind = Unforeseen
    return kind(before + plain["message"], hint=plain["hint"], retry_after=plain["retry_after"])


def receipt_of(plain: Mapping[str, Any]) -> Receipt | None:
    """The receipt in an outcome, if the file was copied."""
    found = plain.get("receipt")
    return None if found is None else Receipt(**{**found, "proof": Proof(found["proof"])})
