"""Compares an account's folders with SmugMug's other sources: its flat list of all albums, and its own count.

Neither is reliable by itself. The flat list lacks system albums and fails for some accounts; only the owner sees
all of it. How the account's count treats collected and deleted items is undocumented.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from smug2s3.models import AlbumTotals

Walked = Mapping[str, tuple[str, int | None]]
"""Albums found in folders by key: path, and SmugMug's count (``None`` if unknown)."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """Where the flat list contradicts the folders, as sentences by album key."""

    unseen: dict[str, str] = field(default_factory=dict)
    """Albums missing in the folders. May include new ones, created after their folder was read: ask again."""
    counts: dict[str, str] = field(default_factory=dict)
    """Albums with a different count in the flat list. May include albums changed in between."""
    note: str = ""
    """Why the flat list is not available; empty if it is."""


def against_folders(walked: Walked, flat: Iterable[AlbumTotals] | str) -> Testimony:
    """Compare ``user!albums`` with the walk; ``flat`` is the reason if that list could not be read.

    An album that is only in the folders is normal.
    """
    if isinstance(flat, str):
        return Testimony(note=f"{flat}; albums are taken from the folders alone")
    unseen: dict[str, str] = {}
    counts: dict[str, str] = {}
    for album in flat:
        if album.key not in walked:
            unseen[album.key] = f"{album.path}: in SmugMug's list of all albums, but in none of its folders"
        elif sentence := _counts_differ(*walked[album.key], album.assets):
            counts[album.key] = sentence
    return Testimony(unseen, counts)


def against_account(total: int, counted: int | None, *, distinct: int | None = None) -> str:
    """How the account's own count differs from the sum of its albums, as a sentence; empty if it does not.

    ``total`` counts an image once per album that lists it, ``distinct`` once in all; SmugMug may count either
    way.
    """
    if counted is None or counted in (total, distinct):
        return ""
    return f"SmugMug counts {counted:,} items in the account, but {total:,} in its albums"


def _counts_differ(path: str, walked: int | None, flat: int | None) -> str:
    if walked is None or flat is None or walked == flat:
        return ""
    return f"{path}: SmugMug counts {walked:,} items in the album, but {flat:,} in its list of all albums"
