"""The demo's exit code says whether what it showed went well; and what it lacks, it says how to get."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import typer

from smug2s3 import local_servers
from smug2s3.app.movers import Crew
from smug2s3.app.sync_runner import Outcome
from smug2s3.cli import demo
from smug2s3.engine.report import Report
from smug2s3.errors import UsageError
from smug2s3.rules.verification import Difference

MISSING = Difference(kind="missing", key="smugmug/a.jpg", detail="not in the bucket")


@pytest.mark.parametrize(
    ("failed", "differences", "code"),
    [
        pytest.param(0, [], 0, id="all well"),
        pytest.param(1, [], 1, id="a file that failed"),
        pytest.param(0, [MISSING], 1, id="a file that is missing"),
    ],
)
def test_it_succeeds_only_if_everything_was_copied_and_proven(
    failed: int, differences: list[Difference], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(_home: Path, _crew: Crew, outcome: Outcome, report: Report) -> None:
        outcome.summary.failed = failed
        report.ok, report.objects = 3, differences

    monkeypatch.setattr(demo, "_play", play)

    with pytest.raises(typer.Exit) as ended:
        demo.demo(str(tmp_path / "demo"))

    assert ended.value.exit_code == code


async def test_what_it_lacks_is_got_in_the_way_this_one_was_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_servers, "find_spec", lambda name: None if name == "oauthlib" else object())
    monkeypatch.setattr(local_servers, "command_for", lambda extra, found: f"get {extra} for {found.python}")

    with pytest.raises(UsageError, match="needs oauthlib, not installed here") as refusal:
        async with local_servers.smugmug_server():
            pass

    assert refusal.value.hint == f"Get what only the demo needs with: get demo for {sys.executable}"
