"""Every loss that a cluster can suffer, one after another while one account is copied."""

from __future__ import annotations

import signal

from tests.support.machine import Ran
from tests.support.machines import Machines, unplugged
from tests.support.story import Story
from tests.support.watched import until


async def everything_is_lost_once(machines: Machines, story: Story) -> None:
    """Cause every loss; raises AssertionError if a file did not arrive or a loss was not reported."""
    ran = await _scheduler_is_killed(machines, story)
    assert ran.code == 2, ran.err
    assert f"error: the scheduler {machines.address} is gone; nothing is lost" in ran.err
    await story.killed()
    ran = await _workers_are_lost(machines, story)
    story.assert_over(ran)
    for sentence in ("ada does not answer", "bea is gone", "cyd does not answer"):
        assert sentence in ran.err
    assert all(secret not in machines.everything_said() for secret in machines.coordinator.secrets)


async def _scheduler_is_killed(machines: Machines, story: Story) -> Ran:
    """Kill the scheduler: its workers end by themselves, and all are started again."""
    async with story.running() as (_, ended):
        await story.some()
        machines.send("scheduler", signal.SIGKILL)
        ran = await ended()
    await until(lambda: all(process.poll() is not None for process in machines.processes.values()))
    await machines.start_all()
    return ran


async def _workers_are_lost(machines: Machines, story: Story) -> Ran:
    """The last run: one worker is unplugged for a while, one killed and replaced, one suspended for a while."""
    async with story.running() as (_, ended):
        await story.some()
        with unplugged(machines.host("ada")):
            await story.said("ada does not answer")
            await story.some()
        await story.some()
        machines.send("bea", signal.SIGKILL)
        await story.some()
        await machines.start_workers()
        machines.send("cyd", signal.SIGSTOP)
        await story.said("cyd does not answer")
        await story.some()
        machines.send("cyd", signal.SIGCONT)
        await story.some()
        return await ended()
