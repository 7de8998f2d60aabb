"""Whatever a server does in the middle of an object, nobody gets a byte twice, or one that is not the object's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from smug2s3.errors import StoreUnreachable
from smug2s3.flow.retry import RetryPolicy
from smug2s3.stores import getter
from smug2s3.stores.quirks import GENERIC
from smug2s3.stores.s3 import S3Store, open_s3

BODY = Random(1).randbytes(2_000_000)
PAGE = b"<!DOCTYPE html><h1>Please sign in</h1>"

Answer = Callable[[int, asyncio.StreamWriter], Awaitable[None]]
"""Answers the request of this number for one object."""


def head(size: int, more: str = 'ETag: "x"\r\n') -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n{more}\r\n".encode()


async def rightly(_number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(head(len(BODY)) + BODY)


async def silent_in_the_middle(number: int, writer: asyncio.StreamWriter) -> None:
    if number > 1:
        await rightly(number, writer)
    else:
        writer.write(head(len(BODY)) + BODY[:1_000_000])


async def first_a_page(number: int, writer: asyncio.StreamWriter) -> None:
    if number > 1:
        await rightly(number, writer)
    else:
        writer.write(head(len(PAGE), "Content-Type: text/html\r\n") + PAGE)


async def in_chunks(_number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nETag: "x"\r\nTransfer-Encoding: chunked\r\n\r\n')
    writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY))


async def after_early_hints(_number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + head(len(BODY)) + BODY)


async def never(_number: int, _writer: asyncio.StreamWriter) -> None:
    """The connection stays open."""


class Server:
    """An S3 server of which only GETs of objects work, each as its script has it."""

    def __init__(self, scripts: dict[str, Answer]) -> None:
        self._scripts = scripts
        self.asked: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                key = request.split(b" ")[1].decode().rpartition("/")[2]
                self.asked[key] += 1
                await self._scripts.get(key, rightly)(self.asked[key], writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.close()


@asynccontextmanager
async def serving(**scripts: Answer) -> AsyncIterator[tuple[Server, S3Store]]:
    server = Server({f"{name}.jpg": script for name, script in scripts.items()})
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with (
        listening,
        open_s3(
            bucket="photos",
            provider=GENERIC,
            endpoint=f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}",
            region="us-east-1",
            access_key="key",
            secret_key="secret",
            connections=8,
            policy=RetryPolicy(attempts=3, first_wait=0.01),
            stall=0.5,
        ) as store,
    ):
        yield server, store
        listening.close()


async def received(store: S3Store, key: str) -> bytes:
    found = bytearray()
    async for _ in store.read_into(found.extend, key):
        pass
    return bytes(found)


async def test_one_that_falls_silent_is_asked_for_again_by_whoever_can_begin_again() -> None:
    async with serving(a=silent_in_the_middle) as (server, store):
        await received(store, "first.jpg")
        found = bytearray()
        with pytest.raises(StoreUnreachable):
            async for _ in store.read_into(found.extend, "a.jpg"):
                pass
        assert found == BODY[: len(found)]
        assert server.asked["a.jpg"] == 1
        assert await received(store, "a.jpg") == BODY


async def test_a_page_in_place_of_an_object_is_passed_on_to_nobody() -> None:
    async with serving(a=first_a_page) as (server, store):
        await received(store, "first.jpg")
        assert await received(store, "a.jpg") == BODY
        assert server.asked["a.jpg"] == 2


@pytest.mark.parametrize("script", [in_chunks, after_early_hints])
async def test_a_server_with_other_manners_is_left_to_the_library_for_good(script: Answer) -> None:
    async with serving(a=script, b=script, c=script) as (server, store):
        for key in ("first.jpg", "a.jpg", "b.jpg", "c.jpg", "last.jpg"):
            assert await received(store, key) == BODY
        assert (server.asked["b.jpg"], server.asked["c.jpg"], server.asked["last.jpg"]) == (1, 1, 1)


async def test_a_first_object_that_hangs_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getter, "LESSON", 0.01)
    async with serving(hangs=never) as (_, store):
        store.stall = 60.0
        first = asyncio.create_task(received(store, "hangs.jpg"))
        await asyncio.sleep(0)
        others = await asyncio.gather(*(received(store, f"{number}.jpg") for number in range(3)))
        assert others == [BODY] * 3
        assert not first.done()
        first.cancel()
        await asyncio.wait({first})


async def test_what_a_sink_raises_is_never_blamed_on_the_server() -> None:
    async with serving() as (server, store):
        for number in range(2):  # the first one by the library
            found: list[bytes] = []

            def take(piece: memoryview, found: list[bytes] = found) -> None:
                found.append(bytes(piece))
                raise MemoryError

            with pytest.raises(MemoryError):
                async for _ in store.read_into(take, f"{number}.jpg"):
                    pass
            assert len(found) == server.asked[f"{number}.jpg"] == 1
