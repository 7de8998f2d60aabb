"""An S3 server for all of these tests, a bucket for each, and a computer that knows the tiny account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.support.bucket import Bucket
from tests.support.fixtures import a_tenth_of_the_patience, browser, bucket, namespaces, s3
from tests.support.machine import Machine, machine_for

__all__ = ["a_tenth_of_the_patience", "browser", "bucket", "machine", "namespaces", "s3"]


@pytest.fixture
async def machine(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Machine]:
    """A computer whose `.env` is complete; the account is the tiny one."""
    async with Simulator(worlds.tiny()) as sim:
        yield machine_for(sim, bucket, tmp_path / "home")
