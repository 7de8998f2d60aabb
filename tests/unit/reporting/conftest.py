"""A time zone for tests of what people read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest


@pytest.fixture
def in_delhi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process is in India, half an hour beside the full hours of UTC."""
    if os.name != "posix":
        pytest.skip("the zone of a process can be set on POSIX only")
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
