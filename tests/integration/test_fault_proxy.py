"""The proxy that spoils requests does what its faults say, so that what is built on it tests what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aioboto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from tests.support.bucket import Bucket
from tests.support.fault_proxy import NOTHING, PORTAL, Etags, FaultProxy, StoreFault

FIVE = 5 * 1024 * 1024


@pytest.fixture
async def client(bucket: Bucket, proxy: FaultProxy) -> AsyncIterator[Any]:
    """An S3 client that owes nothing to smug2s3, through the proxy."""
    config = Config(
        s3={"addressing_style": "path", "payload_signing_enabled": False},
        request_checksum_calculation="when_required",
        retries={"total_max_attempts": 1},
        read_timeout=2,
    )
    session = aioboto3.Session(bucket.server.access_key, bucket.server.secret_key)
    async with session.client("s3", endpoint_url=proxy.endpoint, region_name="us-east-1", config=config) as client:
        yield client


@pytest.mark.parametrize("etags", ["disguised", "foreign"])
async def test_an_object_has_the_same_other_etag_wherever_it_is_named(
    bucket: Bucket, proxy: FaultProxy, client: Any, etags: Etags
) -> None:
    where = {"Bucket": bucket.name, "Key": "a"}
    plain = (await client.put_object(**where, Body=b"x"))["ETag"].strip('"')
    proxy.etags = etags

    answers = [
        await client.put_object(**where, Body=b"x"),
        await client.head_object(**where),
        await client.get_object(**where),
        (await client.list_objects_v2(Bucket=bucket.name))["Contents"][0],
        (await client.copy_object(**where | {"Key": "b"}, CopySource=where))["CopyObjectResult"],
    ]

    told = {answer["ETag"].strip('"') for answer in answers}
    assert len(told) == 1
    assert plain not in told


@pytest.mark.parametrize("etags", ["plain", "disguised", "foreign"])
@pytest.mark.parametrize("bodies", [(bytes(FIVE), b"end"), (b"end",)])
async def test_parts_are_known_by_their_etags_and_the_whole_by_that_of_its_completion(
    bucket: Bucket, proxy: FaultProxy, client: Any, etags: Etags, bodies: tuple[bytes, ...]
) -> None:
    proxy.etags = etags
    where = {"Bucket": bucket.name, "Key": "a"}
    for _ in range(2):
        upload = where | {"UploadId": (await client.create_multipart_upload(**where))["UploadId"]}
        parts = [
            {"PartNumber": n, "ETag": (await client.upload_part(**upload, PartNumber=n, Body=body))["ETag"]}
            for n, body in enumerate(bodies, 1)
        ]

        whole = await client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

        told = whole["ETag"].strip('"')
        listed = (await client.list_objects_v2(Bucket=bucket.name))["Contents"][0]["ETag"]
        assert told.endswith(f"-{len(bodies)}")
        assert {(await client.head_object(**where))["ETag"].strip('"'), listed.strip('"')} == {told}
    assert len({part["ETag"] for part in parts}) == len(bodies)
    assert bucket.path("a").read_bytes() == b"".join(bodies)


async def test_an_answer_may_name_no_etag_or_another(bucket: Bucket, proxy: FaultProxy, client: Any) -> None:
    where = {"Bucket": bucket.name, "Key": "a"}
    proxy.script(StoreFault(action="no_etag", method="PUT"), StoreFault(action="wrong_etag", method="GET"))

    assert "ETag" not in await client.put_object(**where, Body=b"x")
    assert (await client.list_objects_v2(Bucket=bucket.name))["Contents"][0]["ETag"].strip('"') == "0" * 32
    assert bucket.path("a").read_bytes() == b"x"


async def test_a_listing_may_end_without_an_end_or_never(bucket: Bucket, proxy: FaultProxy, client: Any) -> None:
    for key in "ab":
        await client.put_object(Bucket=bucket.name, Key=key, Body=b"x")
    proxy.script(
        StoreFault(action="truncated", method="GET"), StoreFault(action="same_token", method="GET", times=None)
    )

    page = await client.list_objects_v2(Bucket=bucket.name)
    assert (page["IsTruncated"], page.get("NextContinuationToken")) == (True, None)
    for more in ({}, {"ContinuationToken": "again"}, {"ContinuationToken": "again"}):
        page = await client.list_objects_v2(Bucket=bucket.name, **more)
        assert (page["IsTruncated"], page["NextContinuationToken"]) == (True, "again")
        assert [found["Key"] for found in page["Contents"]] == ["a", "b"]


async def test_a_portal_accepts_everything_and_the_server_gets_nothing(
    bucket: Bucket, proxy: FaultProxy, client: Any
) -> None:
    proxy.script(replace(PORTAL, times=1), replace(NOTHING, times=1))

    for _ in range(2):
        assert "ETag" not in await client.put_object(Bucket=bucket.name, Key="a", Body=b"x")
    assert bucket.files() == {}


async def test_a_slow_answer_comes_after_the_work(bucket: Bucket, proxy: FaultProxy, client: Any) -> None:
    proxy.script(StoreFault(action="slow", method="PUT", seconds=30))

    with pytest.raises(ReadTimeoutError):
        await client.put_object(Bucket=bucket.name, Key="a", Body=b"x")
    assert bucket.path("a").read_bytes() == b"x"
