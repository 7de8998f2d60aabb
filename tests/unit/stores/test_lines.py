"""A body comes straight from its connection, whole or not at all, and the connection serves the next request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp
import pytest

from smug2s3.flow.threads import in_thread
from smug2s3.stores.lines import Lines, Taker
from tests.support.certificates import own_certificate

BODY = Random(1).randbytes(3_000_001)


@dataclass(slots=True)
class Server:
    """Answers every request with the same body, or less, or more."""

    sent: bytes = BODY
    length: int = len(BODY)
    head: str = ""
    piece: int = 100_003
    falls_silent: bool = False
    """Once it has sent what it has, instead of closing the connection."""
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
                if len(self.sent) < self.length and not self.falls_silent:
                    return
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # the other side has gone
        finally:
            writer.close()


@dataclass(slots=True)
class Talk:
    """One side of it."""

    lines: Lines
    threads: ThreadPoolExecutor
    address: str

    async def received(self, seen: Callable[[memoryview], object] = lambda _: None) -> bytes:
        """A whole body, begun as any other: in one step, whose failure the next one raises."""
        found = bytearray()

        def take(piece: memoryview) -> None:
            found.extend(piece)
            seen(piece)

        taker = Taker(take)
        line = await self.lines.line(self.address)
        incoming = await in_thread(self.threads, line.ask, self.address, {"X-Any": "1"}, stop=line.stop)
        try:
            await in_thread(self.threads, incoming.begin, taker, None, stop=line.stop)
            while not incoming.over:
                await in_thread(self.threads, incoming.receive, taker, None, stop=line.stop)
            assert taker.passed == len(found)
        finally:
            self.lines.leave(incoming)
        return bytes(found)


@asynccontextmanager
async def talking(server: Server, tls: Path | None = None) -> AsyncIterator[Talk]:
    """With ``tls``, a certificate is made there."""
    given, trusted = None, ssl.create_default_context()
    if tls:
        certificate, key = own_certificate(tls)
        given = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        given.load_cert_chain(certificate, key)
        trusted.load_verify_locations(certificate)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=given)
    address = f"http{'s' * bool(tls)}://127.0.0.1:{listening.sockets[0].getsockname()[1]}/photos/a.jpg"
    with ThreadPoolExecutor(2) as threads, closing(Lines(lambda: trusted)) as lines:
        yield Talk(lines, threads, address)
    for writer in server.writers:
        writer.close()
    listening.close()


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("piece", [len(BODY), 100_003, 9_001])
async def test_bodies_are_whole_and_share_one_connection(tls: bool, piece: int, tmp_path: Path) -> None:
    server = Server(piece=piece)
    async with talking(server, tmp_path if tls else None) as talk:
        for _ in range(3):
            assert await talk.received() == BODY
    assert server.connections == 1


async def test_an_empty_one_is_no_different() -> None:
    server = Server(sent=b"", length=0)
    async with talking(server) as talk:
        assert [await talk.received(), await talk.received()] == [b"", b""]
    assert server.connections == 1


async def test_one_that_is_cut_off_is_an_error_and_never_an_end() -> None:
    server = Server(sent=BODY[:-1])
    async with talking(server) as talk:
        with pytest.raises(aiohttp.ClientPayloadError, match="not completed"):
            await talk.received()
        server.sent = BODY
        assert await talk.received() == BODY


@pytest.mark.parametrize("last", [False, True])
async def test_whatever_fails_at_whoever_takes_it_is_raised_even_with_the_last_bytes(last: bool) -> None:
    full = OSError("the disk is full")
    left = len(BODY)

    def seen(piece: memoryview) -> None:
        nonlocal left
        left -= len(piece)
        if not (last and left):
            raise full

    async with talking(Server()) as talk:
        with pytest.raises(OSError, match="full") as caught:
            await talk.received(seen)
        assert caught.value is full
        assert await talk.received() == BODY


async def test_one_that_is_given_up_closes_its_connection() -> None:
    server = Server()
    async with talking(server) as talk:
        line = await talk.lines.line(talk.address)
        talk.lines.leave(await in_thread(talk.threads, line.ask, talk.address, {}))
        assert await talk.received() == BODY
    assert server.connections == 2


@pytest.mark.parametrize("tls", [False, True])
async def test_whoever_waits_for_a_silent_server_can_be_cancelled(tls: bool, tmp_path: Path) -> None:
    server = Server(sent=BODY[:1_000], falls_silent=True)
    async with talking(server, tmp_path if tls else None) as talk:
        begun, loop = asyncio.Event(), asyncio.get_running_loop()
        waiting = asyncio.create_task(talk.received(lambda _: loop.call_soon_threadsafe(begun.set)))
        await begun.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_bytes_after_the_end_are_nobodys_and_the_connection_is_not_used_again() -> None:
    server = Server(sent=BODY + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", piece=4_000_000)
    async with talking(server) as talk:
        for _ in range(2):
            assert await talk.received() == BODY
    assert server.connections == 2


async def test_a_connection_is_used_again_for_its_own_server_alone() -> None:
    one, other = Server(), Server(sent=b"other", length=5)
    async with talking(one) as talk, talking(other) as elsewhere:
        assert await talk.received() == BODY
        talk.address = elsewhere.address
        assert await talk.received() == b"other"


@pytest.mark.parametrize("head", ["Connection: close\r\n", ""], ids=["announced", "suddenly"])
async def test_a_connection_that_the_server_closed_is_replaced(head: str) -> None:
    server = Server(head=head)
    async with talking(server) as talk:
        assert await talk.received() == BODY
        for writer in server.writers:
            writer.close()
            await writer.wait_closed()
        assert await talk.received() == BODY
    assert server.connections == 2
