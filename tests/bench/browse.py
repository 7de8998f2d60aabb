"""`smug2s3 browse` over a million files: the pages that people open first, and the memory of the server."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp

from tests.bench.find import FILES, say
from tests.bench.machine import table
from tests.bench.status import IN_AN_ALBUM, fill

JOINED = 5000 // IN_AN_ALBUM
"""Albums that become the longest one."""

ROUNDS = 3


async def browse() -> None:
    """Each page from its request to its last byte, first and again, and what the server takes at most."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        album, month = await asyncio.to_thread(_archive, home)
        async with _server(home) as (session, process):
            for name, path in {
                "the first page": "/",
                "a folder": "/folder?path=Family",
                "an album of 5,000": f"/album/{album}",
                "its last page": f"/album/{album}?page=10",
                "by date": "/dates",
                "a month": f"/dates/{month}",
                "a year": f"/dates/{month[:4]}",
                "a search": "/search?q=grandma*",
                "a search for half of a word": "/search?q=*andma*",
            }.items():
                before = _processor_seconds(process.pid)
                first = await _seconds(session, path)
                cpu = _processor_seconds(process.pid) - before
                again = min([await _seconds(session, path) for _ in range(ROUNDS)])
                rows.append((name, f"{first:.2f}", f"{cpu:.2f}", f"{again:.2f}", f"{_peak_mb(process.pid):.0f}"))
            began = time.monotonic()
            await asyncio.gather(*(_seconds(session, f"/album/{album}") for _ in range(50)))
            rows.append(
                ("fifty tabs of that album", f"{time.monotonic() - began:.2f}", "", "", f"{_peak_mb(process.pid):.0f}")
            )
    table((f"page, {FILES:,} files", "seconds, first", "processor", "again, least", "peak MB"), rows)


def _archive(home: Path) -> tuple[str, str]:
    """A ledger, and an empty folder as the destination; the key of the longest album, and a month."""
    ledger = home / "transfer_log.db"
    fill(ledger, FILES)
    say(ledger)
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute(
            "UPDATE assets SET taken = printf('%04d-%02d-%02dT%02d:00:00', 1995 + abs(random()) % 30, "
            "1 + abs(random()) % 12, 1 + abs(random()) % 28, abs(random()) % 24)"
        )
        albums = [key for (key,) in connection.execute("SELECT album_key FROM albums ORDER BY path LIMIT ?", (JOINED,))]
        joined = ((albums[0], key) for key in albums[1:])
        connection.executemany("UPDATE assets SET album_key = ? WHERE album_key = ?", joined)
        (month,) = connection.execute("SELECT substr(taken, 1, 7) FROM assets LIMIT 1").fetchone()
    (home / "photos").mkdir()
    (home / ".env").touch(0o600)
    (home / ".env").write_text(f"S3_ENDPOINT_URL={home.as_uri()}\nS3_BUCKET=photos\nLEDGER_PATH={ledger}\n")
    return albums[0], month


@asynccontextmanager
async def _server(home: Path) -> AsyncIterator[tuple[aiohttp.ClientSession, asyncio.subprocess.Process]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "smug2s3", "browse", "--no-open", cwd=home, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )  # fmt: skip
    assert process.stdout
    try:
        said = (await process.stdout.readline()).decode()
        origin, _, token = re.findall(r"(http://127[^/]+)(/\?token=)(\S+)", said)[0]
        async with aiohttp.ClientSession(origin, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get(f"/?token={token}") as answer:
                answer.raise_for_status()
            yield session, process
    finally:
        process.terminate()
        await process.wait()


async def _seconds(session: aiohttp.ClientSession, path: str) -> float:
    began = time.monotonic()
    async with session.get(path) as answer:
        await answer.read()
        answer.raise_for_status()
    return time.monotonic() - began


def _processor_seconds(process: int) -> float:
    """What the process has used of the processor so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(process: int) -> float:
    """The most memory that the process has had, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1000
