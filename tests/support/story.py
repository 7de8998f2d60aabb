"""Runs of `sync` that are disturbed, and what must hold from one to the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.machine import Ran
from tests.support.watched import Watched, until

BUSY = "is busy with another run"


@dataclass(slots=True)
class Story:
    """Starts runs, waits for their moments, and records what they confirmed."""

    watched: Watched
    options: tuple[str, ...]
    """Of `sync`: who copies."""
    ends: int
    """The exit code of a run that has copied all: 1 if SmugMug does not give everything out."""
    between: Callable[[], int] = lambda: 20
    """How many files are copied before the next loss."""
    kept: list[tuple[set[str], int]] = field(default_factory=list)
    """Confirmed keys after each run, and the length of the proxy's log then."""

    def assert_over(self, last: Ran) -> None:
        """Everything is in the bucket, nothing else ever was, and nothing was copied again once it was confirmed."""
        assert last.code == self.ends, last.err
        self.watched.coordinator.assert_complete()
        assert self.watched.wrong()
        assert self._copied_again() == set()

    def _copied_again(self) -> set[str]:
        return {key for confirmed, logged in self.kept for key in confirmed & self.watched.put_since(logged)}

    async def killed(self) -> None:
        """One run that is killed in the middle."""
        async with self.running():
            await self.some()

    async def some(self) -> None:
        """Wait until some more files are copied."""
        await self.watched.copied(self.between())

    async def said(self, words: str) -> None:
        """Wait until the run has logged these words."""
        await until(lambda: words in self._log.read_text())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[asyncio.subprocess.Process, Callable[[], Awaitable[Ran]]]]:
        """One run and the wait for its end; it is killed at the end of the block if it is still alive."""
        watched = self.watched
        try:
            async with AsyncExitStack() as ending:
                process = await self._started(ending)
                try:
                    yield process, lambda: watched.coordinator.ended(process)
                except TimeoutError:
                    if process.returncode is None:
                        process.kill()
                    said = b"".join(await process.communicate()).decode()
                    raise AssertionError(f"{said}\n{watched.everything_said()}") from None
        finally:
            self.kept.append((watched.confirmed(), len(watched.proxy.log)))

    async def _started(self, ending: AsyncExitStack) -> asyncio.subprocess.Process:
        """Start a run and wait until it copies; repeated while workers are still busy for a killed coordinator."""
        command = ("sync", *self.options, "--json", "--log-file", str(self._log))
        while True:
            process = await ending.enter_async_context(self.watched.coordinator.started(*command))
            # PUTs alone may be the last ones of a killed coordinator's workers.
            await until(lambda: process.returncode is not None or self._has_copied())  # noqa: B023 - waited for
            if process.returncode is None:
                return process
            said = b"".join(await process.communicate()).decode()
            assert BUSY in said, said

    def _has_copied(self) -> bool:
        return self._log.exists() and " copied: " in self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.watched.coordinator.home / f"run-{len(self.kept)}.log"
