"""One line a file with a sign of how it is, as `rclone check --combined` writes them, for other programs to read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from smug2s3.models import Difference, Stored
from smug2s3.reporting.drafts import replacing
from smug2s3.reporting.names import harmless

SIGNS = {"missing": "+", "extra": "-", "different": "*", "unverifiable": "!"}
"""Seen from the archive: ``+`` is to be added to the bucket, ``-`` is only there, ``=`` is as recorded."""


class HasDifferences(Protocol):
    """What a verification found."""

    @property
    def differences(self) -> list[Difference]:
        """Everything that is not as recorded."""


async def write_combined(path: Path, stored: AsyncIterator[list[Stored]], found: HasDifferences) -> None:
    """Every object of the ledger and everything else that was found, each with its sign; keys on one line each."""
    wrong = {difference.key for difference in found.differences}
    with replacing(path) as file:
        async for page in stored:
            file.writelines(f"= {harmless(one.key)}\n" for one in page if one.key not in wrong)
        file.writelines(f"{SIGNS[d.kind]} {harmless(d.key)}\n" for d in found.differences)
