"""A ZIP holds the files whose bytes were right, with their times, and nothing of those that were given up."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

from smug2s3.stores.local.zip_writer import COMMENT, ZipWriter

NOON = datetime.fromisoformat("2019-07-01T12:00:00").timestamp()


def test_what_was_abandoned_or_begun_again_leaves_nothing(tmp_path: Path) -> None:
    writer = ZipWriter(tmp_path / "a.zip")
    writer.open()
    first = writer.begin("a.jpg", 3, NOON, proven=False)
    first.write(b"one")
    first.finish()
    given_up = writer.begin("b.jpg", 5_000_000_000, NOON, proven=False)
    given_up.write(b"never complete" * 1000)
    given_up.abandon()
    again = writer.begin("é.jpg", None, NOON, proven=False)
    again.write(b"wrong")
    again.restart()
    again.write(b"right")
    assert again.md5 == "7c4f29407893c334a6cb7a87bf045c0d"
    again.finish()
    writer.finish()

    with zipfile.ZipFile(tmp_path / "a.zip") as found:
        assert found.testzip() is None
        assert found.comment == COMMENT
        assert {name: found.read(name) for name in found.namelist()} == {"a.jpg": b"one", "é.jpg": b"right"}
        assert {entry.date_time for entry in found.infolist()} == {(2019, 7, 1, 12, 0, 0)}
        assert not any(entry.compress_type for entry in found.infolist())
    assert (tmp_path / "a.zip").stat().st_size < 1000


def test_a_discarded_one_is_gone_with_the_file_that_was_being_written(tmp_path: Path) -> None:
    writer = ZipWriter(tmp_path / "a.zip")
    writer.discard()  # before it was opened
    writer.open()
    writer.begin("a.jpg", None, -5e9, proven=False).write(b"one")

    writer.discard()

    assert not list(tmp_path.iterdir())
