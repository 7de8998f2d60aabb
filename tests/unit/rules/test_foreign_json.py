"""JSON by others: what is nested too deeply is as damaged as what is no JSON at all, wherever it is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smug2s3.errors import SourceBroken
from smug2s3.rules import health, sidecar
from smug2s3.rules.album_lines import LONGEST_LINE, items
from smug2s3.rules.bucket_settings import document
from smug2s3.rules.foreign_json import read_json
from smug2s3.rules.looks import looks
from smug2s3.smugmug import wire

DEEP = b"[" * 200_000
LINE = b'{"key":"a.jpg","image":%b' % DEEP
ENDLESS = b'{"key":"%b"}' % (b"a" * LONGEST_LINE)
ALBUM = b'{"smug2s3":1,\n"items":[\n%b,\n{"key":"b.jpg"}\n],\n"former_items":[\n]}\n' % LINE


@pytest.mark.parametrize("text", [DEEP, b'{"a":' * 200_000, LINE, b"{", b"\xff", b""])
def test_what_is_not_json_or_too_deep_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_json(text)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda: wire.error_message(DEEP), ""),
        (lambda: health.is_health_file(DEEP), False),
        (lambda: sidecar.is_former(LINE, frozenset()), False),
        (lambda: list(items(ALBUM)), [(None, False), ({"key": "b.jpg"}, False)]),
        (lambda: list(items(DEEP)), [(None, False)]),
        (lambda: list(items(ALBUM.replace(LINE, ENDLESS))), [(None, False), ({"key": "b.jpg"}, False)]),
        (lambda: looks(ALBUM), {}),
    ],
)
def test_it_is_left_out(read: Callable[[], object], expected: object) -> None:
    assert read() == expected


def test_it_is_no_answer_and_no_policy() -> None:
    with pytest.raises(SourceBroken, match="was not valid JSON"):
        wire.read_page(DEEP, "it")
    with pytest.raises(ValueError, match="too deeply"):
        document({"Policy": DEEP.decode()})
