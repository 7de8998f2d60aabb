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
    assert read(csv_line(ROW | {"caption": value}))["caption"] == cell


@given(texts)
def test_no_text_breaks_the_table(text: str) -> None:
    assert read(csv_line(ROW | {"title": text}))["title"] == text.replace("\r\n", "\n").replace("\r", "\n")
    assert json.loads(json_line(ROW | {"title": text}))["title"] == text


def test_the_columns_of_earlier_versions_are_where_they_were() -> None:
    assert FIELDS[:13] == (
        "album", "album_key", "image_key", "filename", "state", "reason", "key", "size", "md5", "etag", "stored_at",
        "gone_at", "reference",
    )  # fmt: skip
