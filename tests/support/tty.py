"""A command at a terminal of a given size, as its user sits before it; POSIX only."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import sys
import termios
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.support.machine import PATIENCE, Machine

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What moves the cursor or changes a colour."""


@dataclass(slots=True)
class Terminal:
    """What was written to it so far, and a keyboard."""

    descriptor: int
    process: asyncio.subprocess.Process
    all_read: asyncio.Event = field(default_factory=asyncio.Event)
    _raw: bytearray = field(default_factory=bytearray)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def raw(self) -> str:
        """Everything, with the sequences that drive it."""
        return self._raw.decode(errors="replace")

    @property
    def text(self) -> str:
        """Everything, without them."""
        return SEQUENCE.sub("", self.raw)

    @property
    def cursor_hidden(self) -> bool:
        """Whether the last that was said of the cursor is that it should not be seen."""
        return self.raw.rfind("\x1b[?25l") > self.raw.rfind("\x1b[?25h")

    async def until(self, words: str) -> None:
        """Wait until these words were written."""
        async with asyncio.timeout(PATIENCE), self._came:
            await self._came.wait_for(lambda: words in self.text)

    def press(self, keys: str) -> None:
        """As if somebody did."""
        os.write(self.descriptor, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Have the window another size."""
        termios.tcsetwinsize(self.descriptor, (rows, columns))

    def close(self) -> None:
        """Close the window: from now on writing to it fails, and the command is told so by SIGHUP."""
        asyncio.get_running_loop().remove_reader(self.descriptor)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, self.descriptor)
        os.close(nowhere)
        self.all_read.set()

    async def ended(self) -> int:
        """The exit code, once everything has been read."""
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
            await self.all_read.wait()
        return code

    async def read(self) -> None:
        """Take what comes until nobody writes any more."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.descriptor, ready.set)
        try:
            while True:
                await ready.wait()
                ready.clear()
                await self._take()
        except OSError:  # the other end is closed
            self.all_read.set()
        finally:
            loop.remove_reader(self.descriptor)

    async def _take(self) -> None:
        with suppress(BlockingIOError):
            self._raw += os.read(self.descriptor, 65_536)
        async with self._came:
            self._came.notify_all()


@asynccontextmanager
async def at_a_terminal(
    machine: Machine,
    *arguments: str,
    columns: int = 80,
    rows: int = 24,
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = ("-m", "smug2s3"),
) -> AsyncIterator[Terminal]:
    """A command under way; killed if it still runs at the end of the block."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (rows, columns))
    os.set_blocking(ours, False)
    usual = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "utf8", *command, *arguments,
        cwd=machine.home,
        env={**usual, "TERM": "xterm-256color", "PYTHONDONTWRITEBYTECODE": "", **(environment or {})},
        stdin=theirs, stdout=theirs, stderr=theirs,
        preexec_fn=lambda: os.login_tty(theirs),
    )  # fmt: skip
    os.close(theirs)
    terminal = Terminal(ours, process)
    reading = asyncio.create_task(terminal.read())
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
        os.close(ours)
    for secret in machine.secrets:
        assert secret not in terminal.raw, "a secret was shown"
    assert "Traceback" not in terminal.raw
