"""JSON documents are the same whether a list is held or read; one that is read is never held as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from smug2s3.errors import LedgerError
from smug2s3.reporting.documents import written

DOCUMENTS: list[dict[str, Any]] = [
    {"schema": 1},
    {"schema": 1, "files": []},
    {"schema": 1, "path": "Ü \n\u2028", "files": [{"a": [1, "x\ny"]}, {"b": None}], "nested": {"c": [{"d": 2}, []]}},
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_the_same_whether_its_lists_are_held_or_read(document: dict[str, Any]) -> None:
    read = {name: iter(value) if isinstance(value, list) else value for name, value in document.items()}

    assert "".join(written(document)) == json.dumps(document, indent=2) + "\n"
    assert json.loads("".join(written(read))) == document


def test_a_list_is_written_while_it_is_read() -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            taken.append(len(taken))
            yield taken[-1]

    assert "".join(islice(written({"files": endless()}), 4)) == '{\n  "files": [\n    0,\n    1,\n    2'
    assert len(taken) == 3


def test_a_list_that_cannot_be_read_leaves_no_half_document() -> None:
    def broken() -> Iterator[int]:
        raise LedgerError("damaged")
        yield 1

    with pytest.raises(LedgerError):
        next(written({"path": "", "files": broken()}))
