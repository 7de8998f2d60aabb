"""How many receipts a second the ledger takes from twenty movers at once, each waiting until its own is on record."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.rules.plan import Step
from tests.bench.machine import table
from tests.unit.samples import album, asset, receipt, step

MOVERS = 20
IN_AN_ALBUM = 500
SIZES = (10_000, 100_000)


async def receipts() -> None:
    """Albums planned and worked off one after another, as `sync` does it."""
    rows = []
    for files in SIZES:
        with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
            path = Path(folder) / "transfer_log.db"
            async with open_ledger(str(path)) as ledger:
                began = time.monotonic(), time.process_time()
                for number in range(files // IN_AN_ALBUM):
                    await _album(ledger, f"A{number:06d}")
                seconds, cpu = time.monotonic() - began[0], time.process_time() - began[1]
            rows.append((f"{files:,}", f"{files / seconds:,.0f}", f"{cpu / files * 1e3:.2f}", f"{seconds:.1f}"))
    table(("files", "receipts a second", "processor ms a file", "seconds"), rows)


async def _album(ledger: SqliteLedger, key: str) -> None:
    one = album(key=key, node_id=f"N{key}", directory=f"Albums/{key}")
    steps = list(_steps(key))
    await ledger.plan(one, steps, [each.asset.image_key for each in steps], whole=True)
    left = iter(steps)

    async def move() -> None:
        for each in left:
            await ledger.moved(each, receipt(each.key))

    await asyncio.gather(*(move() for _ in range(MOVERS)))
    await ledger.settle(one, complete=True, fingerprint="f", references={}, digest="")


def _steps(key: str) -> Iterator[Step]:
    for number in range(IN_AN_ALBUM):
        one = asset(album_key=key, image_key=f"{key}-{number}", filename=f"IMG_{number:04d}.JPG")
        yield step(one, f"smugmug/Albums/{key}/IMG_{number:04d}.JPG")
