"""An S3 server for all of these tests, a bucket for each, and a proxy in front of it for those that spoil requests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.browsing import archive, visitor
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.fixtures import a_tenth_of_the_patience, browser, bucket, minio, moto, s3

__all__ = ["a_tenth_of_the_patience", "archive", "browser", "bucket", "minio", "moto", "s3", "visitor"]


@pytest.fixture
async def proxy(bucket: Bucket) -> AsyncIterator[FaultProxy]:
    """A proxy in front of the bucket's server."""
    async with fault_proxy(bucket.server.endpoint) as proxy:
        yield proxy
