"""`smug2s3 status` over the ledger of a million files, ten thousand of them failed, and of a tenth of that."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from tests.bench.filled import fill
from tests.bench.machine import Cost, ours, table, timed

FILES = (100_000, 1_000_000)
ROUNDS = 5


async def status() -> None:
    """The whole command, from its start to its end, with a ledger the system has read before."""
    rows = []
    for files in FILES:
        with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
            ledger = Path(folder) / "transfer_log.db"
            fill(ledger, files)
            environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "LEDGER_PATH": str(ledger)}
            command = ours("status", "--json")
            costs = [await asyncio.to_thread(timed, command, environment, Path(folder)) for _ in range(ROUNDS + 1)][1:]
            assert not any(cost.code for cost in costs)
            rows.append((f"{files:,}", f"{ledger.stat().st_size / 1e6:.0f}", *_figures(costs)))
    table(("files", "ledger MB", "seconds, median", "least", "processor", "peak MB"), rows)


def _figures(costs: list[Cost]) -> tuple[str, ...]:
    seconds = sorted(cost.seconds for cost in costs)
    processor = sorted(cost.cpu_seconds for cost in costs)
    return (
        f"{seconds[len(seconds) // 2]:.2f}",
        f"{seconds[0]:.2f}",
        f"{processor[len(processor) // 2]:.2f}",
        f"{max(cost.peak_mb for cost in costs):.0f}",
    )
