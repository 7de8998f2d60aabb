"""Whatever happens to an account, its archive and the runs between: no verdict is wrong, and in the end all is safe."""

from __future__ import annotations

import pytest

from tests.support.histories import run_history, stage
from tests.support.servers import LocalS3

HISTORIES = 5
"""In each of the tests, which workers share out among themselves; `python -m tests.bench verdicts` runs thousands."""


@pytest.mark.parametrize("first", range(1, 41, HISTORIES))
def test_no_history_ends_in_a_wrong_verdict(s3: LocalS3, first: int) -> None:
    with stage(s3) as shared:
        told = [run_history(shared, seed) for seed in range(first, first + HISTORIES)]

    assert [one.text() for one in told if one.finding] == []
    assert sum(one.safe for one in told) >= HISTORIES
