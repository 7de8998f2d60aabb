"""The ledger tells where things stand, whatever its format, beside whoever writes it, and leaves no trace of the look."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from smug2s3.errors import LedgerError
from smug2s3.ledger import lock
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.status import read_status, unmoved
from smug2s3.models import Known
from smug2s3.rules.status import Left, OpenAlbum, trouble
from tests.unit.ledger.test_formats import FORMATS, Format, stored_copy

DIRECTORY = "smugmug/Family/2019/Christmas"


@pytest.mark.parametrize("old", FORMATS, ids=lambda old: f"format {old.number}")
def test_a_ledger_of_any_format_is_read_as_it_is(old: Format, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored_copy(old.number, path)
    before = path.read_bytes()

    found = read_status(str(path))

    assert found.about["account"] == "jane"
    assert (found.done, found.gone, found.stored_bytes, found.own_files) == (2, 1, 2000, 2)
    assert sorted(found.left, key=lambda one: one.state) == [
        Left(state=Known.FAILED, reason="SmugMug: it's busy", files=1, bytes=1000),
        Left(state=Known.MOVING, reason="", files=1, bytes=1000),
        Left(state=Known.UNAVAILABLE, reason="still processing", files=1, bytes=1000),
    ]
    assert found.albums_complete == 1
    assert [trouble(album) for album in found.albums_open] == ["not taken up"]
    assert [(run.run, run.summary["moved"]) for run in found.runs] == [("run1", 2)]
    assert (found.verified is not None) == (old.number >= 3)
    assert found.changed_at == "2026-01-02T03:04:05+00:00"
    assert (found.holder, found.running) == (None, None)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_failed_or_cannot_be_had_is_named_in_order(tmp_path: Path) -> None:
    stored_copy(FORMATS[-1].number, tmp_path / "ledger.db")

    assert list(unmoved(str(tmp_path / "ledger.db"))) == [
        (f"{DIRECTORY}/failed.JPG", Known.FAILED, "SmugMug: it's busy", 1000),
        (f"{DIRECTORY}/lost.JPG", Known.UNAVAILABLE, "still processing", 1000),
    ]


def test_an_incomplete_album_says_why(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored_copy(FORMATS[-1].number, path)
    with closing(sqlite3.connect(path)) as ledger, ledger:
        ledger.execute("UPDATE albums SET complete = 0 WHERE album_key = 'AlbumK'")

    assert (
        OpenAlbum(counted=2, present=4, former=1, failed=1, waiting=1, unavailable=1)
        in read_status(str(path)).albums_open
    )


async def test_it_is_read_while_another_process_writes(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    async with open_ledger(path, alone=True) as ledger:
        await ledger.begin("run1")
        await ledger.belongs_to({"account": "jane"}, keep=True)

        found = read_status(path)

        assert found.about == {"account": "jane"}
        assert found.holder is not None
        assert found.running is not None
        await ledger.end("run1", {"moved": 0})
    assert read_status(path).holder is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["ledger.db"]


def test_an_empty_file_is_a_ledger_with_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()

    found = read_status(str(tmp_path / "ledger.db"))

    assert (found.done, found.left, found.runs) == (0, (), ())
    assert list(unmoved(str(tmp_path / "ledger.db"))) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param("PRAGMA user_version = 99", "it was written by a newer smug2s3", id="newer"),
        pytest.param("PRAGMA application_id = 1", "another program's database", id="of others"),
    ],
)
def test_what_is_no_ledger_of_ours_is_refused(change: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored_copy(FORMATS[-1].number, path)
    with closing(sqlite3.connect(path)) as ledger:
        ledger.execute(change)
    with pytest.raises(LedgerError, match=sentence):
        read_status(str(path))


@pytest.mark.parametrize("content", [b"no database at all, but a text of some length" * 99], ids=["text"])
def test_a_file_of_another_kind_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(content)
    with pytest.raises(LedgerError, match="not a smug2s3 ledger"):
        read_status(str(tmp_path / "ledger.db"))


def test_one_who_only_looks_turns_nobody_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.db"
    with lock.locked(str(path)):
        left_behind = Path(f"{path}.lock").read_bytes()
    Path(f"{path}.lock").write_bytes(left_behind)
    looking = lock._take(Path(f"{path}.lock"))
    waited: list[float] = []

    def done_looking(seconds: float) -> None:
        waited.append(seconds)
        os.close(looking)

    monkeypatch.setattr(time, "sleep", done_looking)
    with lock.locked(str(path)):
        assert len(waited) == 1


def test_a_lock_file_that_nobody_holds_is_no_holder(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    assert lock.holder(str(path)) is None
    Path(f"{path}.lock").write_text("process 1 on elsewhere, since 1999")
    assert lock.holder(str(path)) is None
    with lock.locked(str(path)):
        assert "process " in (lock.holder(str(path)) or "")


async def test_where_sqlite_can_make_no_files_beside_it_the_ledger_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with open_ledger(str(path)) as ledger:
        await ledger.begin("1")
    (tmp_path / "ledger.db-shm").mkdir()  # as on a disk that can only be read, whoever asks

    assert [run.run for run in read_status(str(path)).runs] == ["1"]
