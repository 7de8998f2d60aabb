"""`smug2s3 status` over the ledger of a million files, ten thousand of them failed, and of a tenth of that."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from smug2s3.ledger import schema
from tests.bench.machine import Cost, ours, table, timed

FILES = (100_000, 1_000_000)
IN_AN_ALBUM = 250
ROUNDS = 5
WHEN = "2026-01-02T03:04:05+00:00"
REASON = "SmugMug: SmugMug's media host answered 503"


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


def fill(path: Path, files: int) -> None:
    """A ledger as a long sync leaves it: one file of a hundred failed."""
    ledger = sqlite3.connect(path, isolation_level=None)
    schema.prepare(ledger)
    ledger.execute("PRAGMA synchronous = OFF")
    ledger.execute("BEGIN")
    for number in range(files // IN_AN_ALBUM):
        directory = f"Family/Year {1990 + number % 30}/Album {number:06d}"
        album = (
            f"A{number:06d}",
            directory,
            directory,
            IN_AN_ALBUM,
            f"smugmug/|250|123456789|{WHEN}|{directory}",
            WHEN,
        )
        ledger.execute(
            "INSERT INTO albums (album_key, path, directory, image_count, fingerprint, listed_at) VALUES (?, ?, ?, ?, ?, ?)",
            album,
        )
        assets = list(_assets(number, f"smugmug/{directory}"))
        ledger.executemany(
            "INSERT INTO assets (album_key, image_key, filename, identity, size, md5, key, name_wanted, described, state,"
            " reason, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            assets,
        )
        ledger.executemany(
            "INSERT INTO objects (key, album_key, image_key, size, md5, etag, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(row[6], row[0], row[1], row[4], row[5], row[5], WHEN) for row in assets if row[9] == "moved"],
        )
    ledger.execute("COMMIT")
    ledger.close()


def _assets(album: int, directory: str) -> Iterator[tuple[object, ...]]:
    for number in range(IN_AN_ALBUM):
        serial = album * IN_AN_ALBUM + number
        md5, key = f"{serial:032x}", f"{directory}/IMG_{number:04d}.JPG"
        state, reason = ("moved", "") if serial % 100 else ("failed", REASON)
        size = 3_000_000 + number
        yield (
            f"A{album:06d}", f"k{serial:07x}", f"IMG_{number:04d}.JPG", f"0|{md5}|", size, md5, key, key, md5[:16],
            state, reason, WHEN,
        )  # fmt: skip
