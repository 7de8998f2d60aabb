"""`smug2s3 find` and `smug2s3 ls` over the ledger of a million files with titles, captions and keywords."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from tests.bench.machine import ours, table, timed
from tests.bench.status import fill

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


def say(path: Path) -> None:
    """A title for every third file, a caption for every fifth, four keywords for each."""
    choose = random.Random(1)

    def words(number: int) -> str:
        return " ".join(f"word{choose.randrange(20_000)}" for _ in range(number))

    with closing(sqlite3.connect(path, isolation_level=None)) as ledger:
        ledger.execute("PRAGMA synchronous = OFF")
        ledger.execute("BEGIN")
        files = ledger.execute("SELECT album_key, image_key, filename FROM assets").fetchall()
        ledger.executemany(
            "INSERT INTO details (album_key, image_key, names, title, caption, keywords) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (*file, words(3) if number % 3 == 0 else "", _caption(number, words(12)), words(4).replace(" ", "\n"))
                for number, file in enumerate(files)
            ],
        )
        ledger.execute("COMMIT")


def _caption(number: int, words: str) -> str:
    named = {1: "Grandma's birthday ", 2: "京都の桜 "}.get(number % 9973, "")
    return named + words if named or number % 5 == 0 else ""
