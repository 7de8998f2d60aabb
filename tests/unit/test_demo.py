"""The demo's exit code says whether what it showed went well."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from smug2s3.app.moving import Outcome
from smug2s3.cli import demo
from smug2s3.engine.report import Report
from smug2s3.models import Difference

MISSING = Difference(kind="missing", key="smugmug/a.jpg", detail="not in the bucket")


@pytest.mark.parametrize(
    ("failed", "differences", "code"),
    [
        pytest.param(0, [], 0, id="all well"),
        pytest.param(1, [], 1, id="a file that failed"),
        pytest.param(0, [MISSING], 1, id="a file that is missing"),
    ],
)
def test_it_ends_well_only_if_everything_was_moved_and_proven(
    failed: int, differences: list[Difference], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(_home: Path, outcome: Outcome, report: Report) -> None:
        outcome.summary.failed = failed
        report.ok, report.objects = 3, differences

    monkeypatch.setattr(demo, "_play", play)

    with pytest.raises(typer.Exit) as ended:
        demo.demo(str(tmp_path / "demo"))

    assert ended.value.exit_code == code
