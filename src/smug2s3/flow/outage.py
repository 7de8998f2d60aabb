"""Waits for a side that is unreachable: one task polls it, and all that need it wait for the result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import NamedTuple, Protocol

from smug2s3.errors import (
    Smug2s3Error,
    SourceAway,
    SourceBusy,
    SourceUnreachable,
    StoreAway,
    StoreBusy,
    StoreUnreachable,
)
from smug2s3.flow.pulse import pulse

Alive = Callable[[], None] | None
"""Called regularly during a wait, to show that it is not stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long to wait for an unreachable side, and how often to poll it; seconds, doubling from ``first_wait``."""

    longest: float = 3600.0
    """The total, after which the run stops; hours of sleep do not count."""
    first_wait: float = 1.0
    longest_wait: float = 60.0
    until: datetime | None = None
    """The time after which there is no waiting; with a time zone."""

    @property
    def over(self) -> bool:
        """Whether an outage counts as an ordinary failure."""
        return self.left <= 0

    @property
    def left(self) -> float:
        """Seconds until the time of ``until``."""
        return inf if self.until is None else (self.until - datetime.now(UTC)).total_seconds()


class Listener(Protocol):
    """Gets events of outages."""

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """A side is unreachable; the run waits for at most ``longest`` seconds."""

    def back(self, side: str, seconds: float) -> None:
        """It answers again, after so many seconds."""


class Presence(Protocol):
    """The sides that a call depends on; see ``Side``."""

    async def there(self, alive: Alive = None) -> None:
        """Return when none of them is known to be unreachable."""

    async def explains(self, error: Smug2s3Error, began: float, *, ask: bool, alive: Alive = None) -> bool:
        """Whether one was unreachable during a call that ``began`` then and has just failed; it is back on return."""

    def answered(self) -> None:
        """Record a successful call."""


class Kind(NamedTuple):
    """How the outage errors of SmugMug's hosts and of the S3 server differ."""

    unreachable: type[Smug2s3Error]
    busy: type[Smug2s3Error]
    """The two errors that are signs of an outage."""
    ending: type[Smug2s3Error]
    """The error that stops the run after too long an outage."""

    @property
    def signs(self) -> tuple[type[Smug2s3Error], ...]:
        """What does not count as an answer: none at all, or one from a gateway."""
        return self.unreachable, self.busy


SMUGMUG = Kind(SourceUnreachable, SourceBusy, SourceAway)
STORE = Kind(StoreUnreachable, StoreBusy, StoreAway)


@dataclass(slots=True)
class _Outage:
    """A current outage."""

    reason: Smug2s3Error
    wait: float
    since: datetime = field(default_factory=lambda: datetime.now().astimezone())
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    waited: float = 0.0
    """Seconds waited, as planned: a clock may jump while the computer sleeps."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Side:
    """A server that a run depends on: SmugMug's API, one of its media hosts, the S3 server.

    ``ask`` is one cheap request that raises one of ``kind.signs`` if nothing answers; it alone decides whether a failed
    call was due to an outage. The run does not wait for a side that has never answered: its
    address may be wrong. ``forget`` closes idle connections: if one has failed, as after sleep
    or in another network, the others are probably dead too, and each would need a time-out to show it.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        ask: Callable[[], Awaitable[object]],
        *,
        waits: Waits,
        listener: Listener,
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._kind = kind
        self._ask = ask
        self._waits = waits
        self._listener = listener
        self._forget = forget
        self._asking = asyncio.Lock()
        self._outage: _Outage | None = None
        self._answered_at = -inf
        self._back_at = -inf

    @property
    def away(self) -> bool:
        """Whether the run is waiting for it."""
        return self._outage is not None and not self._waits.over

    def answered(self) -> None:
        """Record that it has just answered, with whatever status."""
        self._answered_at = asyncio.get_running_loop().time()
        if self._outage is not None:
            ended, self._outage = self._outage, None
            self._back_at = self._answered_at
            ended.ended.set()
            self._listener.back(self._name, self._back_at - ended.began)

    async def there(self, alive: Alive = None) -> None:
        """Return when it is reachable; raises ``kind.ending`` after too long an outage."""
        if self.away:
            with pulse(alive):
                async with self._asking:
                    await self._wait()

    async def explains(self, error: Smug2s3Error, began: float, *, ask: bool, alive: Alive = None) -> bool:
        """Whether it was unreachable during a call that ``began`` then and has just failed with ``error``.

        Returns when it is back. If it is not known to be unreachable, it is polled, if ``ask``.
        """
        if not isinstance(error, self._kind.signs):
            return False
        if isinstance(error, self._kind.unreachable):
            self._forget()
        if self._waits.over or self._answered_at == -inf:
            return False
        failed = asyncio.get_running_loop().time()
        with pulse(alive):
            async with self._asking:  # a task that waited for another's poll uses its result
                if self._back_at > began:
                    return True
                if self._outage is None and ask and self._answered_at <= failed:
                    await self._look()
                await self._wait()
                return self._back_at > began

    async def _wait(self) -> None:
        """Poll until it answers or the wait is over; one task at a time."""
        while (outage := self._outage) is not None and not self._waits.over:
            if outage.waited >= self._waits.longest:
                raise self._given_up(outage)
            wait = min(outage.wait, self._waits.longest - outage.waited, self._waits.left)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await outage.ended.wait()
            outage.waited += wait
            outage.wait = min(2 * outage.wait, self._waits.longest_wait)
            if self._outage is not None:
                await self._look()

    async def _look(self) -> None:
        began = asyncio.get_running_loop().time()
        try:
            await self._ask()
        except self._kind.signs as error:
            self._missed(error, asyncio.get_running_loop().time() - began)
            return
        except Smug2s3Error:
            pass  # A refusal is an answer.
        self.answered()

    def _missed(self, error: Smug2s3Error, seconds: float) -> None:
        if self._outage is None:
            self._outage = _Outage(error, self._waits.first_wait)
            self._listener.away(self._name, self._outage.since, str(error), self._waits.longest)
        self._outage.reason = error
        self._outage.waited += min(seconds, self._waits.longest_wait)

    def _given_up(self, outage: _Outage) -> Smug2s3Error:
        return self._kind.ending(
            f"{self._name} has been unreachable since {outage.since:%Y-%m-%d %H:%M}, longer than OUTAGE_PATIENCE "
            f"allows; nothing is lost, and the same command continues from here ({outage.reason})",
            hint=outage.reason.hint,
        )


class Sides:
    """A group of sides; an empty one is always reachable."""

    def __init__(self, *sides: Presence) -> None:
        self._sides = sides

    async def there(self, alive: Alive = None) -> None:
        """Return when none of them is known to be unreachable."""
        for side in self._sides:
            await side.there(alive)

    async def explains(self, error: Smug2s3Error, began: float, *, ask: bool, alive: Alive = None) -> bool:
        """Whether one of them was unreachable; see ``Side``."""
        for side in self._sides:
            if await side.explains(error, began, ask=ask, alive=alive):
                return True
        return False

    def answered(self) -> None:
        """Record that all of them answered."""
        for side in self._sides:
            side.answered()
