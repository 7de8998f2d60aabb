"""More at once while that brings more, fewer when a side is overburdened: the decision as a table."""

from __future__ import annotations

import pytest

from smug2s3.flow.controller import CALM, SETTLED, ConcurrencyState, next_state

BOUNDS = {"lowest": 4, "highest": 64}


@pytest.mark.parametrize(
    ("before", "goodput", "in_use", "overburdened", "after"),
    [
        pytest.param(ConcurrencyState(limit=20), 100, True, False, ConcurrencyState(limit=30, before=(20, 100)), id="a first step up"),
        pytest.param(
            ConcurrencyState(limit=25, before=(20, 100)), 120, True, False, ConcurrencyState(limit=37, before=(25, 120)), id="it brought more"
        ),
        pytest.param(
            ConcurrencyState(limit=25, before=(20, 100)), 104, True, False, ConcurrencyState(limit=20, rest=SETTLED), id="it brought nothing"
        ),
        pytest.param(
            ConcurrencyState(limit=25, before=(20, 100)), 50, True, False, ConcurrencyState(limit=20, rest=SETTLED), id="it brought less"
        ),
        pytest.param(ConcurrencyState(limit=20), 100, False, False, ConcurrencyState(limit=20), id="places are free"),
        pytest.param(ConcurrencyState(limit=64), 100, True, False, ConcurrencyState(limit=64), id="no more allowed"),
        pytest.param(ConcurrencyState(limit=60), 100, True, False, ConcurrencyState(limit=64, before=(60, 100)), id="up to the bound"),
        pytest.param(ConcurrencyState(limit=20), 100, True, True, ConcurrencyState(limit=14, rest=CALM), id="overburdened"),
        pytest.param(ConcurrencyState(limit=4), 100, True, True, ConcurrencyState(limit=4, rest=CALM), id="not below the bound"),
        pytest.param(
            ConcurrencyState(limit=25, before=(20, 100)), 900, True, True, ConcurrencyState(limit=17, rest=CALM), id="overburdened by a step"
        ),
        pytest.param(ConcurrencyState(limit=14, rest=2), 100, True, False, ConcurrencyState(limit=14, rest=1), id="resting"),
        pytest.param(ConcurrencyState(limit=14, rest=2), 100, True, True, ConcurrencyState(limit=9, rest=CALM), id="overburdened at rest"),
    ],
)  # fmt: skip
def test_each_look_leads_to_the_next_number(
    before: ConcurrencyState, goodput: float, in_use: bool, overburdened: bool, after: ConcurrencyState
) -> None:
    found = next_state(before, goodput=goodput, in_use=in_use, overburdened=overburdened, **BOUNDS)
    assert found == after


@pytest.mark.parametrize("best", [4, 12, 20, 40, 64])
def test_it_comes_near_what_the_line_can_use_and_stays_there(best: int) -> None:
    state = ConcurrencyState(limit=20)
    limits = []
    for _ in range(200):
        overburdened = state.limit > best * 1.3
        goodput = float(min(state.limit, best))
        state = next_state(state, goodput=goodput, in_use=True, overburdened=overburdened, **BOUNDS)
        limits.append(state.limit)
    settled = limits[100:]
    assert sum(settled) / len(settled) == pytest.approx(best, rel=0.35)
