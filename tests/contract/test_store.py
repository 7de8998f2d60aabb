"""What every Store keeps, whichever server is behind it; see ``smug2s3.ports.Store``."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from smug2s3.errors import (
    SourceBroken,
    SourceUnreachable,
    StoreCorrupt,
    StoreMissing,
    StoreUnreachable,
    StoreUnusable,
)
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import StoreTarget
from smug2s3.stores.quirks import Provider
from smug2s3.stores.s3 import S3Store
from tests.contract.conftest import Site

MIB = 1024 * 1024
PARTS = Provider(name="small parts", single_put=5 * MIB, part_size=5 * MIB)
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"


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


SMALL = os.urandom(200_000)
LARGE = os.urandom(12 * MIB + 7)

KNOWN = {
    "all-known": (-1, ""),
    "no-md5": (-1, None),
    "no-size": (None, ""),
    "nothing-known": (None, None),
}


@pytest.mark.parametrize(("size", "md5"), KNOWN.values(), ids=KNOWN)
@pytest.mark.parametrize("content", [SMALL, LARGE, b"", b"x"], ids=["small", "in-parts", "empty", "one-byte"])
async def test_what_is_put_is_there_and_the_receipt_tells_the_truth(
    site: Site, content: bytes, size: int | None, md5: str | None
) -> None:
    async with site.store(provider=PARTS) as store:
        receipt = await store.put(target(site, "a.jpg"), stream(content, size=size, md5=md5))

    assert (receipt.key, receipt.size, receipt.md5) == (f"{site.prefix}a.jpg", len(content), md5_of(content))
    assert await site.keys() == {"a.jpg": len(content)}
    assert await site.content("a.jpg") == content
    assert await site.open_uploads() == []
    async with site.store() as store:
        (listed,) = [found async for page in store.list(site.prefix) for found in page]
    assert listed.etag in (receipt.etag, receipt.md5)


async def test_metadata_and_type_are_kept(site: Site) -> None:
    async with site.store() as store:
        await store.put(target(site, "a.jpg", title="A rose", caption="=?UTF-8?B?5LiA?="), stream(SMALL))
    async with site.client() as client:
        head = await client.head_object(Bucket=site.bucket, Key=f"{site.prefix}a.jpg")

    assert head["ContentType"] == "image/jpeg"
    assert head["Metadata"].keys() == {"title", "caption"}


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
    site: Site, content: bytes, extra: int | None, md5: str | None, fail_at: int | None, replacing: bool
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
    async with site.store(provider=PARTS) as store:
        if replacing:
            await store.put(target(site, "a.jpg"), stream(b"the old one"))

        with pytest.raises(SourceBroken if fail_at is None else SourceUnreachable):
            await store.put(target(site, "a.jpg"), wrong)

    assert await site.keys() == ({"a.jpg": 11} if replacing else {})
    assert await site.open_uploads() == []
    if replacing:
        assert await site.content("a.jpg") == b"the old one"


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "in-parts"])
async def test_a_cancelled_upload_leaves_nothing(site: Site, content: bytes) -> None:
    waiting = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield content[: len(content) - 10]
        waiting.set()
        await asyncio.sleep(3600)

    async with site.store(provider=PARTS) as store:
        upload = asyncio.create_task(
            store.put(target(site, "a.jpg"), CheckedStream(slow(), size=len(content), md5=md5_of(content)))
        )
        await asyncio.wait_for(waiting.wait(), 30)
        await asyncio.sleep(0.2)
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload

    assert await site.keys() == {}
    assert await site.open_uploads() == []


async def test_a_source_that_stalls_is_given_up_and_blamed(site: Site) -> None:
    async def stalling() -> AsyncIterator[bytes]:
        yield SMALL[:1000]
        yield SMALL[1000:2000]
        await asyncio.sleep(3600)

    async with site.store() as store:
        store._stall = 0.5
        with pytest.raises(SourceUnreachable, match="sent nothing"):
            await store.put(target(site, "a.jpg"), CheckedStream(stalling(), size=len(SMALL), md5=md5_of(SMALL)))

    assert await site.keys() == {}


NAMES = [
    "plain.jpg",
    "with space & plus+.jpg",
    "100% (a)~'c'=!#;,@$.jpg",
    "percent%2Fencoded%00.jpg",
    "写真/夏.jpg",
    "🏖️ 👨‍👩‍👧.jpg",
    "cafe\u0301 and caf\u00e9.jpg",
    "a/b/c/d/e.jpg",
    "quote\"d 'name'.jpg",
    "x" * 180 + ".jpg",
]


async def test_keys_of_every_kind_come_back_as_they_were_given(site: Site) -> None:
    async with site.store() as store:
        for name in NAMES:
            await store.put(target(site, name), stream(name.encode()))

        assert await site.keys() == {name: len(name.encode()) for name in NAMES}
        for name in NAMES:
            assert await site.content(name) == name.encode()
            await store.copy(site.prefix + name, target(site, name, title="again"))
            await store.delete(site.prefix + name)

    assert await site.keys() == {}


async def test_a_list_longer_than_a_page_is_given_whole(site: Site) -> None:
    async with site.store() as store:
        await store.put(target(site, "many/first"), stream(b"x"))
        gate = asyncio.Semaphore(10)

        async def one(number: int) -> None:
            async with gate:
                await store.put(target(site, f"many/{number:04d}"), stream(b"x"))

        await asyncio.gather(*(one(number) for number in range(1005)))
        pages = [len(page) async for page in store.list(f"{site.prefix}many/")]

    assert sum(pages) == 1006
    assert len(pages) >= 2


async def test_a_list_of_nothing_is_empty(site: Site) -> None:
    async with site.store() as store:
        assert [found async for page in store.list(f"{site.prefix}nothing/") for found in page] == []


@pytest.mark.parametrize("name", ["a.jpg", "b.jpg"], ids=["onto-itself", "to-another-key"])
async def test_a_copy_has_the_same_bytes_and_new_metadata(site: Site, name: str) -> None:
    async with site.store() as store:
        await store.put(target(site, "a.jpg", title="old"), stream(SMALL))
        etag = await store.copy(f"{site.prefix}a.jpg", target(site, name, title="new"))

    assert etag in ("", md5_of(SMALL))
    assert await site.content(name) == SMALL
    async with site.client() as client:
        head = await client.head_object(Bucket=site.bucket, Key=site.prefix + name)
    assert (head["Metadata"]["title"], head["ContentType"]) == ("new", "image/jpeg")


async def test_what_is_absent_is_told_apart_from_what_failed(site: Site) -> None:
    async with site.store() as store:
        await store.delete(f"{site.prefix}never-there.jpg")
        with pytest.raises(StoreMissing):
            await anext(store.read(f"{site.prefix}never-there.jpg"))
        with pytest.raises(StoreMissing):
            await store.copy(f"{site.prefix}never-there.jpg", target(site, "b.jpg"))


async def test_a_good_store_passes_the_check_and_the_check_writes_nothing(site: Site) -> None:
    async with site.store() as store:
        await store.check(site.prefix)

    assert await site.keys() == {}


UNUSABLE = {
    "wrong-secret": {"secret_key": "0" * 40},
    "unknown-key": {"access_key": "0" * 20},
    "absent-bucket": {"bucket": "smug2s3-nobody-has-this"},
}


@pytest.mark.parametrize("changes", UNUSABLE.values(), ids=UNUSABLE)
async def test_what_makes_a_store_unusable_is_told_by_check_and_by_put(site: Site, changes: dict[str, Any]) -> None:
    async with site.store(**changes) as store:
        with pytest.raises(StoreUnusable) as failure:
            await store.check(site.prefix)
        assert failure.value.hint
        with pytest.raises(StoreUnusable):
            await store.put(target(site, "a.jpg"), stream(SMALL))

    assert await site.keys() == {}


async def test_a_store_that_is_not_there_is_unreachable(site: Site) -> None:
    async with site.store(endpoint="http://127.0.0.1:9") as store:
        with pytest.raises(StoreUnreachable):
            await store.check(site.prefix)


@pytest.fixture
async def killed_upload(site: Site) -> AsyncIterator[tuple[S3Store, list[int]]]:
    """A store in which a process died after two parts of LARGE, and the numbers of the parts sent since."""
    sent: list[int] = []
    async with site.store(provider=PARTS) as store:
        where = {"Bucket": site.bucket, "Key": site.prefix + "video.mp4"}
        upload = await store._client.create_multipart_upload(**where, Metadata={"title": "before"})
        for number, start in ((1, 0), (2, 5 * MIB)):
            piece = LARGE[start : start + 5 * MIB]
            await store._client.upload_part(**where, UploadId=upload["UploadId"], PartNumber=number, Body=piece)
        store._client.meta.events.register(
            "before-call.s3.UploadPart", lambda params, **_: sent.append(_number(params))
        )
        yield store, sent


async def test_parts_a_killed_process_left_are_not_sent_again(
    site: Site, killed_upload: tuple[S3Store, list[int]]
) -> None:
    store, sent = killed_upload

    receipt = await store.put(target(site, "video.mp4", title="after"), stream(LARGE))

    assert sent == [3]
    assert receipt.md5 == md5_of(LARGE)
    assert (await store.metadata(site.prefix + "video.mp4"))["title"] == "after"
    assert await site.content("video.mp4") == LARGE
    assert await site.open_uploads() == []


async def test_parts_that_a_killed_process_left_of_another_file_are_removed(
    site: Site, killed_upload: tuple[S3Store, list[int]]
) -> None:
    store, sent = killed_upload
    other = LARGE[::-1]

    with pytest.raises(StoreCorrupt, match="another file"):
        await store.put(target(site, "video.mp4"), stream(other))
    assert await site.open_uploads() == []
    sent.clear()
    await store.put(target(site, "video.mp4"), stream(other))

    assert sorted(sent) == [1, 2, 3]
    assert await site.content("video.mp4") == other


def _number(params: dict[str, Any]) -> int:
    return int(params["query_string"]["partNumber"])
