"""What the ledger remembers of a run that was cut short: the same as its own document says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from smug2s3.app.sync_runner import cut_short
from smug2s3.errors import SignInRefused, StoreUnusable


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (StoreUnusable("no such bucket"), {"error": "no such bucket", "exit_code": 4}),
        (SignInRefused("no"), {"error": "no", "exit_code": 3}),
        (asyncio.CancelledError(), {"error": "interrupted", "exit_code": 130}),
        (KeyboardInterrupt(), {"error": "interrupted", "exit_code": 130}),
    ],
    ids=repr,
)
def test_a_run_cut_short_is_remembered_with_its_reason(raised: BaseException, expected: dict[str, Any]) -> None:
    assert cut_short(raised, 130) == expected


@pytest.mark.parametrize("code", [130, 143, 129], ids=["ctrl-c", "sigterm", "hang-up"])
def test_a_run_stopped_by_a_signal_is_recorded_with_the_exit_code_of_that_signal(code: int) -> None:
    assert cut_short(asyncio.CancelledError(), code) == {"error": "interrupted", "exit_code": code}
