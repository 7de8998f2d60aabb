"""Every loss that `sync --processes` can suffer, one after another while one account is copied."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from smugmug_simulator import Simulator, World
from tests.support.bucket import Bucket
from tests.support.fault_proxy import fault_proxy
from tests.support.line import line
from tests.support.machine import machine_for
from tests.support.machines import DELAY, RATE
from tests.support.story import Story
from tests.support.watch import Watch
from tests.support.watched import Watched, until

INTERRUPTED = 130


@asynccontextmanager
async def computer_for(world: World, bucket: Bucket, home: Path, *, places: int) -> AsyncIterator[Watched]:
    """One computer with slow lines to SmugMug and the bucket, and ``places`` files at once in the whole run."""
    async with AsyncExitStack() as opened:
        sim = await opened.enter_async_context(Simulator(world))
        proxy = await opened.enter_async_context(fault_proxy(bucket.server.endpoint))
        smugmug, s3 = [
            await opened.enter_async_context(line("127.0.0.1", urlsplit(side).netloc, delay=DELAY, rate=RATE))
            for side in (sim.origin, proxy.endpoint)
        ]
        machine = machine_for(sim, bucket, home)
        machine.write_env(
            SMUGMUG_API_ORIGIN=f"http://{smugmug.endpoint}",
            S3_ENDPOINT_URL=f"http://{s3.endpoint}",
            WORKER_PATIENCE="2s",
            MAX_CONCURRENT_DOWNLOADS=str(places),
            RATE_LIMIT_DELAY="0",
        )
        yield Watched(coordinator=machine, proxy=proxy, watch=Watch(bucket, proxy, world))


def workers_of(process: int) -> list[psutil.Process]:
    """Its worker processes that are alive."""
    family = psutil.Process(process).children(recursive=True)
    return [child for child in family if "spawn_main" in " ".join(child.cmdline())]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Processes that have not ended; an orphan may stay a zombie until it is reaped."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


async def everything_is_lost_once(story: Story) -> None:
    """Cause every loss; raises AssertionError if a file did not arrive or a loss was not reported."""
    await _killed(story)
    await _interrupted(story)
    async with story.running() as (process, ended):
        await story.some()
        workers_of(process.pid)[0].kill()
        await story.said("is gone; its files are given to others")
        await story.some()
        suspended = workers_of(process.pid)[0]
        suspended.suspend()
        await story.said("does not answer; its files are given to others")
        await story.some()
        suspended.resume()
        ran = await ended()
    story.assert_over(ran)


async def _killed(story: Story) -> None:
    """Kill a run in the middle: its workers end by themselves."""
    async with story.running() as (process, _):
        await story.some()
        family = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        await until(lambda: not alive(family))


async def _interrupted(story: Story) -> None:
    """Interrupt a run in the middle."""
    async with story.running() as (process, ended):
        await story.some()
        process.send_signal(signal.SIGINT)
        ran = await ended()
    assert ran.code == INTERRUPTED, ran.err
