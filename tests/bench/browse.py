"""`smug2s3 browse` over a million files: the pages that people open first, and the memory of the server."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.bench.filled import fill, say
from tests.bench.find import FILES
from tests.bench.machine import table
from tests.support.browsed import Browsed, browsed

ALBUM, MONTH = "A000000", "2005-06"
"""The longest one, and one of many."""

ROUNDS = 3


async def browse() -> None:
    """Each page from its request to its last byte, first and again, and what the server takes at most."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        await asyncio.to_thread(_archive, home)
        async with _served(home) as (session, running):
            for name, path in {
                "the first page": "/",
                "a folder": "/folder?path=Family",
                "an album of 5,000": f"/album/{ALBUM}",
                "its last page": f"/album/{ALBUM}?page=10",
                "by date": "/dates",
                "a month": f"/dates/{MONTH}",
                "a year": f"/dates/{MONTH[:4]}",
                "a search": "/search?q=grandma*",
                "a search for half of a word": "/search?q=*andma*",
            }.items():
                before = running.processor_seconds
                first = await _seconds(session, path)
                cpu = running.processor_seconds - before
                again = min([await _seconds(session, path) for _ in range(ROUNDS)])
                rows.append((name, f"{first:.2f}", f"{cpu:.2f}", f"{again:.2f}", f"{running.peak_mb:.0f}"))
            began = time.monotonic()
            await asyncio.gather(*(_seconds(session, f"/album/{ALBUM}") for _ in range(50)))
            rows.append(
                ("fifty tabs of that album", f"{time.monotonic() - began:.2f}", "", "", f"{running.peak_mb:.0f}")
            )
    table((f"page, {FILES:,} files", "seconds, first", "processor", "again, least", "peak MB"), rows)


def _archive(home: Path) -> None:
    """A ledger, and an empty folder as the destination."""
    ledger = home / "transfer_log.db"
    fill(ledger, FILES, longest=5000)
    say(ledger)
    (home / "photos").mkdir()
    (home / ".env").touch(0o600)
    (home / ".env").write_text(f"S3_ENDPOINT_URL={home.as_uri()}\nS3_BUCKET=photos\nLEDGER_PATH={ledger}\n")


@asynccontextmanager
async def _served(home: Path) -> AsyncIterator[tuple[aiohttp.ClientSession, Browsed]]:
    """The command, and somebody who was let in."""
    with browsed(home) as running:
        async with aiohttp.ClientSession(running.origin, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get(f"/{running.address.rpartition('/')[2]}") as answer:
                answer.raise_for_status()
            yield session, running


async def _seconds(session: aiohttp.ClientSession, path: str) -> float:
    began = time.monotonic()
    async with session.get(path) as answer:
        await answer.read()
        answer.raise_for_status()
    return time.monotonic() - began
