"""Blocking connections to the S3 server, for threads that receive, hash and write a body without the event loop."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from io import DEFAULT_BUFFER_SIZE
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection
from aiohttp import ClientPayloadError

from smug2s3.stores.plain_response import Response

SIZE = 256 * 1024
"""Bytes that are received at a time: few enough that the processor's cache still has them when they are hashed."""

STEP_SECONDS = 0.5
"""After so long, whoever waits for bytes learns how many have come."""

CONNECT = 20.0
"""Seconds to connect."""

NEXT_ADDRESS = 0.25
"""Seconds after which the next address of a server is tried as well, as the library does."""


class Taker:
    """Passes pieces on to ``take``, and says when it is at it."""

    def __init__(self, take: Callable[[memoryview], object]) -> None:
        self._take = take
        self.busy = False
        self.passed = 0
        """Bytes that it got: none of them may come twice."""
        self.failure: Exception | None = None
        """What it raised."""

    def pass_on(self, piece: memoryview) -> None:
        """Blocks until it is taken."""
        self.busy = True
        self.passed += len(piece)
        try:
            self._take(piece)
        except Exception as error:
            self.failure = error
            raise
        self.busy = False


_WITH_OBJECT = (200, 206)

BROKEN = (OSError, HTTPException)
"""What a connection raises."""


class Line:
    """One connection; its methods block, but for ``stop``."""

    def __init__(self, server: str, connected: socket.socket, context: ssl.SSLContext | None) -> None:
        """``server`` is the beginning of its addresses."""
        connected.setblocking(True)
        self.server = server
        self.socket = connected
        self._context = context
        self._response: Response | None = None
        self.buffer = memoryview(bytearray(SIZE))

    def ask(self, url: str, headers: Mapping[str, str]) -> Incoming:
        """The response to a GET, once its headers have come."""
        if self._context:
            host = urlsplit(self.server).hostname
            wrapped = self._context.wrap_socket(self.socket, server_hostname=host, do_handshake_on_connect=False)
            self.socket = wrapped
            self._context = None
            wrapped.do_handshake()
        self.socket.sendall(request_head(url, headers))
        self._response = Response(self.socket, method="GET")
        self._response.begin()
        return Incoming(self, self._response)

    def stop(self) -> None:
        """End whatever waits for the server."""
        with suppress(OSError):  # it is broken already
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)  # TLS's own would take its session from the thread

    def close(self) -> None:
        """End it, with its response."""
        if self._response:
            self._response.close()
        self.socket.close()

    def is_stale(self) -> bool:
        """Whether something came that nobody asked for, or its end."""
        try:
            socket.socket.recv(self.socket, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT)  # also below TLS
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


def request_head(url: str, headers: Mapping[str, str]) -> bytes:
    """A GET; raises HTTPException for what would not be one request."""
    lines = [f"GET /{url.split('/', 3)[3]} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if any(not line.isascii() or not line.isprintable() for line in lines):
        raise HTTPException("a header has characters that cannot be sent")
    return "\r\n".join([*lines, "Accept-Encoding: identity", "", ""]).encode()


class Incoming:
    """One response; its methods block."""

    def __init__(self, line: Line, response: Response) -> None:
        self.line = line
        self._response = response
        self.status = response.status
        self.headers = response.fields
        self.left = response.length
        """Bytes to come; ``None`` if the server does not say."""
        self._begun = False
        self._failure: Exception | None = None

    @property
    def is_unusual(self) -> bool:
        """Whether it is a success without an object, or with one whose length nobody knows."""
        return self.status < 300 and (self.status not in _WITH_OBJECT or self.left is None)

    @property
    def is_ranged(self) -> bool:
        """Whether it is a part of an object."""
        return "content-range" in self.headers

    @property
    def over(self) -> bool:
        """Whether all of it was passed on, without an error."""
        return self.left == 0 and self._failure is None

    def words(self) -> bytes:
        """All of it."""
        said = self._response.read()
        self.left = 0
        return said

    def begin(self, taker: Taker, step: int | None) -> None:
        """As ``receive``; what that raises is raised by the next one."""
        try:
            self.receive(taker, step)
        except Exception as error:  # noqa: BLE001 - see above
            self._failure = error

    def receive(self, taker: Taker, step: int | None) -> None:
        """Pass on what comes next, no more than about ``step`` bytes, and nothing after the end.

        Raises the library's error if the connection breaks, and what ``taker`` raises.
        """
        if self._failure:
            raise self._failure
        before, until = taker.passed, time.monotonic() + STEP_SECONDS
        while self.left and (step is None or taker.passed - before < step) and time.monotonic() < until:
            piece = self._next(self.left)
            self.left -= len(piece)
            taker.pass_on(piece)

    def _next(self, most: int) -> memoryview:
        """What has come, straight from the connection once nothing is left of what came with the headers."""
        buffer = self.line.buffer
        try:
            begun = b"" if self._begun else self._response.read1(DEFAULT_BUFFER_SIZE)
            self._begun = True
            piece = memoryview(begun) if begun else buffer[: self.line.socket.recv_into(buffer, min(SIZE, most))]
        except BROKEN as error:
            raise ClientPayloadError(f"Response payload is not completed: {error}") from error
        if not piece:
            raise ClientPayloadError("Response payload is not completed: connection closed")
        return piece

    def end(self) -> bool:
        """Whether its connection can be used again."""
        over = self.left == 0 and not self._response.will_close
        self._response.close()
        return over


class Lines:
    """Connections to one server, used again; they belong to the event loop."""

    def __init__(self, context: Callable[[], ssl.SSLContext]) -> None:
        """``context`` is asked for where the address has TLS."""
        self._context = context
        self._idle: list[Line] = []

    async def line(self, address: str) -> Line:
        """One that nobody uses, or a new one."""
        server = "/".join(address.split("/", 3)[:3])
        while self._idle:
            line = self._idle.pop()
            if line.server == server and not line.is_stale():
                return line
            line.close()
        return await self._new(server)

    async def _new(self, server: str) -> Line:
        """Connect, without waiting for a dead one of several addresses; TLS begins with the first request, in its thread."""
        parts = urlsplit(server)
        tls = self._context() if parts.scheme == "https" else None
        async with asyncio.timeout(CONNECT):
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, parts.port or (443 if tls else 80), type=socket.SOCK_STREAM
            )
            connected = await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return Line(server, connected, tls)

    def leave(self, incoming: Incoming) -> None:
        """Keep the connection, or close it before the end of the response."""
        if incoming.end():
            self._idle.append(incoming.line)
        else:
            incoming.line.close()

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self._idle.pop().close()
