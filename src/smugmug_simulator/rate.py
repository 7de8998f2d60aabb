"""The API's quota: so many requests in a window that opens with the first request after the previous one ended (documented)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil


@dataclass(slots=True)
class Window:
    """The quota of one application."""

    remaining: int
    reset: float


class RateLimit:
    """Counts requests of each application; 100,000 remaining were seen in practice (probed 2026-10), the window is a guess."""

    def __init__(self, budget: int = 100_000, window: float = 3600.0, clock: Callable[[], float] = time.time) -> None:
        self.budget = budget
        self.window = window
        self.clock = clock
        self._windows: dict[str, Window] = {}

    def take(self, application: str) -> dict[str, str] | None:
        """The headers of a response, or None if the quota is used up."""
        current = self._current(application)
        if current.remaining <= 0:
            return None
        current.remaining -= 1
        return self.headers(application)

    def headers(self, application: str) -> dict[str, str]:
        """The quota headers of every API response."""
        current = self._current(application)
        return {
            "X-RateLimit-Remaining": str(max(0, current.remaining)),
            "X-RateLimit-Reset": str(ceil(current.reset)),
        }

    def retry_after(self, application: str) -> dict[str, str]:
        """The headers of a 429."""
        wait = max(0.0, self._current(application).reset - self.clock())
        return self.headers(application) | {"Retry-After": str(max(1, ceil(wait)))}

    def restart(self) -> None:
        """Start a new window for all applications."""
        self._windows.clear()

    def _current(self, application: str) -> Window:
        moment = self.clock()
        current = self._windows.get(application)
        if current is None or current.reset <= moment:
            current = self._windows[application] = Window(self.budget, moment + self.window)
        return current
