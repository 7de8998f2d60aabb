"""A server that does not know `Expect: 100-continue`, or says nothing to it, gets the body all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from smug2s3.errors import StoreBusy
from smug2s3.models import Proof
from smug2s3.stores import connections
from smug2s3.stores.expectation import Expectation
from tests.contract.bodies import md5_of
from tests.integration.test_store_answers import PHOTO, SMALL, VIDEO, put, through
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault


@pytest.mark.parametrize("status", [417, 400, 501, 0])
@pytest.mark.parametrize("first", [SMALL, PHOTO], ids=["first-small", "first-streamed"])
async def test_a_server_that_refuses_the_expectation_is_asked_without_it_from_then_on(
    bucket: Bucket, proxy: FaultProxy, first: bytes, status: int
) -> None:
    proxy.expect, proxy.refusal = "refused", status

    async with through(bucket, proxy) as store:
        await put(store, "first.jpg", first)
        for key in ("own.jpg", "again.jpg"):
            assert (await put(store, key, PHOTO)).proof is Proof.ETAG
        assert (await put(store, "video.mp4", VIDEO)).proof is Proof.PARTS

    assert proxy.count("PUT", fault="expect") == (1 if status else 2)  # of a broken connection the library makes sure


@pytest.mark.parametrize("first", [SMALL, PHOTO], ids=["first-small", "first-streamed"])
async def test_a_server_that_says_nothing_to_it_gets_the_body_after_a_while_and_then_at_once(
    bucket: Bucket, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    waits: list[object] = []

    class Short(Expectation):
        def _go_on(self, word: asyncio.Future[bool]) -> None:
            waits.append(word)
            super()._go_on(word)

    monkeypatch.setattr(connections, "Expectation", lambda: Short(0.1))
    proxy.expect = "unheard"

    async with through(bucket, proxy) as store:
        for key, content in (("first.jpg", first), ("own.jpg", PHOTO), ("again.jpg", PHOTO), ("video.mp4", VIDEO)):
            receipt = await put(store, key, content)
            assert receipt.md5 == md5_of(content)

    assert len(waits) == 1


async def test_a_body_from_memory_that_broke_off_is_sent_from_its_start_without_the_expectation(
    bucket: Bucket, proxy: FaultProxy
) -> None:
    """The library repeats it once itself; a request without a body would wait until nobody has patience any more."""
    proxy.script(StoreFault(action="reset_midway", method="PUT", path="*first*", times=2))

    async with asyncio.timeout(15), through(bucket, proxy) as store:
        receipt = await put(store, "first.jpg", SMALL)

    assert (receipt.md5, receipt.proof) == (md5_of(SMALL), Proof.ETAG)
    assert proxy.count("PUT", "*first*") == 3


@asynccontextmanager
async def late_refuser() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that refuses the expectation only when the body has come, and keeps what else it gets."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        body = await reader.readexactly(length)
        answer = b"417 No" if b"100-continue" in head else f'200 OK\r\nETag: "{md5_of(body)}"'.encode()
        writer.write(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


async def test_where_the_body_is_gone_by_then_the_next_try_is_without_it(
    bucket: Bucket, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "Expectation", lambda: Expectation(0.05))
    async with late_refuser() as (endpoint, heads):
        proxy.endpoint = endpoint
        async with through(bucket, proxy) as store:
            with pytest.raises(StoreBusy, match="417"):
                await put(store, "a.jpg", PHOTO)

            assert (await put(store, "a.jpg", PHOTO)).proof is Proof.ETAG
    assert [b"100-continue" in head for head in heads] == [True, False]
