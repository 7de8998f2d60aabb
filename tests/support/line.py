"""A slow line between two machines, which also counts its connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PIECE = 64 * 1024


@dataclass(slots=True)
class Line:
    """Forwards ``endpoint`` to ``upstream`` with a latency of ``delay`` seconds and at most ``rate`` bytes a second."""

    upstream: tuple[str, int]
    delay: float = 0.0
    rate: float = float("inf")
    endpoint: str = ""
    """Host and port."""
    connections: int = 0
    """How many were opened; with TLS, each is a handshake."""
    _free_at: float = 0.0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            there, back = await asyncio.open_connection(*self.upstream)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass(reader, back))
                    both.create_task(self._pass(there, writer))
            finally:
                back.transport.abort()
        except* (OSError, asyncio.CancelledError):
            pass  # whichever side broke, the other is closed below
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        while piece := await reader.read(PIECE):
            self._free_at = max(self._free_at, clock()) + len(piece) / self.rate
            await asyncio.sleep(self._free_at + self.delay - clock())
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    async def end(self) -> None:
        """Abort all open connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def line(address: str, upstream: str, *, delay: float = 0.0, rate: float = float("inf")) -> AsyncIterator[Line]:
    """A line from a free port of ``address`` to ``upstream``, host and port."""
    host, _, port = upstream.rpartition(":")
    made = Line((host, int(port)), delay, rate)
    async with await asyncio.start_server(made.serve, address, 0) as server:
        made.endpoint = "{}:{}".format(*server.sockets[0].getsockname()[:2])
        try:
            yield made
        finally:
            await made.end()
