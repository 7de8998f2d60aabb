"""Planning a move of 10,000 albums, and of 100,000 listed items, while SmugMug takes a tenth of a second an answer."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from tests.bench.machine import ours, stage, table, timed

RUNS = (("flat:10000x100x200", ()), ("flat:2000x50x200", ("--items",)))
"""A million items by SmugMug's own sums; a hundred thousand by listing every one."""

LATENCY = 0.1


async def plan() -> None:
    """Each world by the command a person would use."""
    rows = [await _row(world, more) for world, more in RUNS]
    print(f"\n{LATENCY:g} s an answer")
    table(("", "albums", "items", "API calls", "seconds", "one call after another", "peak MB"), rows)


async def _row(world: str, more: tuple[str, ...]) -> tuple[object, ...]:
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        async with stage(home, world, "photos", latency=LATENCY) as at:
            command = ours("plan", *more, "--json")
            cost = await asyncio.to_thread(timed, command, at.environment("photos"), home)
        output = (home / "output.txt").read_text()
    found = json.loads(output[output.find("{") :])
    calls = found["api_calls"]
    serial = f"{calls * LATENCY:.0f}"
    name = " ".join(("plan", *more))
    return name, found["albums"], found["assets"], calls, f"{cost.seconds:.1f}", serial, f"{cost.peak_mb:.0f}"
