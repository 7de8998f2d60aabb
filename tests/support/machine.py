"""Somebody's computer: a folder with a `.env` in it, where the installed command is run as its user runs it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smugmug_simulator import Simulator
from tests.support import warm
from tests.support.bucket import Bucket, assert_holds
from tests.support.wired import Wired

PATIENCE = 90.0
"""Seconds a command may take on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on stdout, and nothing else there."""
        document: dict[str, Any] = json.loads(self.out)
        return document


@dataclass(slots=True)
class Machine:
    """Runs commands; every run is checked for tracebacks, and for secrets in what it said."""

    home: Path
    settings: dict[str, str]
    secrets: list[str] = field(default_factory=list)
    bucket: Bucket | None = None
    sim: Simulator | None = None
    python: str = sys.executable

    @property
    def inside(self) -> Wired:
        """What its commands do, done in this process: for all that only leads to the command that is looked at."""
        assert self.sim is not None
        assert self.bucket is not None
        ledger = self.home / self.settings.get("LEDGER_PATH", "transfer_log.db")
        return Wired(self.sim, self.bucket, self.home, self.settings | {"LEDGER_PATH": str(ledger)})

    def write_env(self, **changes: str | None) -> None:
        """Write `.env`; ``None`` leaves a variable out."""
        self.settings |= {name: value for name, value in changes.items() if value is not None}
        for name in [name for name, value in changes.items() if value is None]:
            self.settings.pop(name, None)
        lines = [f"{name}='{value}'" for name, value in self.settings.items()]
        (self.home / ".env").write_text("\n".join(lines) + "\n")
        (self.home / ".env").chmod(0o600)

    async def run(
        self,
        *arguments: str,
        typed: str = "",
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = ("-m", "smug2s3"),
        timeout: float = PATIENCE,
    ) -> Ran:
        """One command from beginning to end."""
        async with self.started(*arguments, environment=environment, command=command) as process:
            return await self.ended(process, typed=typed, timeout=timeout)

    @asynccontextmanager
    async def started(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = ("-m", "smug2s3"),
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """A command that is under way; killed if it still runs at the end of the block."""
        # Without compiled modules every start would take half a second longer.
        variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})}
        process: asyncio.subprocess.Process
        if self.python == sys.executable and warm.fits(command, variables):
            process = await warm.started((*command, *arguments), home=self.home, environment=variables)
        else:
            process = await self._cold((*command, *arguments), variables)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()

    async def _cold(self, command: Sequence[str], variables: Mapping[str, str]) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            self.python, *warm.FLAGS, *command, cwd=self.home, env=variables, stdin=pipe, stdout=pipe, stderr=pipe
        )

    async def ended(self, process: asyncio.subprocess.Process, *, typed: str = "", timeout: float = PATIENCE) -> Ran:
        """Wait for the command's end."""
        out, err = await asyncio.wait_for(process.communicate(typed.encode()), timeout)
        ran = Ran(code=process.returncode or 0, out=out.decode(), err=err.decode())
        self.check(ran)
        return ran

    def check(self, ran: Ran) -> None:
        """What must be true of every run whatever happens."""
        assert "Traceback" not in ran.err + ran.out, ran.err
        assert "an unexpected error" not in ran.err, ran.err
        assert not re.search(r"Warning:|never (awaited|retrieved)|Unclosed", ran.err), ran.err
        for secret in self.secrets:
            assert secret not in ran.out + ran.err, "a secret was shown"

    async def killed_when(
        self, moment: Coroutine[Any, Any, None], *arguments: str, command: Sequence[str] = ("-m", "smug2s3")
    ) -> int:
        """Start a command and kill it as hard as possible once ``moment`` has come; its exit code."""
        async with self.started(*arguments, command=command) as process:
            waiting = asyncio.create_task(moment)
            ending = asyncio.create_task(process.wait())
            await asyncio.wait({waiting, ending}, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
            if waiting.done():
                waiting.result()
            waiting.cancel()
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.communicate()
            return await ending

    def assert_complete(self) -> None:
        """The bucket holds the world and nothing else."""
        assert self.bucket is not None
        assert self.sim is not None
        assert_holds(self.bucket, self.sim.world.assets())


def machine_for(sim: Simulator, bucket: Bucket, home: Path, *, endpoint: str | None = None) -> Machine:
    """A computer whose `.env` holds a sign-in to the simulator and the keys of the bucket."""
    settings = {
        "SMUGMUG_API_ORIGIN": sim.origin,
        "SMUGMUG_OAUTH_CONSUMER_KEY": sim.consumer_key,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": sim.consumer_secret,
        "SMUGMUG_OAUTH_TOKEN": sim.token,
        "SMUGMUG_OAUTH_TOKEN_SECRET": sim.token_secret,
        "S3_ENDPOINT_URL": endpoint or bucket.server.endpoint,
        "S3_ACCESS_KEY": bucket.server.access_key,
        "S3_SECRET_KEY": bucket.server.secret_key,
        "S3_BUCKET": bucket.name,
    }
    secret = [
        sim.consumer_key, sim.consumer_secret, sim.token, sim.token_secret,
        bucket.server.access_key, bucket.server.secret_key,
    ]  # fmt: skip
    home.mkdir(exist_ok=True)
    machine = Machine(home, settings, secret, bucket, sim)
    machine.write_env()
    return machine
