"""What else SmugMug says of an account is held against its folders: its flat list of all albums, and its own count.

Neither is right by itself. The flat list knows no system albums and fails for single accounts; only its owner is shown
all of it. What the account's count makes of collected and deleted items is documented nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from smug2s3.models import AlbumTotals

Walked = Mapping[str, tuple[str, int | None]]
"""Of every album that the folders showed, by its key: its path, and what SmugMug counts in it (``None``: not said)."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the flat list says against the folders; each sentence by the key of the album it is about."""

    unseen: dict[str, str] = field(default_factory=dict)
    """Albums that the folders did not show. One that was made after its folder was read is among them: ask again."""
    counts: dict[str, str] = field(default_factory=dict)
    """Albums of which the flat list counts more or fewer items. One that was changed between is among them."""
    note: str = ""
    """Why there is no second witness; empty where there is one."""


def against_folders(walked: Walked, flat: Iterable[AlbumTotals] | str) -> Testimony:
    """Hold ``user!albums`` against the walk; ``flat`` is the reason where that list could not be read.

    An album that only the folders know is nothing to wonder at.
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
    """How the account's own count differs from that of its albums together, as a sentence; empty where it does not.

    ``total`` counts an image once for each album that lists it, ``distinct`` once in all: either may be what SmugMug
    counts.
    """
    if counted is None or counted in (total, distinct):
        return ""
    return f"SmugMug counts {counted:,} items in the account, but {total:,} in its albums"


def _counts_differ(path: str, walked: int | None, flat: int | None) -> str:
    if walked is None or flat is None or walked == flat:
        return ""
    return f"{path}: SmugMug counts {walked:,} items in the album, but {flat:,} in its list of all albums"
