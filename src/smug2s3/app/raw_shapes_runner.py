"""Asks SmugMug for the shapes of its answers for RAW files."""

from __future__ import annotations

from typing import Any

from smug2s3.app.factories import open_client
from smug2s3.settings import Settings
from smug2s3.smugmug.raw_shapes import raw_shapes


async def run_raw_shapes(settings: Settings) -> dict[str, Any]:
    """Reads only; see ``raw_shapes``."""
    async with open_client(settings) as client:
        return await raw_shapes(client)
