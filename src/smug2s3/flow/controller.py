"""Decides how many files to copy at once: more while that is faster, fewer when a side is overloaded."""

from __future__ import annotations

from dataclasses import dataclass, replace

GAIN = 1.05
"""The gain in speed that a step up needs to be kept."""

CALM = 3
"""Observations without a change after an overload: running transfers must finish first."""

SETTLED = 15
"""Observations until a useless step is tried again: connections and servers change over hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyState:
    """The state of the search."""

    limit: int
    before: tuple[int, float] | None = None
    """Limit and goodput before the current step up."""
    rest: int = 0
    """Observations to skip."""


def next_state(
    state: ConcurrencyState, *, goodput: float, in_use: bool, overburdened: bool, lowest: int, highest: int
) -> ConcurrencyState:
    """The state after one more observation.

    ``goodput`` is the work done per second in any unit, ``in_use`` whether all places were taken, ``overburdened``
    whether a side rejected requests, dropped connections or stalled.
    """
    if overburdened:
        return ConcurrencyState(limit=max(lowest, state.limit * 7 // 10), rest=CALM)
    if state.rest:
        return replace(state, rest=state.rest - 1)
    if state.before and goodput < state.before[1] * GAIN:
        return ConcurrencyState(limit=state.before[0], rest=SETTLED)
    if not in_use or state.limit >= highest:
        return replace(state, before=None)
    return ConcurrencyState(limit=min(highest, state.limit + max(1, state.limit // 2)), before=(state.limit, goodput))
