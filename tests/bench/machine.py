"""What every measurement shares: servers, a command timed with its memory, and the peer's command line."""

from __future__ import annotations

import csv
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from smug2s3.app.factories import open_source
from smug2s3.local_servers import S3Server, rclone_program, s3_server, smugmug_server
from smug2s3.models import Album
from smug2s3.rules.directories import Directories
from smug2s3.settings import load
from tests.support.certificates import own_certificate


@dataclass(frozen=True, slots=True)
class Cost:
    """What one finished command took."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    code: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A SmugMug and a store to move between."""

    home: Path
    smugmug: dict[str, Any]
    store: S3Server
    authority: Path | None = None
    """The certificate to trust, where both speak TLS."""

    def environment(self, bucket: str, **more: str) -> dict[str, str]:
        """The settings of one run into ``bucket``."""
        return _machine() | {
            "SMUGMUG_API_ORIGIN": self.smugmug["origin"],
            "SMUGMUG_OAUTH_CONSUMER_KEY": self.smugmug["consumer_key"],
            "SMUGMUG_OAUTH_CONSUMER_SECRET": self.smugmug["consumer_secret"],
            "SMUGMUG_OAUTH_TOKEN": self.smugmug["token"],
            "SMUGMUG_OAUTH_TOKEN_SECRET": self.smugmug["token_secret"],
            "S3_ENDPOINT_URL": self.store.endpoint,
            "S3_ACCESS_KEY": self.store.access_key,
            "S3_SECRET_KEY": self.store.secret_key,
            "S3_BUCKET": bucket,
            "LEDGER_PATH": str(self.home / f"{bucket}.db"),
            **({"SSL_CERT_FILE": str(self.authority), "AWS_CA_BUNDLE": str(self.authority)} if self.authority else {}),
            **more,
        }


@asynccontextmanager
async def stage(home: Path, world: str, *buckets: str, tls: bool = False, latency: float = 0.0) -> AsyncIterator[Stage]:
    """Both servers, each in a process of its own, the buckets there from the start."""
    for bucket in buckets:
        (home / "store" / bucket).mkdir(parents=True)
    source, store_options, authority = ["--world", world, "--latency", str(latency)], [], None
    if tls:
        authority, key = own_certificate(home)
        aiohttp.connector._SSL_CONTEXT_VERIFIED.load_verify_locations(authority)  # for this process too
        source += ["--tls", str(authority), str(key)]
        store_options = ["--cert", str(authority), "--key", str(key)]
    async with smugmug_server(*source) as smugmug, s3_server(home / "store", *store_options) as store:
        yield Stage(home, smugmug, store, authority)


def timed(command: list[str], environment: dict[str, str], cwd: Path) -> Cost:
    """Run a command to its end; its own processor time and peak memory, as the system counted them."""
    began = time.monotonic()
    pid = os.posix_spawn(command[0], command, environment, file_actions=_quiet(cwd / "output.txt"))
    _, status, usage = os.wait4(pid, 0)
    return Cost(
        seconds=time.monotonic() - began,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
        code=os.waitstatus_to_exitcode(status),
    )


def _machine() -> dict[str, str]:
    """This machine's environment, without what would have Python compile every module anew at each start."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _quiet(output: Path) -> list[tuple[Any, ...]]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return [(os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)]


def ours(*arguments: str) -> list[str]:
    """The command line of this program."""
    return [sys.executable, "-m", "smug2s3", *arguments]


def copyurl(urls: Path, bucket: str, transfers: int) -> list[str]:
    """The peer: rclone, given the addresses; it compares lengths and hashes nothing on this way."""
    return [rclone_program(), "copyurl", "--urls", str(urls), f"dst:{bucket}", "--transfers", str(transfers)]


def copyurl_environment(stage: Stage) -> dict[str, str]:
    """The peer's destination, by environment so that no key stands in a command line."""
    return _machine() | {
        "RCLONE_CONFIG": os.devnull,
        **({"RCLONE_CA_CERT": str(stage.authority)} if stage.authority else {}),
        "RCLONE_CONFIG_DST_TYPE": "s3",
        "RCLONE_CONFIG_DST_PROVIDER": "Other",
        "RCLONE_CONFIG_DST_ENDPOINT": stage.store.endpoint,
        "RCLONE_CONFIG_DST_REGION": "us-east-1",
        "RCLONE_CONFIG_DST_ACCESS_KEY_ID": stage.store.access_key,
        "RCLONE_CONFIG_DST_SECRET_ACCESS_KEY": stage.store.secret_key,
    }


async def write_urls(stage: Stage, target: Path) -> int:
    """The addresses of every file of the world, for the peer; returns how many."""
    rows: list[tuple[str, str]] = []

    async def visit(album: Album) -> None:
        listing = await source.listing(album)
        rows.extend((asset.url or "", f"{album.key}/{asset.image_key}.bin") for asset in listing.assets)

    settings = load(stage.environment("none-yet"), needs=frozenset({"smugmug"}))
    async with open_source(settings) as source:
        await source.walk(await source.account(), Directories(), visit, print)
    with target.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return len(rows)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A plain table on stdout."""
    text = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in text) for column in range(len(head))]
    for number, row in enumerate(text):
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
        if not number:
            print("  ".join("-" * width for width in widths))
