"""A SmugMug in a thread of its own: commands that run in this one have event loops of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from smugmug_simulator import Simulator
from smugmug_simulator.world import World


@dataclass(frozen=True, slots=True)
class Apart:
    """The simulator and the loop it lives on."""

    sim: Simulator
    loop: asyncio.AbstractEventLoop

    def call(self, work: Coroutine[Any, Any, Any]) -> None:
        """Have something done there."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextmanager
def apart(world: World) -> Iterator[Apart]:
    """It lives as long as the block."""
    ready: Future[Simulator] = Future()
    loop, done = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with Simulator(world) as sim:
            ready.set_result(sim)
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        yield Apart(ready.result(30), loop)
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()
