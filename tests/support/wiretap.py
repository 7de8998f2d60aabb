"""A TCP proxy that keeps every byte that passes, in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tap:
    """Its port and the bytes that passed."""

    port: int
    heard: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def wiretap(port: int) -> AsyncIterator[Tap]:
    """A proxy to a port of this machine."""
    streams: set[asyncio.StreamWriter] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                tap.heard.append(chunk)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        streams.update((writer, back))
        await asyncio.gather(pass_on(reader, back), pass_on(there, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    tap = Tap(server.sockets[0].getsockname()[1])
    try:
        yield tap
    finally:
        server.close()
        for stream in streams:
            stream.close()
