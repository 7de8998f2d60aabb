"""How files and concurrency are divided among workers."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.cluster.shares import AHEAD_BYTES, BATCH_BYTES, BATCH_FILES, Load, batch_size, places, room, target

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("load", "wanted"),
    [
        pytest.param({}, 40, id="twice as many as it copies at once"),
        pytest.param({"pace": 300.0}, 170, id="as many as it copies in half a second"),
        pytest.param({"pace": 9_000.0}, 220, id="up to a maximum"),
        pytest.param({"places": 1}, 2, id="one, and one that waits"),
    ],
)
def test_a_worker_holds_enough_files_to_last_until_the_next_batch(load: dict[str, Any], wanted: int) -> None:
    assert target(Load(**{"places": 20} | load)) == wanted


@pytest.mark.parametrize(
    ("load", "free"),
    [
        pytest.param({}, 40, id="idle"),
        pytest.param({"files": 19}, 21, id="some of its places are free"),
        pytest.param({"files": 35}, 0, id="not worth a batch yet"),
        pytest.param({"files": 30}, 10, id="worth a batch"),
        pytest.param({"batches": 8}, 0, id="two batches a slot are under way"),
        pytest.param({"places": 0}, 0, id="its share is zero"),
        pytest.param({"files": 20, "bytes": AHEAD_BYTES}, 0, id="large files do not wait with one worker"),
        pytest.param({"files": 5, "bytes": AHEAD_BYTES}, 15, id="but its places are used"),
    ],
)
def test_files_are_assigned_once_a_batch_is_worth_sending(load: dict[str, Any], free: int) -> None:
    assert room(Load(**{"places": 20, "most_batches": 8} | load)) == free


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        pytest.param([20_000] * 500, BATCH_FILES, id="many small ones"),
        pytest.param([BATCH_BYTES + 1, 20_000], 1, id="a large one alone"),
        pytest.param([20_000, BATCH_BYTES, 20_000], 1, id="a large one waits for a batch of its own"),
        pytest.param([10 * MIB] * 20, 6, id="about equal bytes"),
        pytest.param([None] * 3, 3, id="unknown sizes"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_a_batch_is_many_small_files_or_one_large_one(sizes: list[int | None], count: int) -> None:
    assert batch_size(sizes, 1_000) == count


def test_a_batch_is_no_larger_than_the_room_for_it() -> None:
    assert batch_size([1] * 50, 7) == 7


@pytest.mark.parametrize(
    ("whole", "workers", "shares"),
    [(None, 2, [None, None]), (20, 3, [7, 7, 6]), (2, 4, [1, 1, 0, 0]), (5, 0, [])],
)
def test_the_limit_on_concurrent_files_is_divided_among_all_workers(
    whole: int | None, workers: int, shares: list[int | None]
) -> None:
    assert places(whole, workers) == shares
