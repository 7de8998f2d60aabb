"""Names from SmugMug can neither drive the terminal nor overflow it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from smug2s3.reporting.names import sanitize, truncate, width
from tests.unit.samples import texts


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Fähre 😀.jpg", "Fähre 😀.jpg", id="an ordinary name"),
        pytest.param("a\x1b[2Jb", "a\ufffd[2Jb", id="an escape sequence"),
        pytest.param("a\r\nb", "a\ufffd\ufffdb", id="line breaks"),
        pytest.param("gpj.\u202eexe", "gpj.\ufffdexe", id="a turned direction"),
        pytest.param("a\u061cb", "a\ufffdb", id="an Arabic direction mark"),
        pytest.param("a\x9bb", "a\ufffdb", id="an escape in one character"),
        pytest.param("a\ud800b", "a\ufffdb", id="half a character"),
    ],
)
def test_what_could_drive_the_terminal_is_replaced(name: str, shown: str) -> None:
    assert sanitize(name) == shown


@given(texts)
def test_whatever_the_name_it_can_be_written_and_stays_on_its_line(name: str) -> None:
    shown = sanitize(name)
    shown.encode()
    assert not {"\n", "\r", "\x1b", "\x9b"} & set(shown)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        pytest.param("abc", 3, id="ASCII"),
        pytest.param("日本", 4, id="wide"),
        pytest.param("e\u0301", 1, id="a mark that combines"),
        pytest.param("😀", 2, id="a picture"),
    ],
)
def test_the_width_is_counted_in_columns(text: str, columns: int) -> None:
    assert width(text) == columns == cell_len(text)


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        pytest.param(20, "Family/2019/IMG.JPG", id="it fits"),
        pytest.param(19, "Family/2019/IMG.JPG", id="exactly"),
        pytest.param(12, "…019/IMG.JPG", id="the end says more"),
        pytest.param(1, "…", id="no room"),
    ],
)
def test_of_a_long_name_the_end_is_shown(columns: int, shown: str) -> None:
    assert truncate("Family/2019/IMG.JPG", columns) == shown


@given(st.text("aé日😀e\u0301", max_size=60), st.integers(1, 40))
def test_a_fitted_name_is_never_wider_than_its_room(name: str, columns: int) -> None:
    assert width(truncate(name, columns)) <= columns
