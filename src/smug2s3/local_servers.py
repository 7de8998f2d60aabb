"""Starts the servers of the demo and the tests on this machine: a SmugMug and an S3 server, each on a free port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from smug2s3.errors import UsageError
from smug2s3.rules.installation import Installation, command_for

START = 30.0
"""Seconds a server may take to start."""

_SIMULATOR_NEEDS = {"oauthlib": "oauthlib", "Pillow": "PIL"}
"""Packages and the modules they install."""

_ADDRESS = re.compile(rb"https?://[0-9.]+:\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A running ``rclone serve s3``; every folder in its root is a bucket."""

    endpoint: str
    access_key: str
    secret_key: str
    process: asyncio.subprocess.Process

    def look_again(self) -> None:
        """Clear its cache after files were changed directly in the folder."""
        self.process.send_signal(signal.SIGHUP)


@asynccontextmanager
async def s3_server(root: Path, *options: str) -> AsyncIterator[S3Server]:
    """A real S3 server over ``root``, with its own keys; it rejects a wrong Content-MD5 and wrong keys."""
    access_key, secret_key = secrets.token_hex(10), secrets.token_hex(20)
    command = [
        rclone_program(), "serve", "s3", "--addr", "127.0.0.1:0", "--auth-key", f"{access_key},{secret_key}",
        *options, str(root),
    ]  # fmt: skip
    environment = os.environ | {"RCLONE_CONFIG": os.devnull}
    async with _running(command, environment, stderr=True) as process:
        endpoint = await asyncio.wait_for(_first_address(process), START)
        drain = asyncio.create_task(_drain(process.stderr))
        try:
            yield S3Server(endpoint=endpoint, access_key=access_key, secret_key=secret_key, process=process)
        finally:
            drain.cancel()


@asynccontextmanager
async def smugmug_server(*options: str) -> AsyncIterator[dict[str, Any]]:
    """A simulated SmugMug in its own process; yields what it prints: origin, keys, token, counts."""
    if absent := [name for name, module in _SIMULATOR_NEEDS.items() if find_spec(module) is None]:
        raise UsageError(f"the simulated SmugMug needs {' and '.join(absent)}, not installed here", hint=_the_extra())
    command = [sys.executable, "-m", "smugmug_simulator", "--port", "0", *options]
    async with _running(command, dict(os.environ), stderr=False) as process:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START)
        if not line:
            raise UsageError("the simulated SmugMug did not start", hint=_the_extra())
        yield json.loads(line)


@asynccontextmanager
async def _running(
    command: list[str], environment: dict[str, str], *, stderr: bool
) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdin=nowhere,
        stdout=nowhere if stderr else pipe,
        stderr=pipe if stderr else None,
        # A Ctrl-C in the terminal is for this process only; it stops the servers when they are no longer used.
        **_own_group(),
    )
    try:
        yield process
    finally:
        await asyncio.shield(_end(process))


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _first_address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    said = b""
    async for line in process.stderr:
        said += line
        if found := _ADDRESS.search(line):
            return found[0].decode()
    raise UsageError(f"the local S3 server did not start: {said.decode(errors='replace')[-300:].strip()}")


async def _drain(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65536):
        pass


def rclone_program() -> str:
    """The path of rclone; raises UsageError if it is not found."""
    found = shutil.which("rclone", path=sysconfig.get_path("scripts")) or shutil.which("rclone")
    if found is None:
        raise UsageError("the demo needs rclone as its S3 server, and it is not installed", hint=_the_extra())
    return found


def _the_extra() -> str:
    """How to install what only the demo needs."""
    return f"Get what only the demo needs with: {command_for('demo', installation())}"


def installation() -> Installation:
    """How this smug2s3 was installed."""
    prefix = Path(sys.prefix)
    config = prefix / "pyvenv.cfg"
    try:
        origin = distribution("smug2s3").read_text("direct_url.json") or ""
    except PackageNotFoundError:  # run from source
        origin = ""
    return Installation(
        prefix=prefix,
        files=frozenset(entry.name for entry in prefix.iterdir()),
        made_by_uv=config.exists() and "\nuv = " in f"\n{config.read_text(errors='replace')}",
        has_pip=find_spec("pip") is not None,
        python=sys.executable,
        origin=origin,
        here=Path.cwd(),
        windows=sys.platform == "win32",
    )
