"""A large body comes straight from its connection, whole or not at all, and the connection serves the next request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import aiohttp
import pytest

from smug2s3.stores.heads import Headers
from smug2s3.stores.incoming import LEAST, taken_over
from tests.support.certificates import own_certificate

BODY = Random(1).randbytes(3_000_001)


@dataclass(slots=True)
class Server:
    """Answers every request with the same body, or less, or more."""

    sent: bytes = BODY
    length: int = len(BODY)
    head: str = ""
    piece: int = 100_003
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {self.length}\r\n{self.head}\r\n".encode())
                for start in range(0, len(self.sent), self.piece):
                    writer.write(self.sent[start : start + self.piece])
                    await writer.drain()
                if len(self.sent) < self.length:
                    return
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # the other side has gone
        finally:
            writer.close()


@asynccontextmanager
async def talking(server: Server, tls: Path | None) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A session of one connection at a time, made like that to a bucket, and the server's address."""
    given = trusted = None
    if tls:
        certificate, key = own_certificate(tls)
        given, trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
        given.load_cert_chain(certificate, key)
        trusted.load_verify_locations(certificate)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=given)
    connector = aiohttp.TCPConnector(limit=1, ssl=trusted or False)
    connector._factory = partial(Headers, loop=asyncio.get_running_loop())  # type: ignore[assignment]
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session, f"http{'s' * bool(tls)}://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    for writer in server.writers:
        writer.close()
    listening.close()


async def received(session: aiohttp.ClientSession, address: str) -> bytes:
    async with session.get(address) as response:
        taken = taken_over(response)
        assert taken is not None
        begun, incoming = taken
        found = begun
        while chunk := await incoming.read():
            found += chunk
        return found


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("piece", [len(BODY), 100_003, 9_001])
async def test_bodies_are_whole_and_share_one_connection(tls: bool, piece: int, tmp_path: Path) -> None:
    server = Server(piece=piece)
    async with talking(server, tmp_path if tls else None) as (session, address):
        for _ in range(3):
            assert await received(session, address) == BODY
    assert server.connections == 1


async def test_one_that_is_cut_off_is_an_error_and_never_an_end() -> None:
    server = Server(sent=BODY[:-1])
    async with talking(server, None) as (session, address):
        with pytest.raises(aiohttp.ClientPayloadError, match="not completed"):
            await received(session, address)
        server.sent = BODY
        assert await received(session, address) == BODY


async def test_one_that_is_given_up_closes_its_connection() -> None:
    server = Server()
    async with talking(server, None) as (session, address):
        async with session.get(address) as response:
            taken = taken_over(response)
            assert taken is not None
            assert await taken[1].read()
            taken[1].give_back()
        assert await received(session, address) == BODY
    assert server.connections == 2


async def test_bytes_after_the_end_are_nobodys_and_the_connection_is_not_used_again() -> None:
    server = Server(sent=BODY + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", piece=4_000_000)
    async with talking(server, None) as (session, address):
        for _ in range(2):
            assert await received(session, address) == BODY
    assert server.connections == 2


@pytest.mark.parametrize(
    "server",
    [Server(sent=BODY[: LEAST - 1], length=LEAST - 1), Server(sent=b"", length=0)],
    ids=["short", "empty"],
)
async def test_short_ones_are_left_to_the_library(server: Server) -> None:
    async with talking(server, None) as (session, address), session.get(address) as response:
        assert taken_over(response) is None
        assert await response.read() == server.sent
