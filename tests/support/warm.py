"""Starts commands in processes that need not import them first: each is forked from one that has.

Half a second of processor time less for each of some hundred commands. What a start from nothing may break is for the
tests that have one: at a terminal, in other locales, with warnings as errors, as an installed wheel.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.support import kept_warm

FLAGS = ("-X", "utf8", "-W", "error::ResourceWarning")
"""Of every command's Python."""

_COLD = ("PYTHON", "LANG", "LC_", "SSL_", "TERM", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "AIOHTTP_", "TYPER_", "_")
"""What names of variables begin with that are read while Python starts or modules are imported."""


class Process(asyncio.subprocess.Process):
    """What asyncio has for its own subprocesses, for one that another process started."""

    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader

    def __init__(
        self,
        pid: int,
        line: socket.socket,
        streams: tuple[asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamReader],
    ) -> None:
        """The exit code comes on ``line``."""
        self.pid = pid
        self.stdin, self.stdout, self.stderr = streams
        self._code: int | None = None
        self._ending = asyncio.create_task(self._end(line))

    @property
    def returncode(self) -> int | None:
        return self._code

    async def _end(self, line: socket.socket) -> int:
        with line:
            self._code = os.waitstatus_to_exitcode(int(await asyncio.get_running_loop().sock_recv(line, 64)))
        self.stdin.close()
        return self._code

    async def wait(self) -> int:
        return await asyncio.shield(self._ending)

    def send_signal(self, signal: int) -> None:
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(self.pid, signal)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def communicate(self, input: bytes | bytearray | memoryview | None = None) -> tuple[bytes, bytes]:  # noqa: A002 - asyncio's name
        out, err, _ = await asyncio.gather(self.stdout.read(), self.stderr.read(), self._typed(input))
        await self.wait()
        return out, err

    async def _typed(self, text: bytes | bytearray | memoryview | None) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if text:
                self.stdin.write(text)
                await self.stdin.drain()
        self.stdin.close()


def fits(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether nobody can tell the difference: a module or a file of the tests, and no variable read at the start."""
    if sys.platform != "linux" or command[0] == "-c":
        return False
    names = {name for name in environment.keys() | _STARTED_WITH.keys() if name.startswith(_COLD)}
    return all(environment.get(name) == _STARTED_WITH.get(name) for name in names)


_STARTED_WITH = dict(os.environ) | {"PYTHONDONTWRITEBYTECODE": ""}


async def started(command: Sequence[str], *, home: Path, environment: Mapping[str, str]) -> Process:
    """``python`` with these arguments, in the folder ``home``, with a pipe for each of its streams."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
    inherited = theirs.fileno(), stdin[0], stdout[1], stderr[1]
    wanted = {"command": list(command), "home": str(home), "environment": dict(environment)}
    socket.send_fds(_keeper(), [json.dumps(wanted).encode()], inherited)
    theirs.close()
    for descriptor in inherited[1:]:
        os.close(descriptor)
    streams = await _writer(stdin[1]), await _reader(stdout[0]), await _reader(stderr[0])
    return Process(int(await asyncio.get_running_loop().sock_recv(ours, 64)), ours, streams)


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", 0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader


async def _writer(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    protocol: Any = asyncio.streams.FlowControlMixin(loop)
    transport, _ = await loop.connect_write_pipe(lambda: protocol, os.fdopen(descriptor, "wb", 0))
    return asyncio.StreamWriter(transport, protocol, None, loop)


@cache
def _keeper() -> socket.socket:
    """The way to the process that has imported everything; it ends when nobody holds this end any more."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    keeper = subprocess.Popen(
        [sys.executable, *FLAGS, kept_warm.__file__, str(theirs.fileno())],
        env=_STARTED_WITH,
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    theirs.close()
    atexit.register(keeper.wait)
    atexit.register(ours.close)
    return ours
