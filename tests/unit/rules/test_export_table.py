"""The exported table is read by spreadsheets and programs alike, whatever a caption contains."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given

from smug2s3.rules.export_table import FIELDS, csv_line, header, json_line
from tests.unit.samples import texts

ROW: dict[str, Any] = dict.fromkeys(FIELDS, "")


def read(line: str) -> dict[str, str]:
    (row,) = csv.DictReader(io.StringIO(header() + line, newline=""))
    return row


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("plain", "plain"),
        ('a "b", c;d', 'a "b", c;d'),
        ("first\r\nsecond\rthird", "first\nsecond\nthird"),
        (["sea", "sun; moon"], "sea; sun; moon"),
        ([], ""),
        (None, ""),
        (47.97, "47.97"),
        (True, "True"),
    ],
)
def test_every_value_is_one_cell(value: Any, cell: str) -> None:
    assert read(csv_line(ROW | {"caption": value}, spreadsheet=False))["caption"] == cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+2", "'=1+2"),
        ('=HYPERLINK("http://a")', '\'=HYPERLINK("http://a")'),
        ("+1", "'+1"),
        ("-rose", "'-rose"),
        ("@home", "'@home"),
        ("\t=tab", "'\t=tab"),
        ("\r=return", "'\n=return"),
        ("\uff1d1+2", "'\uff1d1+2"),
        (["=1", "2"], "'=1; 2"),
        ("'=1", "'=1"),
        ("1+2", "1+2"),
        ("", ""),
        (-33.8568, "-33.8568"),
        (-4, "-4"),
    ],
)
def test_a_spreadsheet_runs_no_text_and_numbers_stay_numbers(value: Any, cell: str) -> None:
    assert read(csv_line(ROW | {"caption": value}, spreadsheet=True))["caption"] == cell


@given(texts)
def test_no_text_breaks_the_table(text: str) -> None:
    assert read(csv_line(ROW | {"title": text}, spreadsheet=False))["title"] == text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )
    assert json.loads(json_line(ROW | {"title": text}))["title"] == text


def test_the_columns_of_earlier_versions_are_where_they_were() -> None:
    assert FIELDS[:13] == (
        "album", "album_key", "image_key", "filename", "state", "reason", "key", "size", "md5", "etag", "stored_at",
        "gone_at", "reference",
    )  # fmt: skip
