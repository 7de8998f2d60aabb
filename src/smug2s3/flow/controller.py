"""How many files to move at once: more while that moves more, fewer when a side is overburdened."""

from __future__ import annotations

from dataclasses import dataclass, replace

GAIN = 1.05
"""What one step up must bring to be kept."""

CALM = 3
"""Looks during which nothing is changed after a side was overburdened: what is under way has to end first."""

SETTLED = 15
"""Looks until a step that brought nothing is tried once more: lines and servers change over hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyState:
    """Where the search stands."""

    limit: int
    before: tuple[int, float] | None = None
    """Limit and goodput before the step up that is being tried."""
    rest: int = 0
    """Looks to leave everything as it is."""


def next_state(
    state: ConcurrencyState, *, goodput: float, in_use: bool, overburdened: bool, lowest: int, highest: int
) -> ConcurrencyState:
    """After one more look.

    ``goodput`` is what got done a second in any unit, ``in_use`` whether all places were taken, ``overburdened``
    whether a side asked for patience, broke off or fell silent.
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
