"""A HEAD of what does not exist says so, even if the server sends a body with it, as Swift does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from smug2s3.errors import StoreMissing
from smug2s3.stores.quirks import GENERIC
from smug2s3.stores.s3 import S3Store, open_s3
from tests.support.quick import QUICK

THERE = b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nETag: "098f6bcd4621d373cade4e832627b4f6"\r\n\r\n'
ABSENT = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/xml\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
XML = b"<Error><Code>NoSuchKey</Code></Error>"

ANSWERS = {
    "no body": [ABSENT + b"Content-Length: 37\r\n\r\n"],
    "the last chunk of none": [ABSENT + CHUNKED + b"0\r\n\r\n"],
    "a body in chunks": [ABSENT + CHUNKED + b"25\r\n" + XML + b"\r\n0\r\n\r\n"],
    "a body of known length": [ABSENT + b"Content-Length: 37\r\n\r\n" + XML],
    "a body that comes later": [ABSENT + b"Content-Length: 37\r\n\r\n", XML],
    "everything in small pieces": [bytes([one]) for one in ABSENT + CHUNKED + b"0\r\n\r\n"],
}


@asynccontextmanager
async def server_of(pieces: Sequence[bytes]) -> AsyncIterator[S3Store]:
    """A store whose server answers so for what ends in `absent`, and has everything else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                for piece in pieces if b"/absent " in head else [THERE]:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with open_s3(
            bucket="photos",
            provider=GENERIC,
            endpoint=endpoint,
            region="us-east-1",
            access_key="key",
            secret_key="secret",
            connections=1,
            policy=QUICK,
        ) as store:
            yield store


@pytest.mark.parametrize("pieces", ANSWERS.values(), ids=ANSWERS)
async def test_what_is_absent_is_missing_and_the_next_request_is_not_spoilt(pieces: Sequence[bytes]) -> None:
    async with server_of(pieces) as store:
        for _ in range(3):
            with pytest.raises(StoreMissing):
                await store.head("absent")
            assert (await store.head("there")).size == 4
