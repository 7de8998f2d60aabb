"""`smug2s3 find` and `smug2s3 ls` over the ledger of a million files with titles, captions and keywords."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from tests.bench.filled import fill, say
from tests.bench.machine import ours, table, timed

FILES = 1_000_000
ROUNDS = 3
COMMANDS = (
    ("find", "grandma*", "--json"),
    ("find", "word1234", "word4321"),
    ("find", "IMG_0007", "--keys"),
    ("find", "*andma*"),
    ("find", "京都"),
    ("ls",),
    ("ls", "Family/Year 1999"),
    ("ls", "Family/Year 1999/Album 000009"),
)


async def find() -> None:
    """Each command from its start to its end, with a ledger the system has read before."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        ledger = Path(folder) / "transfer_log.db"
        fill(ledger, FILES)
        say(ledger)
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "LEDGER_PATH": str(ledger)}
        for words in COMMANDS:
            costs = [await asyncio.to_thread(timed, ours(*words), environment, Path(folder)) for _ in range(ROUNDS + 1)]
            assert not any(cost.code for cost in costs)
            least = min(costs[1:], key=lambda cost: cost.seconds)
            rows.append((" ".join(words), f"{least.seconds:.2f}", f"{least.cpu_seconds:.2f}", f"{least.peak_mb:.0f}"))
        rows.append((f"(the ledger: {ledger.stat().st_size / 1e6:.0f} MB)", "", "", ""))
    table((f"command, {FILES:,} files", "seconds, least", "processor", "peak MB"), rows)
