"""What programs read on stdout is UTF-8, whatever encoding people read there: the same bytes as in a file."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from smug2s3.cli.console import put_json
from smug2s3.cli.ledger import export
from smug2s3.cli.plan import Options, plan
from tests.support.ledgers import File, Told, lay

CITY = "京都 Фото é"


def put(command: Callable[[], object], encoding: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The bytes that a command puts on a stdout of this encoding."""
    raw = io.BytesIO()
    with monkeypatch.context() as odd:
        odd.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        command()
        return raw.getvalue()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_is_the_same_on_stdout_as_in_a_file(
    form: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(lay(Path("transfer_log.db"), [Told(path=CITY, files=(File(name="роза.jpg"),))]))
    export(form=form, output="file")
    written = Path("file").read_bytes()
    assert CITY in written.decode()
    assert put(partial(export, form=form, output=None), encoding, monkeypatch) == written


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16"])
def test_documents_and_lists_of_prices_are_utf8(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(put(lambda: put_json({"album": CITY}), encoding, monkeypatch).decode())["album"] == CITY
    prices = put(lambda: plan(Options(print_prices=True)), encoding, monkeypatch).decode()
    assert prices.startswith("#")
