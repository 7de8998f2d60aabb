"""Tries again what may succeed, as often and as patiently as the error says."""

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

# Retries are reported through our own events; a second voice on stderr would tear the display.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often to try and how long to wait between; seconds, doubling from ``first_wait``."""

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    outages: int = 25
    """How many may explain failures of one call: who fails whenever the side has just answered fails by itself."""

    def at_first(self) -> Self:
        """For the question that begins a run: somebody waits at the keyboard for its answer."""
        return replace(self, attempts=min(self.attempts, 4))


A_FEW_TRIES = RetryPolicy(attempts=3)
"""For one of many looks, or for a file that nobody waits for but the verification it belongs to."""


async def retry(
    policy: RetryPolicy,
    call: Callable[[], Awaitable[T]],
    on_again: Callable[[Smug2s3Error], None] = lambda _: None,
    *,
    side: Presence = _NOBODY,
    alive: Alive = None,
) -> T:
    """The result of ``call``, made again while its error is retryable; the last error comes out unchanged.

    Where an error carries ``retry_after``, that is waited instead. ``on_again`` hears of the error that made another
    try necessary, when that begins. What an outage of ``side`` explains is no try at all: it is begun anew when that
    is back, up to ``policy.outages`` times. ``alive`` is called while that is waited for.
    """
    caller = stamina.AsyncRetryingCaller(
        attempts=policy.attempts,
        timeout=None,
        wait_initial=policy.first_wait,
        wait_max=policy.longest_wait,
        wait_jitter=policy.first_wait,
    )
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
                # A first failure is often a passing one, not worth a question; unless it is the only one.
                ask = before is not None or policy.attempts == 1 or not error.retryable
                if outages < policy.outages and await side.explains(error, began, ask=ask, alive=alive):
                    outages += 1
                    continue
                before = error
                raise
            side.answered()
            return result

    return await caller(_verdict, attempt)


def _verdict(error: Exception) -> bool | float:
    if not (isinstance(error, Smug2s3Error) and error.retryable):
        return False
    return True if error.retry_after is None else error.retry_after
