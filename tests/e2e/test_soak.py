"""A short soak; `python -m tests.bench soak` is the long one."""

from __future__ import annotations

from tests.bench.soak import one_account


async def test_an_account_under_constant_faults_and_killed_again_and_again_ends_complete() -> None:
    tally = await one_account(seed=1, kills=3, photos=8)

    assert tally.oddities == []
    assert (tally.lost, tally.wrong, tally.twice, tally.open_uploads) == (0, 0, 0, 0)
    assert tally.rounds == 3
    assert tally.faults.total() > 10
    assert tally.peak_mb < 150
