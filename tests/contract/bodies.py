"""What the contract's tests put into stores, and how it gets there."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator

from smug2s3.errors import SourceUnreachable
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import StoreTarget
from smug2s3.stores.quirks import Provider
from tests.contract.sites import Site

MIB = 1024 * 1024
PARTS = Provider(name="small parts", single_put=5 * MIB, part_size=5 * MIB)
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SMALL = os.urandom(200_000)
LARGE = os.urandom(12 * MIB + 7)


def md5_of(content: bytes) -> str:
    """Hex."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


async def pieces(content: bytes, size: int = 65_536, *, fail_at: int | None = None) -> AsyncIterator[bytes]:
    """The content as a source gives it; raises when ``fail_at`` bytes have been given."""
    for start in range(0, len(content), size):
        if fail_at is not None and start >= fail_at:
            raise SourceUnreachable("the source broke off")
        yield content[start : start + size]
        await asyncio.sleep(0)


def stream(content: bytes, *, size: int | None = -1, md5: str | None = "") -> CheckedStream:
    """A stream whose promises are true unless others are given."""
    return CheckedStream(
        pieces(content), size=len(content) if size == -1 else size, md5=md5_of(content) if md5 == "" else md5
    )


def target(site: Site, name: str, **metadata: str) -> StoreTarget:
    """An object to be in the test's corner."""
    return StoreTarget(key=site.prefix + name, content_type="image/jpeg", metadata=tuple(metadata.items()))
