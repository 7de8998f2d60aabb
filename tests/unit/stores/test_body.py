"""A body is read once, forwards, in pieces that show life."""

from __future__ import annotations

import pytest

from smug2s3.flow.stream import CheckedStream
from smug2s3.stores.body import StreamBody
from tests.unit.flow.test_stream import chunks_of


async def test_iterating_gives_what_the_stream_gives() -> None:
    body = StreamBody(CheckedStream(chunks_of([b"a", b"b"]), size=2, md5=None))
    assert b"".join([bytes(chunk) async for chunk in body]) == b"ab"


async def test_reading_gives_everything() -> None:
    assert await StreamBody(chunks_of([b"a", b"b"])).read() == b"ab"


async def test_there_is_no_way_back() -> None:
    body = StreamBody(chunks_of([b"a"]))
    assert body.tell() == 0
    with pytest.raises(OSError, match="rewound"):
        body.seek(0)
    async for _ in body:
        pass
