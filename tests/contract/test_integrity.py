"""What a store must keep to hold the only copy: nothing wrong, nothing partial, ever; see ``conftest.STRICT``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from smug2s3.errors import SourceBroken, SourceUnreachable
from smug2s3.flow.stream import CheckedStream
from tests.contract.bodies import EMPTY_MD5, LARGE, PARTS, SMALL, md5_of, pieces, stream, target
from tests.contract.sites import Site

BROKEN = {
    "wrong-md5": (-1, EMPTY_MD5, None),
    "too-short": (+1, "", None),
    "too-long": (-1000, "", None),
    "source-fails": (0, "", 100_000),
    "source-fails-at-once": (0, "", 0),
    "source-fails-and-nothing-was-known": (None, None, 100_000),
    "source-fails-late": (0, "", -1),
}


@pytest.mark.parametrize(("extra", "md5", "fail_at"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "in-parts"])
@pytest.mark.parametrize("replacing", [False, True], ids=["new", "replacement"])
async def test_a_wrong_stream_is_never_visible_and_leaves_what_was_there(
    strict_site: Site, content: bytes, extra: int | None, md5: str | None, fail_at: int | None, replacing: bool
) -> None:
    if md5 == EMPTY_MD5:
        size: int | None = len(content)
    else:
        size = None if extra is None else len(content) + extra
    wrong = CheckedStream(
        pieces(content, fail_at=len(content) - 1 - 65_536 if fail_at == -1 else fail_at),
        size=size,
        md5=md5_of(content) if md5 == "" else md5,
    )
    async with strict_site.store(provider=PARTS) as store:
        if replacing:
            await store.put(target(strict_site, "a.jpg"), stream(b"the old one"))

        with pytest.raises(SourceBroken if fail_at is None else SourceUnreachable):
            await store.put(target(strict_site, "a.jpg"), wrong)

    assert await strict_site.keys() == ({"a.jpg": 11} if replacing else {})
    assert await strict_site.remnants() == []
    if replacing:
        assert await strict_site.content("a.jpg") == b"the old one"


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "in-parts"])
async def test_a_cancelled_upload_leaves_nothing(strict_site: Site, content: bytes) -> None:
    waiting = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield content[: len(content) - 10]
        waiting.set()
        await asyncio.sleep(3600)

    async with strict_site.store(provider=PARTS) as store:
        upload = asyncio.create_task(
            store.put(target(strict_site, "a.jpg"), CheckedStream(slow(), size=len(content), md5=md5_of(content)))
        )
        await asyncio.wait_for(waiting.wait(), 30)
        await asyncio.sleep(0.2)
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload

    assert await strict_site.keys() == {}
    assert await strict_site.remnants() == []


async def test_a_source_that_stalls_is_given_up_and_blamed(strict_site: Site) -> None:
    async def stalling() -> AsyncIterator[bytes]:
        yield SMALL[:1000]
        yield SMALL[1000:2000]
        await asyncio.sleep(3600)

    async with strict_site.store(stall=0.5) as store:
        with pytest.raises(SourceUnreachable, match="sent no data"):
            await store.put(target(strict_site, "a.jpg"), CheckedStream(stalling(), size=len(SMALL), md5=md5_of(SMALL)))

    assert await strict_site.keys() == {}
