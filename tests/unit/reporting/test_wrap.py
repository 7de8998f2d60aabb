"""Long lines break between words, and nothing of them is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.reporting.names import width, wrap


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        pytest.param("short", 20, "short", id="what-fits-stays"),
        pytest.param("run the same command again", 12, "run the same\ncommand\nagain", id="between-words"),
        pytest.param("a\nb c", 20, "a\nb c", id="our-own-line-breaks-stay"),
        pytest.param("  two words here", 11, "  two words\n  here", id="what-follows-is-indented-too"),
        pytest.param(
            "see https://a.example/long?x=1 now", 12, "see\nhttps://a.example/long?x=1\nnow", id="addresses-whole"
        ),
        pytest.param("京都 の 秋", 5, "京都\nの 秋", id="wide-characters-count-twice"),
        pytest.param("", 10, "", id="nothing"),
    ],
)
def test_lines_break_between_words(text: str, columns: int, shown: str) -> None:
    assert wrap(text, columns) == shown


@given(text=st.text("ab 京\n", max_size=80), columns=st.integers(1, 30))
def test_every_word_is_still_there_and_no_line_is_wider_than_it_must_be(text: str, columns: int) -> None:
    shown = wrap(text, columns)
    assert shown.split() == text.split()
    for line in shown.split("\n"):
        assert width(line) <= columns or len(line.split()) <= 1 or line in text.split("\n")
