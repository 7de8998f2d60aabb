"""Writes the files of one ZIP: small ones are fetched side by side and wait in memory, large ones go straight into it."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from smug2s3.engine.fetch import Fetcher
from smug2s3.flow.budget import Budget
from smug2s3.flow.spool import Spool
from smug2s3.flow.together import task_group
from smug2s3.ports.home import ZipSink
from smug2s3.rules.homecoming import HomeFile

WHOLE = 16 * 1024 * 1024
"""The size up to which a file is fetched before it is its turn."""

LEAST = 512 * 1024
"""Bytes that each waiting file counts at least: a task is not free either."""

Guarded = Callable[[HomeFile, Callable[[], Awaitable[int]]], Coroutine[Any, Any, None]]
"""Runs the copy of one file, and reports how it ended; raises only what stops the run."""


class Zipping:
    """Fills one ZIP."""

    def __init__(self, fetcher: Fetcher, held: Budget, guarded: Guarded, target: ZipSink) -> None:
        """``held`` limits what waits in memory, in all ZIPs together."""
        self._fetcher = fetcher
        self._held = held
        self._guarded = guarded
        self._target = target
        self._turn = asyncio.Lock()

    async def add(self, files: Sequence[HomeFile]) -> None:
        """Copy each of the files, whatever happens to the others."""
        async with task_group() as group:
            for file in files:
                if file.size is None or file.size > WHOLE:
                    await self._guarded(file, partial(self._stream, file))
                else:
                    loan = await self._held.take(max(LEAST, file.size))
                    group.create_task(self._guarded(file, partial(self._whole, file, loan)))

    async def _stream(self, file: HomeFile) -> int:
        async with self._turn, self._target.entry(file.name, file.size, file.moment) as entry:
            return await self._fetcher.fetch(file, entry)

    async def _whole(self, file: HomeFile, loan: ExitStack) -> int:
        with loan:
            sink = _Memory(self._fetcher.spool())
            loan.callback(sink.spool.clear)
            size = await self._fetcher.fetch(file, sink)
            async with self._turn:
                await self._target.add(file.name, file.moment, sink.spool)
            return size


class _Memory:
    """The bytes of one file."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self._hash = hashlib.md5(usedforsecurity=False)

    @property
    def count(self) -> int:
        """How many."""
        return self.spool.count

    @property
    def md5(self) -> str:
        """Hex digest of its bytes."""
        return self._hash.hexdigest()

    def take(self, chunk: bytes | memoryview) -> None:
        """Append, and hash."""
        self._hash.update(chunk)
        self.spool.take(chunk)

    async def write(self, chunks: Iterable[bytes | memoryview]) -> None:
        """Append them."""
        await asyncio.to_thread(deque, map(self.take, chunks), 0)

    async def restart(self) -> None:
        """Forget all of it."""
        self.spool.clear()
        self._hash = hashlib.md5(usedforsecurity=False)
