"""How long a move takes, and what a person may say of their line."""

from __future__ import annotations

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.transfer_time import USUAL_RATE, rates_around, read_rate, seconds_needed


@pytest.mark.parametrize(
    ("text", "rate"), [(None, USUAL_RATE), ("20M", 20 * 1024**2), ("500k", 500 * 1024), ("10G", 10 * 1024**3)]
)
def test_a_rate_is_written_like_a_limit(text: str | None, rate: float) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0", "0M", "-5M", "fast", "20", "off", "11G", "999999999G", "1e9M", "20M,5M"])
def test_an_absurd_rate_is_refused_with_what_would_work(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_rate(text)

    assert repr(text) in str(refusal.value)
    assert "20M" in refusal.value.hint


@pytest.mark.parametrize(
    ("size", "files", "calls", "seconds"),
    [(10**12, 1_000, 100, 200_000), (10**6, 700_000, 7_000, 7_000), (0, 10, 10_000, 400), (0, 0, 0, 0)],
    ids=["the-line", "small-files", "empty-albums", "nothing"],
)
def test_the_slowest_of_three_decides(size: int, files: int, calls: int, seconds: float) -> None:
    assert seconds_needed(size=size, files=files, calls=calls, rate=USUAL_RATE) == seconds


def test_the_rate_asked_for_is_among_those_shown_once_and_in_order() -> None:
    assert rates_around(USUAL_RATE) == (2_500_000, 5_000_000, 12_500_000, 80_000_000)
    assert rates_around(80_000_000) == (2_500_000, 12_500_000, 80_000_000)
