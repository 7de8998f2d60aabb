"""A blocking step runs in a thread, and whoever waits for it outlives it."""

from __future__ import annotations

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from smug2s3.flow.threads import in_thread


@pytest.mark.parametrize("fails", [False, True])
def test_a_cancelled_caller_has_it_stopped_waits_for_its_end_and_says_nothing_of_how_it_ended(
    fails: bool, caplog: pytest.LogCaptureFixture
) -> None:
    begun, stopped, ended = threading.Event(), threading.Event(), threading.Event()

    def step() -> None:
        begun.set()
        stopped.wait()
        ended.set()
        if fails:
            raise ConnectionError

    async def cancelled() -> bool:
        with ThreadPoolExecutor(1) as threads:
            waiting = asyncio.create_task(in_thread(threads, step, stop=stopped.set))
            await asyncio.to_thread(begun.wait)
            waiting.cancel()
            await asyncio.wait({waiting})
            return ended.is_set() and waiting.cancelled()

    assert asyncio.run(cancelled())
    gc.collect()
    assert caplog.messages == []
