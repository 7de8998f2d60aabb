"""Every loss that a cluster can suffer, one after another while one account is copied."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from smugmug_simulator import World, worlds
from smugmug_simulator.content import noise_video
from tests.support.machine import Ran
from tests.support.machines import Machines, unplugged, until

BUSY = "is busy with another run"


def account() -> World:
    """The hostile account, and a video that takes long to copy."""
    world = worlds.hostile()
    film = {"format": "MP4", "width": 1280, "height": 720, "duration": 60.0}
    world.add_image(world.add_album("Films"), "film.mov", noise_video(1, 5_000_000), is_video=True, **film)
    return world


@dataclass(slots=True)
class Story:
    """Copies with the machines, causes losses, and records what must hold from one run to the next."""

    machines: Machines
    between: Callable[[], int] = lambda: 20
    """How many files are copied before the next loss."""
    kept: list[tuple[set[str], int]] = field(default_factory=list)
    """Confirmed keys after each run, and the length of the proxy's log then."""

    async def workers_are_lost(self) -> Ran:
        """The last run: one worker is unplugged for a while, one killed and replaced, one suspended for a while."""
        machines = self.machines
        async with self._running() as ended:
            await self._some()
            with unplugged(machines.host("ada")):
                await self._said("ada does not answer")
                await self._some()
            await self._some()
            machines.send("bea", signal.SIGKILL)
            await self._some()
            await machines.start_workers()
            machines.send("cyd", signal.SIGSTOP)
            await self._said("cyd does not answer")
            await self._some()
            machines.send("cyd", signal.SIGCONT)
            await self._some()
            return await ended()

    async def coordinator_is_killed(self) -> None:
        """Kill the coordinator in the middle of a run."""
        async with self._running() as _:
            await self._some()

    async def scheduler_is_killed(self) -> Ran:
        """Kill the scheduler: its workers end by themselves, and all are started again."""
        machines = self.machines
        async with self._running() as ended:
            await self._some()
            machines.send("scheduler", signal.SIGKILL)
            ran = await ended()
        await until(lambda: all(process.poll() is not None for process in machines.processes.values()))
        await machines.start_all()
        return ran

    def copied_again(self) -> set[str]:
        """Keys that were uploaded again after an earlier run had confirmed them."""
        return {key for confirmed, logged in self.kept for key in confirmed & self.machines.put_since(logged)}

    async def _some(self) -> None:
        await self.machines.copied(self.between())

    def _has_copied(self) -> bool:
        return self._log.exists() and " copied: " in self._log.read_text()

    async def _said(self, words: str) -> None:
        """Wait until the run has logged these words."""
        await until(lambda: words in self._log.read_text())

    @property
    def _log(self) -> Path:
        return self.machines.coordinator.home / f"run-{len(self.kept)}.log"

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Callable[[], Awaitable[Ran]]]:
        """One run, killed at the end of the block if it is still alive; then records the keys its ledger confirms."""
        machines = self.machines
        try:
            async with AsyncExitStack() as ending:
                process = await self._started(ending)
                try:
                    yield lambda: machines.coordinator.ended(process)
                except TimeoutError:
                    if process.returncode is None:
                        process.kill()
                    said = b"".join(await process.communicate()).decode()
                    raise AssertionError(f"{said}\n{machines.everything_said()}") from None
        finally:
            self.kept.append((machines.confirmed(), len(machines.proxy.log)))

    async def _started(self, ending: AsyncExitStack) -> asyncio.subprocess.Process:
        """Start a run and wait until it copies; repeated while workers are still busy for a killed coordinator."""
        machines = self.machines
        command = ("sync", "--scheduler", machines.address, "--json", "--log-file", str(self._log))
        while True:
            process = await ending.enter_async_context(machines.coordinator.started(*command))
            # PUTs alone may be the last ones of a killed coordinator's workers.
            await until(lambda: process.returncode is not None or self._has_copied())  # noqa: B023 - waited for
            if process.returncode is None:
                return process
            said = b"".join(await process.communicate()).decode()
            assert BUSY in said, said


async def everything_is_lost_once(story: Story) -> None:
    """Cause every loss; raises AssertionError if a file did not arrive or a loss was not reported."""
    machines = story.machines
    ran = await story.scheduler_is_killed()
    assert ran.code == 2, ran.err
    assert f"error: the scheduler {machines.address} is gone; nothing is lost" in ran.err
    await story.coordinator_is_killed()
    ran = await story.workers_are_lost()
    assert ran.code == 1, ran.err  # files that are not available from SmugMug
    for sentence in ("ada does not answer", "bea is gone", "cyd does not answer"):
        assert sentence in ran.err
    machines.coordinator.assert_complete()
    assert machines.wrong()
    assert story.copied_again() == set()
    assert all(secret not in machines.everything_said() for secret in machines.coordinator.secrets)
