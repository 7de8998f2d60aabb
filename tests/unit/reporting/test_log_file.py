"""A log file has a line for every event, is its owner's alone, and never ends a run."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from smug2s3.errors import UsageError
from smug2s3.reporting.events import EventReporter
from smug2s3.reporting.log_file import FORMS, LogFile

FULL = Path("/dev/full")


@pytest.fixture
def complaints() -> list[str]:
    return []


def written(path: Path, form: str, complaints: list[str]) -> list[str]:
    log = LogFile(path, FORMS[form], complaints.append)
    event_reporter = EventReporter(log.on_event)
    event_reporter.moved("日本/é.jpg", 1200)
    event_reporter.failed("a\nb.jpg", "store", "it is full")
    lines = path.read_text(encoding="utf-8").splitlines()
    log.close()
    return lines


def test_as_text_each_line_has_its_time_and_a_sentence(tmp_path: Path, complaints: list[str]) -> None:
    moved, failed = written(tmp_path / "log", "text", complaints)
    time, _, sentence = moved.partition(" ")
    assert datetime.fromisoformat(time).tzinfo
    assert sentence == "copied: 日本/é.jpg (1.2 kB)"
    assert failed.endswith("failed: a\ufffdb.jpg (storage: it is full)")


def test_as_json_each_line_is_an_object_with_the_exact_names(tmp_path: Path, complaints: list[str]) -> None:
    moved, failed = map(json.loads, written(tmp_path / "log", "json", complaints))
    assert datetime.fromisoformat(moved.pop("at")).tzinfo
    assert moved == {"event": "file_moved", "file": "日本/é.jpg", "bytes": 1200}
    assert (failed["file"], failed["side"], failed["reason"]) == ("a\nb.jpg", "store", "it is full")


def test_lines_are_added_to_those_of_earlier_runs(tmp_path: Path, complaints: list[str]) -> None:
    written(tmp_path / "log", "text", complaints)
    assert len(written(tmp_path / "log", "json", complaints)) == 4
    assert complaints == []


@pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")
def test_it_is_for_its_owner_alone(tmp_path: Path, complaints: list[str]) -> None:
    written(tmp_path / "log", "text", complaints)
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "no/such/folder/log"], ids=["a folder", "in no folder"])
def test_what_cannot_be_written_is_refused_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        LogFile(tmp_path / name, FORMS["text"], lambda _: None)


@pytest.mark.skipif(not FULL.exists(), reason="needs a disk that is always full")
def test_a_disk_that_fills_up_is_said_once_and_nothing_raised(complaints: list[str]) -> None:
    log = LogFile(FULL, FORMS["text"], complaints.append)
    for _ in range(3):
        EventReporter(log.on_event).note("hello")
    log.close()
    (complaint,) = complaints
    assert "/dev/full" in complaint
    assert "the sync continues" in complaint
