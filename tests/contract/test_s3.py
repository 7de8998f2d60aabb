"""What only a store behind S3 can do or suffer: keys, connections, and parts of uploads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from smug2s3.errors import StoreCorrupt, StoreUnreachable, StoreUnusable
from smug2s3.stores.s3 import S3Store
from tests.contract.bodies import LARGE, MIB, PARTS, SMALL, md5_of, stream, target
from tests.contract.sites import S3Site

UNUSABLE = {"wrong-secret": {"secret_key": "0" * 40}, "unknown-key": {"access_key": "0" * 20}}


@pytest.mark.parametrize("changes", UNUSABLE.values(), ids=UNUSABLE)
async def test_wrong_keys_are_reported_by_check_and_by_put(s3_site: S3Site, changes: dict[str, Any]) -> None:
    async with s3_site.store(**changes) as store:
        with pytest.raises(StoreUnusable) as failure:
            await store.check(s3_site.prefix)
        assert failure.value.hint
        with pytest.raises(StoreUnusable):
            await store.put(target(s3_site, "a.jpg"), stream(SMALL))

    assert await s3_site.keys() == {}


async def test_a_store_that_is_not_there_is_unreachable(s3_site: S3Site) -> None:
    async with s3_site.store(endpoint="http://127.0.0.1:9") as store:
        with pytest.raises(StoreUnreachable):
            await store.check(s3_site.prefix)


@pytest.fixture
async def killed_upload(s3_site: S3Site) -> AsyncIterator[tuple[S3Store, list[int]]]:
    """A store in which a process died after two parts of LARGE, and the numbers of the parts sent since."""
    sent: list[int] = []
    async with s3_site.store(provider=PARTS) as store:
        where = {"Bucket": s3_site.bucket, "Key": s3_site.prefix + "video.mp4"}
        upload = await store.client.create_multipart_upload(**where, Metadata={"title": "before"})
        for number, start in ((1, 0), (2, 5 * MIB)):
            piece = LARGE[start : start + 5 * MIB]
            await store.client.upload_part(**where, UploadId=upload["UploadId"], PartNumber=number, Body=piece)
        store.client.meta.events.register("before-call.s3.UploadPart", lambda params, **_: sent.append(_number(params)))
        yield store, sent


async def test_parts_a_killed_process_left_are_not_sent_again(
    s3_site: S3Site, killed_upload: tuple[S3Store, list[int]]
) -> None:
    store, sent = killed_upload

    receipt = await store.put(target(s3_site, "video.mp4", title="after"), stream(LARGE))

    assert sent == [3]
    assert receipt.md5 == md5_of(LARGE)
    assert (await store.head(s3_site.prefix + "video.mp4")).metadata["title"] == "after"
    assert await s3_site.content("video.mp4") == LARGE
    assert await s3_site.remnants() == []


async def test_parts_that_a_killed_process_left_of_another_file_are_removed(
    s3_site: S3Site, killed_upload: tuple[S3Store, list[int]]
) -> None:
    store, sent = killed_upload
    other = LARGE[::-1]

    with pytest.raises(StoreCorrupt, match="a different file"):
        await store.put(target(s3_site, "video.mp4"), stream(other))
    assert await s3_site.remnants() == []
    sent.clear()
    await store.put(target(s3_site, "video.mp4"), stream(other))

    assert sorted(sent) == [1, 2, 3]
    assert await s3_site.content("video.mp4") == other


def _number(params: dict[str, Any]) -> int:
    return int(params["query_string"]["partNumber"])
