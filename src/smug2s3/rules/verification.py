"""The record of a verification that the ledger keeps: its result and the first differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference.

    ``kind`` is missing, different, pending (the bytes are right, the metadata is not), unverifiable (it must be
    read to know), not shown (by SmugMug), or extra.
    """

    kind: str
    key: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of one verification, as the ledger keeps it."""

    began: str
    """UTC, ISO 8601; so is ``ended``."""
    ended: str
    levels: tuple[str, ...]
    """What was checked: ledger, listing, head, deep (``deep:5`` for five of a hundred objects), source."""
    clean: bool
    """Whether something was checked and nothing differed."""
    safe: bool | None = None
    """With a certificate: whether the SmugMug account may be cancelled."""
    verdict: str = ""
    """With a certificate: its verdict."""
    counts: Mapping[str, int]
    """Named as in ``verify --json``."""
    differences: tuple[Difference, ...] = ()
    """The first differences; ``counts`` has their number."""
