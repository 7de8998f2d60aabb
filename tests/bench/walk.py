"""Listing 100,000 items in 2,000 albums while SmugMug takes a tenth of a second for every answer."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from tests.bench.machine import ours, stage, table, timed

WORLD = "flat:2000x50x200"
LATENCY = 0.1


async def walk() -> None:
    """A dry run: everything that is asked of the API, nothing that is moved."""
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        async with stage(home, WORLD, "photos", latency=LATENCY) as at:
            command = ours("sync", "--dry-run", "--json")
            cost = await asyncio.to_thread(timed, command, at.environment("photos"), home)
        output = (home / "output.txt").read_text()
    found = json.loads(output[output.find("{") :])
    serial = found["api_calls"] * LATENCY
    print(f"\n{WORLD}, {LATENCY:g} s an answer")
    table(
        ("items", "API calls", "seconds", "one call after another", "share", "peak MB"),
        [
            (
                found["assets"],
                found["api_calls"],
                f"{cost.seconds:.1f}",
                f"{serial:.0f}",
                f"{cost.seconds / serial:.2f}",
                f"{cost.peak_mb:.0f}",
            )
        ],
    )
