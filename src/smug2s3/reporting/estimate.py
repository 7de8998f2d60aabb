"""How long it will still take, by how fast it went; a number that a person can believe because it does not jump."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

MEMORY = 90.0
"""Seconds after which the present speed outweighs the past: long against a slow file, short against a new night."""

EARLY = 5.0
"""Seconds of work before anything is said."""

STAY = 0.75
"""Of a step: how far the estimate must be from the number that is shown before that changes."""

_STEPS = ((60, 5), (1800, 60), (3600, 300), (36_000, 600), (172_800, 3600))
"""Below so many seconds, the step in which they are shown."""


@dataclass(slots=True)
class Estimate:
    """Looks at the work every now and then; work is in any unit, as long as it is always the same."""

    clock: Callable[[], float]
    speed: float = 0.0
    _began: float | None = None
    _at: float = 0.0
    _done: float = 0.0
    _shown: float | None = None

    def left(self, done: float, to_do: float) -> float | None:
        """Seconds, rounded as a person would; ``None`` while nothing sensible can be said."""
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
        # At first the mean of all there was, later one that forgets.
        weight = max(1 - math.exp(-passed / MEMORY), passed / (now - self._began))
        self.speed += ((done - self._done) / passed - self.speed) * weight
        self._at, self._done = now, done


def steady(shown: float | None, seconds: float) -> float:
    """``shown`` while it is about right, else ``seconds`` rounded."""
    step = step_of(seconds)
    if shown is not None and abs(seconds - shown) < STAY * max(step, step_of(shown)):
        return shown
    return max(step, round(seconds / step) * step)


def step_of(seconds: float) -> float:
    """How exactly such a time is told."""
    return next((step for below, step in _STEPS if seconds < below), 6 * 3600)
