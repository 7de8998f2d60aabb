"""What is seen of a verification that is under way."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from smug2s3.cli import verify
from smug2s3.cli.verify import _now, watching
from smug2s3.engine.report import Report

BUSY = Report(found_wrong=1, heads=1200, read_back=412, read_bytes=1_200_000_000)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        pytest.param(80, "1 differ · 1,200 checked · 412 read back (1.2 GB) · reading smugmug/A/x.jpg", id="usual"),
        pytest.param(
            70, "1 differ · 1,200 checked · 412 read back (1.2 GB) · …g smugmug/A/x.jpg", id="the name is cut"
        ),
        pytest.param(60, "1 differ · 1,200 checked · 412 read back (1.2 GB)", id="no room for a name"),
        pytest.param(16, "…d back (1.2 GB)", id="narrow"),
    ],
)
def test_the_line_never_takes_more_than_its_room(columns: int, line: str) -> None:
    shown = _now(BUSY, "reading smugmug/A/x.jpg", columns).plain
    assert cell_len(shown) <= columns
    assert shown == line


def test_without_a_terminal_a_dated_line_is_said_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verify, "EVERY", 0.0)
    with watching(BUSY) as advance:
        advance("reading smugmug/A\nx.jpg")
    said = capsys.readouterr().err
    assert said[20:] == "UTC 1 differ · 1,200 checked · 412 read back (1.2 GB) · reading smugmug/A\ufffdx.jpg\n"
