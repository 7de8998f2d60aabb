"""Receives a large response straight from its connection: the HTTP library would copy and queue every piece of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp

SIZE = 512 * 1024
"""Bytes that are received at a time."""

AHEAD = 1
"""So many of these wait to be read before the server has to."""

LEAST = 2 * SIZE
"""What is shorter is left to the library."""


class Incoming(asyncio.BufferedProtocol):
    """The rest of one body; the library's own protocol gets its connection back at the end."""

    def __init__(self, response: aiohttp.ClientResponse, handler: Any, left: int) -> None:
        self._content = response.content
        self._handler = handler
        self._transport: asyncio.Transport = handler.transport
        self._left = left
        self._buffer = memoryview(bytearray(SIZE))
        self._filled = 0
        self._ready: deque[bytes] = deque()
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.alive: Callable[[], None] = lambda: None
        """Called for whatever comes; used by a watchdog."""

    def take_over(self) -> None:
        """From now on, bytes come here; the library's timer would only see that none come to it."""
        self._handler._drop_timeout()  # noqa: SLF001 - no public way
        self._transport.set_protocol(self)

    def give_back(self) -> None:
        """The connection is the library's again: to use it for the next request, or to close it before the body's end."""
        if self._transport.get_protocol() is self:
            self._transport.set_protocol(self._handler)

    async def read(self) -> bytes:
        """The next bytes, none at the end; raises the library's error if the connection breaks."""
        while not self._ready:
            if self._failure is not None:
                raise self._failure
            if not self._left:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        chunk = self._ready.popleft()
        if self._left and len(self._ready) < AHEAD and self._failure is None:
            self._transport.resume_reading()
        return chunk

    def get_buffer(self, _: int) -> memoryview:
        """Where the next bytes go, with room for one that does not belong to this body."""
        return self._buffer[self._filled : self._filled + self._left + 1]

    def buffer_updated(self, count: int) -> None:
        """Called with how many came."""
        self.alive()
        if count > self._left:
            self._handler.force_close()  # what comes after the body would be read as the next response
            count = self._left
        self._filled += count
        self._left -= count
        if self._filled < SIZE and self._left:
            return
        self._ready.append(bytes(self._buffer[: self._filled]))
        self._filled = 0
        if not self._left:
            self._end()
        elif len(self._ready) >= AHEAD:
            self._transport.pause_reading()
        self._wake()

    def _end(self) -> None:
        self.give_back()
        self._handler._parser = None  # noqa: SLF001 - it waits for a body that came here; each request has a new one
        self._content.feed_eof()

    def eof_received(self) -> None:
        """The connection closes."""
        self._handler.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """Called when it broke before the end."""
        self._failure = aiohttp.ClientPayloadError(f"Response payload is not completed: {error or 'connection closed'}")
        self._handler.connection_lost(error)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def taken_over(response: aiohttp.ClientResponse) -> tuple[bytes, Incoming] | None:
    """What of a body has come already, and the rest of it; ``None`` if the library should receive it."""
    connection, content, size = response.connection, response.content, response.content_length
    handler: Any = connection and connection.protocol
    if size is None or handler is None or "Transfer-Encoding" in response.headers:
        return None
    if (
        size - content.total_bytes < LEAST
        or content.exception()
        or not isinstance(handler.transport, asyncio.Transport)
    ):
        return None
    begun = b""
    while piece := content.read_nowait():
        begun += piece
    incoming = Incoming(response, handler, size - content.total_bytes)
    incoming.take_over()
    return begun, incoming
