"""Estimates the time left from the speed so far, smoothed so that the number does not jump."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

MEMORY = 90.0
"""Time constant of the mean speed: long compared with a slow file, short compared with a night."""

EARLY = 5.0
"""Seconds of work before the first estimate."""

STAY = 0.75
"""The shown number changes only if the estimate is further away than this part of a step."""

_STEPS = ((60, 5), (1800, 60), (3600, 300), (36_000, 600), (172_800, 3600))
"""Below so many seconds, the step to which they are rounded."""


@dataclass(slots=True)
class Estimate:
    """Call it regularly with the work done and left, in any unit that stays the same."""

    clock: Callable[[], float]
    speed: float = 0.0
    _began: float | None = None
    _at: float = 0.0
    _done: float = 0.0
    _shown: float | None = None

    def left(self, done: float, to_do: float) -> float | None:
        """Seconds, rounded as a person would; ``None`` while there is no reliable estimate."""
        self._look(done)
        if self._began is None or self.clock() - self._began < EARLY or self.speed <= 0 or to_do <= 0:
            return None
        self._shown = steady(self._shown, to_do / self.speed)
        return self._shown

    def _look(self, done: float) -> None:
        now = self.clock()
        if self._began is None:
            if done > 0:
                self._began, self._at, self._done = now, now, done
            return
        if (passed := now - self._at) <= 0:
            return
        # at first the mean of everything, later an exponential one
        weight = max(1 - math.exp(-passed / MEMORY), passed / (now - self._began))
        self.speed += ((done - self._done) / passed - self.speed) * weight
        self._at, self._done = now, done


def steady(shown: float | None, seconds: float) -> float:
    """``shown`` while it is close enough, else ``seconds`` rounded."""
    step = step_of(seconds)
    if shown is not None and abs(seconds - shown) < STAY * max(step, step_of(shown)):
        return shown
    return max(step, round(seconds / step) * step)


def step_of(seconds: float) -> float:
    """The step to which such a time is rounded."""
    return next((step for below, step in _STEPS if seconds < below), 6 * 3600)
