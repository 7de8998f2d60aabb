"""One line per file with a sign for its state, as `rclone check --combined` writes them, for other programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from smug2s3.models import Stored
from smug2s3.reporting.atomic_write import replacing
from smug2s3.reporting.names import sanitize
from smug2s3.rules.verification import Difference

SIGNS = {"missing": "+", "extra": "-", "different": "*", "pending": "*", "unverifiable": "!", "not shown": "!"}
"""Seen from the archive: ``+`` is missing in the bucket, ``-`` is only there, ``=`` is as recorded."""


class Found(Protocol):
    """What a verification found."""

    @property
    def objects(self) -> list[Difference]:
        """Differences of objects, by key."""

    @property
    def items(self) -> list[Difference]:
        """Other differences, by a name for people."""

    @property
    def extra(self) -> list[Difference]:
        """Objects that are not from smug2s3."""


async def write_combined(path: Path, stored: AsyncIterator[list[Stored]], found: Found) -> None:
    """Write every object of the ledger and every other finding, one per line with its sign."""
    wrong = {difference.key for difference in found.objects}
    with replacing(path) as file:
        async for page in stored:
            file.writelines(f"= {sanitize(one.key)}\n" for one in page if one.key not in wrong)
        file.writelines(f"{SIGNS[d.kind]} {sanitize(d.key)}\n" for d in (*found.objects, *found.items, *found.extra))
