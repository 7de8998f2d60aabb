"""Objects are received in threads once the library has shown how to ask for them; whatever is unusual is left to it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from smug2s3.errors import StoreMissing, TargetUnusable
from smug2s3.flow import pulse
from smug2s3.stores.s3 import S3Store
from tests.support.bucket import Bucket
from tests.support.fault_proxy import Action, FaultProxy, StoreFault
from tests.support.quick import quick_store

pytestmark = pytest.mark.usefixtures("stored")
CONTENT = b"".join(b"%07d " % number for number in range(131_072))


@pytest.fixture
def stored(bucket: Bucket) -> None:
    """What is in the bucket."""
    (bucket.folder / "a.jpg").write_bytes(CONTENT)
    (bucket.folder / "empty.jpg").write_bytes(b"")


async def received(store: S3Store, key: str, start: int = 0, end: int | None = None) -> bytes:
    found = bytearray()
    counted = 0
    async for size in store.read_into(found.extend, key, start, end):
        counted += size
    assert counted == len(found)
    return bytes(found)


@pytest.fixture
async def store(bucket: Bucket, proxy: FaultProxy) -> AsyncIterator[S3Store]:
    """Patient for a second."""
    async with quick_store(bucket, endpoint=proxy.endpoint, stall=1.0) as store:
        yield store


async def test_it_is_passed_on_whole_or_the_range_that_is_wanted(store: S3Store) -> None:
    for _ in range(2):  # the first one by the library
        assert await received(store, "a.jpg") == CONTENT
        assert await received(store, "a.jpg", 700_000) == CONTENT[700_000:]
        assert await received(store, "a.jpg", 5, 700_000) == CONTENT[5:700_000]
        assert await received(store, "empty.jpg") == b""


async def test_a_server_that_ignores_ranges_is_seen_through(store: S3Store, proxy: FaultProxy) -> None:
    await received(store, "a.jpg")
    everything = StoreFault(
        action="answer",
        method="GET",
        times=None,
        when=lambda headers: "range" in headers,
        status=200,
        headers=(("ETag", '"1"'),),
        content_type="image/jpeg",
        body=CONTENT.decode(),
    )
    proxy.script(everything)

    assert await received(store, "a.jpg", 5, 700) == CONTENT[5:700]
    assert not store.ranges


async def test_what_is_refused_is_asked_for_through_the_library_from_then_on(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await received(store, "a.jpg")
    tried: list[str] = []

    def wrong(_method: str, path: str, *_: object) -> str:
        tried.append(path)
        return "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"

    monkeypatch.setattr("smug2s3.stores.pattern.authorization", wrong)
    for _ in range(2):
        assert await received(store, "a.jpg") == CONTENT
        with pytest.raises(StoreMissing):
            await received(store, "none.jpg")

    assert tried == [f"/{store.name}/a.jpg", f"/{store.name}/none.jpg"]


@pytest.mark.parametrize("action", ["reset", "stall"])
async def test_a_connection_that_fails_is_no_failure_yet(store: S3Store, proxy: FaultProxy, action: Action) -> None:
    await received(store, "a.jpg")
    fault = StoreFault(action=action, method="GET", path="*a.jpg*")
    proxy.script(fault)

    assert await received(store, "a.jpg") == CONTENT
    assert proxy.hits[fault] >= 1


async def test_an_error_of_whoever_takes_them_is_raised_as_it_is(store: S3Store) -> None:
    full = TargetUnusable("the disk is full")

    def take(_: memoryview) -> None:
        raise full

    for _ in range(2):
        with pytest.raises(TargetUnusable) as caught:
            async for _size in store.read_into(take, "a.jpg"):
                pass
        assert caught.value is full
    assert await received(store, "a.jpg") == CONTENT


async def test_a_slow_disk_is_no_silent_server(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EVERY", 0.1)
    store.stall = 0.4
    await received(store, "a.jpg")
    found = bytearray()

    def take(piece: memoryview) -> None:
        time.sleep(0 if found else 1.0)
        found.extend(piece)

    async for _ in store.read_into(take, "a.jpg"):
        pass
    assert found == CONTENT
