"""Whether anybody is looking: a server that nobody asks for a while may end."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


class Activity:
    """Counts the requests that are answered, and notes when the last one ended."""

    def __init__(self) -> None:
        self._answering = 0
        self._last = 0.0

    def middleware(self) -> Middleware:
        """Behind the guard, so that strangers keep nothing awake."""

        @web.middleware
        async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._answering += 1
            try:
                return await handler(request)
            finally:
                self._answering -= 1
                self._last = asyncio.get_running_loop().time()

        return counted

    async def over(self, idle: float | None) -> None:
        """Return after ``idle`` seconds without a request; never if it is ``None``."""
        clock = asyncio.get_running_loop().time
        self._last = clock()
        if idle is None:
            await asyncio.Event().wait()
        while self._answering or clock() - self._last < (idle or 0):
            await asyncio.sleep(min(1.0, idle or 0))
