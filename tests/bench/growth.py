"""Time and memory as the account grows: the first run, a second one with nothing to do, and verify."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from tests.bench.machine import Stage, ours, stage, table, timed

WORLDS = {
    1_000: "flat:20x50x200",
    10_000: "flat:200x50x200",
    100_000: "flat:2000x50x200",
    1_000_000: "flat:20000x50x200",
}
"""Assets of 200 bytes: what grows is the account, not the bytes."""


STEPS = (("sync",), ("sync",), ("sync", "--full"), ("verify",), ("verify", "--source"))


async def growth() -> None:
    """Each world into an empty bucket of its own."""
    rows = []
    for assets, world in WORLDS.items():
        with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
            home = Path(folder)
            async with stage(home, world, "photos") as at:
                rows += [await _row(at, assets, step) for step in STEPS]
    table(("assets", "command", "seconds", "ms an asset", "peak MB", "API calls", "exit code"), rows)


async def _row(at: Stage, assets: int, step: tuple[str, ...]) -> tuple[object, ...]:
    cost = await asyncio.to_thread(timed, ours(*step, "--json"), at.environment("photos"), at.home)
    calls = _calls((at.home / "output.txt").read_text())
    name = " ".join(step)
    return (
        assets,
        name,
        f"{cost.seconds:.1f}",
        f"{cost.seconds / assets * 1e3:.2f}",
        f"{cost.peak_mb:.0f}",
        calls,
        cost.code,
    )


def _calls(output: str) -> object:
    found = output[output.find("{") :]
    return json.loads(found).get("api_calls", "") if found else "?"
