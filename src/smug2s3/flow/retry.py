"""Retries calls that may succeed later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import stamina
import stamina.instrumentation

from smug2s3.errors import Smug2s3Error
from smug2s3.flow.outage import Alive, Presence, Sides

T = TypeVar("T")

_NOBODY = Sides()

# Retries are reported through our own events; other output on stderr would break the display.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often to try and how long to wait between; seconds, doubling from ``first_wait``."""

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    outages: int = 25
    """How many outages may explain failures of one call: if it fails whenever the side is back, the cause is the call."""

    def at_first(self) -> Self:
        """For the first request of a run: a person is waiting for it."""
        return replace(self, attempts=min(self.attempts, 4))


A_FEW_TRIES = RetryPolicy(attempts=3)
"""For one of many small checks, or for a single file of a verification."""


async def retry(
    policy: RetryPolicy,
    call: Callable[[], Awaitable[T]],
    on_again: Callable[[Smug2s3Error], None] = lambda _: None,
    *,
    side: Presence = _NOBODY,
    alive: Alive = None,
) -> T:
    """The result of ``call``, retried while its error is retryable; the last error is raised unchanged.

    An error's ``retry_after`` replaces the wait. ``on_again`` gets the error that caused a
    retry, when that starts. Failures due to an outage of ``side`` do not count: the call is repeated when it
    is back, up to ``policy.outages`` times. ``alive`` is called during that wait.
    """
    clock = asyncio.get_running_loop().time
    before: Smug2s3Error | None = None
    outages = 0

    async def attempt() -> T:
        nonlocal before, outages
        if before is not None:
            on_again(before)
        while True:
            await side.there(alive)
            began = clock()
            try:
                result = await call()
            except Smug2s3Error as error:
                # A first failure is often transient and not worth a poll, unless there is no retry.
                ask = before is not None or policy.attempts == 1 or not error.retryable
                if outages < policy.outages and await side.explains(error, began, ask=ask, alive=alive):
                    outages += 1
                    continue
                before = error
                raise
            side.answered()
            return result

    return await _repeated(policy, attempt)


async def _repeated(policy: RetryPolicy, attempt: Callable[[], Awaitable[T]]) -> T:
    """The library comes in with the first failure: what it needs for a call costs more than a small file's request."""
    try:
        return await attempt()
    except Smug2s3Error as error:
        failures = [error]

    async def again() -> T:
        if failures:
            raise failures.pop()
        return await attempt()

    caller = stamina.AsyncRetryingCaller(
        attempts=policy.attempts,
        timeout=None,
        wait_initial=policy.first_wait,
        wait_max=policy.longest_wait,
        wait_jitter=policy.first_wait,
    )
    return await caller(_verdict, again)


def _verdict(error: Exception) -> bool | float:
    if not (isinstance(error, Smug2s3Error) and error.retryable):
        return False
    return True if error.retry_after is None else error.retry_after
