"""An S3 server for all of these tests, a bucket for each, and a computer that knows the tiny account."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.support.browser import HOW_TO, chromium, running
from tests.support.bucket import Bucket
from tests.support.fixtures import bucket, s3
from tests.support.machine import Machine, machine_for

__all__ = ["browser", "bucket", "machine", "s3"]


@pytest.fixture(scope="session")
def browser() -> Iterator[str]:
    """The address of a real Chromium. Where there is none and none can be installed, CI fails and others are told."""
    path = chromium()
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"no browser was found: {HOW_TO}")
    with running(path) as address:
        yield address


@pytest.fixture
async def machine(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Machine]:
    """A computer whose `.env` is complete; the account is the tiny one."""
    async with Simulator(worlds.tiny()) as sim:
        yield machine_for(sim, bucket, tmp_path / "home")
