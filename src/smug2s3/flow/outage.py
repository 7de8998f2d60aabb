"""A side that is away is waited for: one asks whether it answers again, and all who need it wait for what he hears."""

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
"""What is told every now and then that somebody who waits is not stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a side that is away is waited for, and how often it is asked; seconds, doubling from ``first_wait``."""

    longest: float = 3600.0
    """In all, then the run ends; hours that this computer sleeps do not count."""
    first_wait: float = 1.0
    longest_wait: float = 60.0
    until: datetime | None = None
    """From then on nothing is waited for; with a time zone."""

    @property
    def over(self) -> bool:
        """Whether an outage is to be taken as an ordinary failure."""
        return self.left <= 0

    @property
    def left(self) -> float:
        """Seconds until the time of ``until``."""
        return inf if self.until is None else (self.until - datetime.now(UTC)).total_seconds()


class Listener(Protocol):
    """Who hears of outages."""

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """A side is waited for, ``longest`` seconds at most."""

    def back(self, side: str, seconds: float) -> None:
        """It answers again, after so long."""


class Presence(Protocol):
    """Those on whom a call depends; see ``Side``."""

    async def there(self, alive: Alive = None) -> None:
        """Return when none of them is known to be away."""

    async def explains(self, error: Smug2s3Error, began: float, *, ask: bool, alive: Alive = None) -> bool:
        """Whether one was away during a call that ``began`` then and has just failed; then it is back now."""

    def answered(self) -> None:
        """A call went well."""


class Kind(NamedTuple):
    """What one of SmugMug's hosts and the store differ in."""

    unreachable: type[Smug2s3Error]
    busy: type[Smug2s3Error]
    """The two errors that an outage shows itself by."""
    ending: type[Smug2s3Error]
    """The one that ends the run once it has lasted too long."""

    @property
    def signs(self) -> tuple[type[Smug2s3Error], ...]:
        """What is no answer: nothing at all, or that of somebody who stands before it."""
        return self.unreachable, self.busy


SMUGMUG = Kind(SourceUnreachable, SourceBusy, SourceAway)
STORE = Kind(StoreUnreachable, StoreBusy, StoreAway)


@dataclass(slots=True)
class _Outage:
    """One while it lasts."""

    reason: Smug2s3Error
    wait: float
    since: datetime = field(default_factory=lambda: datetime.now().astimezone())
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    waited: float = 0.0
    """Seconds, as they were meant to be: a clock may jump while this computer sleeps."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Side:
    """One that a run depends on: SmugMug's API, one of its media hosts, the store.

    ``ask`` is one request of least cost, which raises one of ``kind.signs`` where nobody answers it: whether a failed
    call was the fault of an outage is decided by that alone. A side that has never answered is not waited for: its
    address may be wrong. ``forget`` drops connections that are open but idle: where one has failed, as after a sleep
    or in another network, the others are likely dead too, and each would take its time to show it.
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
        """Whether it is waited for right now."""
        return self._outage is not None and not self._waits.over

    def answered(self) -> None:
        """It has just answered somebody; with whatever, as long as it is there."""
        self._answered_at = asyncio.get_running_loop().time()
        if self._outage is not None:
            ended, self._outage = self._outage, None
            self._back_at = self._answered_at
            ended.ended.set()
            self._listener.back(self._name, self._back_at - ended.began)

    async def there(self, alive: Alive = None) -> None:
        """Return at once, or if it is away when it is back; raises ``kind.ending`` when patience is over."""
        if self.away:
            with pulse(alive):
                async with self._asking:
                    await self._wait()

    async def explains(self, error: Smug2s3Error, began: float, *, ask: bool, alive: Alive = None) -> bool:
        """Whether it was away during a call that ``began`` then and has just failed with ``error``.

        Returns when it is back. If it is not known to be away, it is asked, if ``ask``.
        """
        if not isinstance(error, self._kind.signs):
            return False
        if isinstance(error, self._kind.unreachable):
            self._forget()
        if self._waits.over or self._answered_at == -inf:
            return False
        failed = asyncio.get_running_loop().time()
        with pulse(alive):
            async with self._asking:  # who had to wait for another's question has his answer
                if self._back_at > began:
                    return True
                if self._outage is None and ask and self._answered_at <= failed:
                    await self._look()
                await self._wait()
                return self._back_at > began

    async def _wait(self) -> None:
        """Ask until it answers, or until nothing is to be waited for any more; one at a time."""
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
            pass  # Whoever refuses is there.
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
    """Several together; none at all are always there."""

    def __init__(self, *sides: Presence) -> None:
        self._sides = sides

    async def there(self, alive: Alive = None) -> None:
        """Return when none of them is known to be away."""
        for side in self._sides:
            await side.there(alive)

    async def explains(self, error: Smug2s3Error, began: float, *, ask: bool, alive: Alive = None) -> bool:
        """Whether one of them was away; see ``Side``."""
        for side in self._sides:
            if await side.explains(error, began, ask=ask, alive=alive):
                return True
        return False

    def answered(self) -> None:
        """All of them have."""
        for side in self._sides:
            side.answered()
