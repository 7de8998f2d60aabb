"""What an account's numbers mean: states, states, causes and years."""

from __future__ import annotations

import pytest

from smug2s3.models import Known
from smug2s3.rules.overview import (
    EXAMPLES,
    AlbumState,
    FileState,
    Year,
    album_state,
    bin_width,
    by_cause,
    by_year,
    file_state,
)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Known.MOVED, FileState.MOVED),
        (Known.FAILED, FileState.FAILED),
        (Known.MOVING, FileState.WAITING),
        (Known.UNAVAILABLE, FileState.UNAVAILABLE),
        (Known.GONE, FileState.KEPT),
    ],
)
def test_what_became_of_a_file(state: Known, expected: FileState) -> None:
    assert file_state(state.value) is expected


@pytest.mark.parametrize(
    ("counts", "counted", "complete", "expected"),
    [
        ({}, 0, True, AlbumState.DONE),
        ({FileState.MOVED: 2}, 2, True, AlbumState.DONE),
        ({FileState.MOVED: 2, FileState.FAILED: 1}, 3, False, AlbumState.FAILED),
        ({FileState.MOVED: 2, FileState.WAITING: 1}, 3, False, AlbumState.INCOMPLETE),
        ({FileState.MOVED: 2}, 3, False, AlbumState.INCOMPLETE),
        ({FileState.MOVED: 2}, None, False, AlbumState.DONE),
        ({FileState.MOVED: 2, FileState.UNAVAILABLE: 1}, 3, False, AlbumState.DONE),
        ({FileState.KEPT: 2}, 2, False, AlbumState.GONE),
        ({FileState.KEPT: 2, FileState.MOVED: 1}, 1, True, AlbumState.DONE),
        ({}, 4, False, AlbumState.INCOMPLETE),
    ],
)
def test_how_an_album_stands(
    counts: dict[FileState, int], counted: int | None, complete: bool, expected: AlbumState
) -> None:
    assert album_state(counts, counted=counted, complete=complete) is expected


def test_files_are_gathered_by_cause_the_most_frequent_first() -> None:
    busy = "SmugMug: SmugMug's media host answered 503"
    rows = [("A", f"{number}.jpg", "failed", busy) for number in range(EXAMPLES + 5)]
    rows += [
        ("B", "late.mp4", "unavailable", "SmugMug is still processing this video"),
        ("B", "x.jpg", "moving", "old"),
    ]

    causes = by_cause(rows)

    assert [(one.diagnosis.cause, one.unavailable, one.count) for one in causes] == [
        ("SmugMug was busy", False, EXAMPLES + 5),
        ("SmugMug is still processing the video", True, 1),
        ("in transfer when the last run stopped", False, 1),
    ]
    assert len(causes[0].examples) == EXAMPLES
    assert causes[0].examples[0] == ("A", "0.jpg", busy)


def test_years_are_in_order_and_what_is_no_year_comes_last() -> None:
    rows = [
        ("2020", False, 3),
        ("2019", True, 1),
        ("2020", True, 2),
        ("", False, 4),
        ("0001", False, 1),
        ("abcd", True, 1),
    ]
    rows += [("٢٠٢٠", False, 1), ("9999", False, 1)]
    assert by_year(rows) == (Year(2019, 0, 1), Year(2020, 3, 2), Year(None, 7, 1))
    assert by_year([]) == ()


@pytest.mark.parametrize("span", [0, 59, 3600, 86_400, 7 * 86_400, 400 * 86_400, 20 * 365 * 86_400])
def test_a_span_of_any_length_makes_a_readable_number_of_bars(span: int) -> None:
    width = bin_width(span)
    assert width >= 60
    assert span / width <= 61
    assert span < 3600 or span / width > 10
