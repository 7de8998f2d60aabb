"""Parses numbers of bytes: `500K`, `2G`."""

from __future__ import annotations

import re

UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}

_SIZE = re.compile(r"(\d{1,18}(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)


def read_size(text: str) -> int | None:
    """Bytes of ``500K``, ``2G``, ``1.5GiB`` or ``1000``; ``None`` for anything else."""
    found = _SIZE.fullmatch(text.strip())
    return round(float(found[1]) * UNITS[found[2].lower()]) if found else None
