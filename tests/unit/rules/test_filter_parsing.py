"""Filters as people write them, and what they are told where these make no sense."""

from __future__ import annotations

from datetime import date

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.filter_parsing import checked, size, span
from smug2s3.rules.filters import Filters, Span
from smug2s3.rules.sizes import read_size


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2019-07", date(2019, 7, 1), date(2019, 7, 31)),
        ("2020-2", date(2020, 2, 1), date(2020, 2, 29)),
        ("2019-07-14", date(2019, 7, 14), date(2019, 7, 14)),
        (" 2019-7-4 ", date(2019, 7, 4), date(2019, 7, 4)),
    ],
)
def test_a_date_is_a_year_a_month_or_a_day_and_all_of_it_is_meant(text: str, first: date, last: date) -> None:
    assert span("taken", text, text) == Span(first=first, last=last)
    assert span("taken", text, None) == Span(first=first)
    assert span("uploaded", None, text) == Span(last=last)


@pytest.mark.parametrize(
    "text", ["", "19", "2019-13", "2019-00", "2019-02-30", "2019-07-14T10:00", "14.7.2019", "0000"]
)
def test_what_is_no_date_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        span("taken", None, text)
    assert f"--taken-to {text!r} is not a valid date" in str(refusal.value)
    assert "2019-07-14" in refusal.value.hint


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match="--uploaded-from 2020 is after --uploaded-to 2019-12"):
        span("uploaded", "2020", "2019-12")


@pytest.mark.parametrize(
    ("text", "count"),
    [("1000", 1000), ("500K", 512_000), ("2g", 2 * 1024**3), ("1.5 MiB", 1_572_864), ("1TB", 1024**4), ("7B", 7)],
)
def test_a_size_is_a_number_with_a_unit_or_of_bytes(text: str, count: int) -> None:
    assert read_size(text) == count
    assert size("--min-size", text) == count


@pytest.mark.parametrize("text", ["", "big", "-1", "1e9", "2X", "K", "1,5M"])
def test_what_is_no_size_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        size("--max-size", text)
    assert f"--max-size {text!r} is not a valid size" in str(refusal.value)
    assert "500K" in refusal.value.hint


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        pytest.param(
            Filters(albums=("X",), exclude_albums=("X",)), ["--album X", "--exclude-album X"], id="the same album"
        ),
        pytest.param(
            Filters(folders=("Family/",), exclude_folders=("family",)), ["--exclude-folder family"], id="any case"
        ),
        pytest.param(
            Filters(files=("IMG_1*",), exclude_files=("img_*",)), ["--file IMG_1*", "--exclude-file"], id="a wider glob"
        ),
        pytest.param(Filters(albums=("A", "B"), exclude_albums=("B",)), ["--album B"], id="one of two"),
        pytest.param(Filters(min_size=2, max_size=1), ["--min-size is above --max-size"], id="sizes"),
    ],
)
def test_filters_that_contradict_each_other_are_refused(filters: Filters, words: list[str]) -> None:
    with pytest.raises(UsageError) as refusal:
        checked(filters)
    assert all(word in str(refusal.value) for word in words)
    assert refusal.value.hint


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param(Filters(), id="none"),
        pytest.param(Filters(albums=("Christ*",), exclude_albums=("Christmas",)), id="a part is excluded"),
        pytest.param(Filters(folders=("Family",), exclude_folders=("Family/2019",)), id="a folder inside"),
        pytest.param(Filters(albums=("[ab]",), exclude_albums=("?",)), id="more than the globs themselves can tell"),
        pytest.param(Filters(min_size=1, max_size=1), id="exactly one size"),
    ],
)
def test_filters_that_leave_something_are_taken(filters: Filters) -> None:
    assert checked(filters) is filters
