"""How a verification ended, and the first things that differed: what the ledger keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it should be.

    ``kind`` is missing, different, pending (its bytes are right, its description is not), unverifiable (only reading
    it can tell), not shown (by SmugMug), or extra.
    """

    kind: str
    key: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How one verification ended, as the ledger keeps it."""

    began: str
    """UTC, ISO 8601; so is ``ended``."""
    ended: str
    levels: tuple[str, ...]
    """What was looked at: ledger, listing, head, deep (``deep:5`` for five of a hundred objects), source."""
    clean: bool
    """Whether there was something to look at, and nothing differed."""
    safe: bool | None = None
    """With a certificate: whether it says that the SmugMug account may go."""
    verdict: str = ""
    """With a certificate: the sentence it ends with."""
    counts: Mapping[str, int]
    """As ``verify --json`` names them."""
    differences: tuple[Difference, ...] = ()
    """The first of them; ``counts`` has their number."""
