"""Somebody at a terminal: reads what a command asks, types the answer, and remembers all that was on the screen."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0


@dataclass(slots=True)
class Terminal:
    """One command at a pseudo terminal."""

    process: asyncio.subprocess.Process
    controller: int
    screen: str = ""
    _read: int = 0

    async def sees(self, awaited: str) -> str:
        """Everything new until ``awaited`` stands there, lines as the command wrote them."""
        while awaited not in self.screen[self._read :]:
            piece = await asyncio.wait_for(asyncio.to_thread(os.read, self.controller, 4096), PATIENCE)
            self.screen += piece.decode(errors="replace").replace("\r\n", "\n")
        start, self._read = self._read, self.screen.index(awaited, self._read) + len(awaited)
        return self.screen[start : self._read]

    async def answers(self, *pairs: tuple[str, str]) -> None:
        """Wait for each question, and type its answer.

        What is not echoed is read only after the question's last space: keys pressed before are thrown away.
        """
        for question, answer in pairs:
            await self.sees(question)
            await self.sees(": ")
            self.types(f"{answer}\n")

    def types(self, text: str) -> None:
        """Keys, as they come from a keyboard."""
        os.write(self.controller, text.encode())

    async def interrupts(self) -> int:
        """Ctrl-C, pressed again where it came between two glances at the keyboard; the exit code."""
        for _ in range(5):
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), PATIENCE / 5)
                break
        return await self.ends()

    async def ends(self) -> int:
        """The exit code, once the command has said its last word."""
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        os.set_blocking(self.controller, False)
        try:
            while piece := os.read(self.controller, 4096):
                self.screen += piece.decode(errors="replace").replace("\r\n", "\n")
        except OSError:  # all is read, and nobody writes any more
            pass
        assert "Traceback" not in self.screen
        return code


@asynccontextmanager
async def terminal(
    home: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = ("-m", "smug2s3"),
) -> AsyncIterator[Terminal]:
    """`smug2s3` with these arguments, in the folder ``home``."""
    controller, own = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, *arguments,
        cwd=home, env={**os.environ, "TERM": "xterm", "COLUMNS": "200", **(environment or {})},
        stdin=own, stdout=own, stderr=own, start_new_session=True,
    )  # fmt: skip
    os.close(own)
    try:
        yield Terminal(process, controller)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(controller)
