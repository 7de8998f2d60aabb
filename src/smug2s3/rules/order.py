"""The order in which files are copied: a rank for each, the lowest first."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from enum import StrEnum

from smug2s3.models import Asset
from smug2s3.rules.filters import day_of


class Order(StrEnum):
    """The orders of --order."""

    ALBUM = "album"
    """In the order in which albums are found; nothing needs to be listed first."""
    NEWEST = "newest"
    OLDEST = "oldest"
    SMALLEST = "smallest"
    LARGEST = "largest"


def rank(order: Order, asset: Asset) -> float:
    """Its rank in the whole account; files without the needed date or size come last."""
    if order is Order.ALBUM:
        return 0.0
    value = _seconds(asset) if order in (Order.NEWEST, Order.OLDEST) else asset.size
    if value is None:
        return math.inf
    return -float(value) if order in (Order.NEWEST, Order.LARGEST) else float(value)


def _seconds(asset: Asset) -> float | None:
    """When it was taken, by the camera's clock; if unknown, when it was uploaded."""
    for moment in (asset.taken, asset.uploaded):
        if day_of(moment) is not None:
            try:
                found = datetime.fromisoformat(moment)
            except ValueError:
                found = datetime.fromisoformat(moment[:10])
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return None
