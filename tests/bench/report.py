"""What a report of a large account costs: to make, to keep, and to open in a real browser."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tests.bench.machine import Cost, ours, table, timed
from tests.support.browser import HOW_TO, chromium, running, tab
from tests.support.ledgers import lay, many

ACCOUNTS = ((20, 50), (2_000, 50), (4_000, 250))
"""Albums and files in each: a thousand, a hundred thousand, and a million files."""


async def report() -> None:
    """One page after another, each opened five times."""
    browser = await asyncio.to_thread(chromium)
    rows = []
    for albums, files in ACCOUNTS:
        with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
            home = Path(folder)
            await lay(home / "ledger.db", many(albums, files))
            environment = {**os.environ, "LEDGER_PATH": str(home / "ledger.db")}
            cost = await asyncio.to_thread(timed, ours("report", str(home / "page.html")), environment, home)
            rows.append(_row(albums * files, cost, home / "page.html", await _opened(browser, home / "page.html")))
    table(("files", "seconds", "CPU s", "peak MB", "page MB", "opens in s", "finds in s", "exit code"), rows)


def _row(files: int, cost: Cost, page: Path, opened: tuple[str, str]) -> tuple[object, ...]:
    size = page.stat().st_size / 1e6
    return (
        files,
        f"{cost.seconds:.1f}",
        f"{cost.cpu_seconds:.1f}",
        f"{cost.peak_mb:.0f}",
        f"{size:.1f}",
        *opened,
        cost.code,
    )


async def _opened(browser: str | None, page: Path) -> tuple[str, str]:
    """Seconds until the tree is drawn and a search is answered, the median of five; a search waits 0.12 s for more letters."""
    if browser is None:
        return HOW_TO, ""
    opened, found = [], []
    with running(browser) as address:
        for _ in range(5):
            async with tab(address) as shown:
                began = time.monotonic()
                await shown.show(page)
                await shown.until("tree.children.length === 1")
                opened.append(time.monotonic() - began)
                await shown.run("words.value = '0007'; words.dispatchEvent(new Event('input')); 1")
                began = time.monotonic()
                await shown.until("found.textContent.includes('found')")
                found.append(time.monotonic() - began)
    return f"{sorted(opened)[2]:.2f}", f"{sorted(found)[2]:.2f}"
