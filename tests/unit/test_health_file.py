"""The health file of a long run is written again while the run makes progress, and only then."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.health_file import HealthFile
from smug2s3.reporting.progress import Progress
from tests.unit.flow.clock import run_on_virtual_time


def test_a_run_that_makes_progress_says_so_once_a_minute(tmp_path: Path) -> None:
    path, progress = tmp_path / "health.json", Progress()
    health = HealthFile(str(path))
    health.check()

    async def written_after_a_minute() -> bool:
        path.unlink(missing_ok=True)
        await asyncio.sleep(60)
        return path.exists()

    async def watched() -> list[bool]:
        written = []
        async with health.running(progress):
            await asyncio.sleep(1)
            for files in (1, 2, 2, 2, 3):
                progress.items_done = files
                written.append(await written_after_a_minute())
        return [*written, await written_after_a_minute()]

    assert run_on_virtual_time(watched()) == [True, True, False, False, True, False]


def test_a_file_that_cannot_be_written_any_more_is_a_note_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    health = HealthFile(str(folder / "health.json"))
    health.check()
    folder.rmdir()
    health.ran(Outcome(), 0, "completed", None)
    assert "note: the health file is out of date: cannot write" in " ".join(capsys.readouterr().err.split())
    folder.mkdir()
    health.ended()
    assert json.loads((folder / "health.json").read_bytes())["last_run"]["verdict"] == "completed"
