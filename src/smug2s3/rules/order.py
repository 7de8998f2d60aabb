"""In which order files are moved: a rank for each, the lowest first."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from enum import StrEnum

from smug2s3.models import Asset
from smug2s3.rules.filters import day_of


class Order(StrEnum):
    """What comes first."""

    ALBUM = "album"
    """Whatever album the walk finds first: nothing has to be known of the others."""
    NEWEST = "newest"
    OLDEST = "oldest"
    SMALLEST = "smallest"
    LARGEST = "largest"


def rank(order: Order, asset: Asset) -> float:
    """Where it stands in the whole account; what lacks the date or size that is asked for comes last."""
    if order is Order.ALBUM:
        return 0.0
    value = _seconds(asset) if order in (Order.NEWEST, Order.OLDEST) else asset.size
    if value is None:
        return math.inf
    return -float(value) if order in (Order.NEWEST, Order.LARGEST) else float(value)


def _seconds(asset: Asset) -> float | None:
    """When it was taken, by the camera's clock; where nobody knows that, when it was uploaded."""
    for moment in (asset.taken, asset.uploaded):
        if day_of(moment) is not None:
            try:
                found = datetime.fromisoformat(moment)
            except ValueError:
                found = datetime.fromisoformat(moment[:10])
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return None
