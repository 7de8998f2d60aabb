"""Whatever is laid out in columns fits every terminal: what does not fit goes on below, under its own column."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from smug2s3.cli.check import table
from smug2s3.cli.config import settings_text
from smug2s3.env_file import Given, Source
from smug2s3.models import Known
from smug2s3.reporting.names import attribute, padded, wrap
from smug2s3.reporting.status import left_text, status_text
from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding
from smug2s3.settings import VARIABLES
from tests.unit.reporting.test_status import full

WIDE, COMBINED = "旅行の写真 " * 12, "e\u0301te\u0301 " * 30
SIZES = [60, 80, 120]

FOUND = [
    ("SmugMug", Finding("sign-in", GOOD, WIDE)),
    ("store", Finding("wrong Content-MD5", NOTE, COMBINED)),
    ("store", Finding("bucket", BAD, "bucket photos at https://s3.example.com: the bucket does not exist " * 2)),
]


@pytest.mark.parametrize("columns", SIZES)
@pytest.mark.parametrize("colours", [True, False])
def test_a_table_of_findings_keeps_its_columns(columns: int, colours: bool) -> None:
    console = Console(
        file=io.StringIO(), width=columns, force_terminal=colours, color_system="truecolor" if colours else None
    )
    with console.capture() as drawn:
        console.print(table(FOUND))
    lines = re.sub(r"\x1b\[[\d;]*m", "", drawn.get()).splitlines()

    begins = cell_len(lines[0][: lines[0].index("meaning")])
    assert ("\x1b[" in drawn.get()) is colours
    assert max(map(cell_len, lines)) <= columns
    for line in lines[1:]:
        before, after = _cut(line, begins)
        assert before.endswith(" ")
        assert not after.startswith(" ")


def _cut(line: str, cells: int) -> tuple[str, str]:
    end = next(end for end in range(len(line) + 1) if cell_len(line[:end]) == cells)
    return line[:end], line[end:]


@pytest.mark.parametrize("columns", SIZES)
def test_the_page_of_status_fits(columns: int) -> None:
    text = wrap(status_text(full(), columns=min(columns, 80)), columns)

    assert max(map(cell_len, text.splitlines())) <= columns
    assert "\n             Run `smug2s3 sync` again.\n" in text


@pytest.mark.parametrize("columns", SIZES)
def test_what_failed_fits_but_for_names_that_stay_whole(columns: int) -> None:
    text = left_text([(WIDE, Known.FAILED, "SmugMug: SmugMug's media host refused the file (403)", 1)], columns=columns)

    assert max(cell_len(line) for line in text.splitlines() if not line.startswith("  ")) <= columns


@pytest.mark.parametrize(
    ("line", "columns", "expected"),
    [
        ("missing      a/b.jpg: not moved yet", 26, "missing      a/b.jpg: not\n             moved yet"),
        (
            "        182  skipped (already copied)",
            26,
            "        182  skipped\n             (already\n             copied)",
        ),
        (
            "09:01  0 s  0 files, 0 B   stopped: it is full",
            45,
            "09:01  0 s  0 files, 0 B   stopped: it is\n" + " " * 27 + "full",
        ),
        ("  words that go on and on", 12, "  words that\n  go on and\n  on"),
        ("a far column                 words that go on", 40, "a far column                 words that\ngo on"),
        ("日本  日本 日本 日本", 12, "日本  日本\n      日本\n      日本"),
        ("so run `smug2s3 sync` now", 18, "so run\n`smug2s3 sync` now"),
        ("a ` that stands alone", 12, "a ` that\nstands alone"),
        ("an https://address.example/that/is/long", 12, "an\nhttps://address.example/that/is/long"),
    ],
)
def test_what_does_not_fit_goes_on_under_its_column(line: str, columns: int, expected: str) -> None:
    assert wrap(line, columns) == expected


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("SmugMug has no such file", "SmugMug has no such file"),
        ("timed out", "SmugMug: timed out"),
        ("the proxy http://p:1 (HTTP_PROXY) cannot be reached", "the proxy http://p:1 (HTTP_PROXY) cannot be reached"),
    ],
)
def test_a_reason_says_whose_it_is_once_and_a_proxys_is_neither_sides(reason: str, said: str) -> None:
    assert attribute("SmugMug", reason) == said


def test_a_cell_is_filled_up_by_what_is_seen_of_it() -> None:
    assert [padded(text, 4) + "|" for text in ("a", "日本", "e\u0301", "long one")] == [
        "a   |",
        "日本|",
        "e\u0301   |",
        "long one|",
    ]


def test_the_settings_stand_in_columns_whatever_their_script() -> None:
    found = {variable.name: Given("", Source.NONE) for variable in VARIABLES.values()}
    found |= {"S3_PREFIX": Given("写真/", Source.FILE), "S3_BUCKET": Given("my-photos", Source.FILE)}

    rows = [line for line in settings_text(".env", found).splitlines() if line.endswith(".env")]

    assert len({cell_len(row) for row in rows}) == 1
