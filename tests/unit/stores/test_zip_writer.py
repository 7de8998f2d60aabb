"""A ZIP whose files do not fit into its old fields has the records of ZIP64, and other programs read it."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from smug2s3.stores.local import zip_writer
from smug2s3.stores.local.zip_writer import ZipWriter
from tests.support.debian import installed
from tests.support.home import UNZIP

LIMIT = 10_000
"""Stands for the 2 GiB of a real ZIP: a file of 5 GB takes minutes."""
END, FIELD = b"PK\x06\x06", b"\x01\x00"
"""The record that ends the list of a large ZIP, and the number of the field with an entry's large sizes."""


def written(path: Path, sizes: dict[str, int | None]) -> bytes:
    """The bytes of a ZIP of files of 15,000 bytes each, written with these sizes known before."""
    writer = ZipWriter(path)
    writer.open()
    for name, size in sizes.items():
        entry = writer.begin(name, size, 1_562_000_000.0)
        for _ in range(3):
            entry.write(bytes(5_000))
        entry.finish()
    writer.finish()
    return path.read_bytes()


@pytest.mark.parametrize("size", [15_000, None])
def test_large_files_have_zip64_records_and_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int | None
) -> None:
    monkeypatch.setattr(zip_writer, "_LARGE", LIMIT)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", LIMIT)
    path = tmp_path / "large.zip"

    data = written(path, {"a.mp4": size, "b.mp4": size})

    with zipfile.ZipFile(path) as found:
        assert [(one.filename, one.file_size) for one in found.infolist()] == [("a.mp4", 15_000), ("b.mp4", 15_000)]
        assert found.testzip() is None
        assert [one.extra[:2] for one in found.infolist()] == [FIELD, FIELD]
    assert data.count(END) == 1
    if installed(UNZIP, lambda: shutil.which(UNZIP)):
        subprocess.run([UNZIP, "-tqq", path], check=True)


def test_small_files_have_none(tmp_path: Path) -> None:
    assert END not in written(tmp_path / "small.zip", {"a.mp4": 15_000})


def test_a_file_that_cannot_be_written_whole_is_left_out_and_the_next_one_takes_its_place(tmp_path: Path) -> None:
    writer = ZipWriter(tmp_path / "some.zip")
    writer.open()
    disk_full = OSError("no space left")

    def content() -> Iterator[memoryview]:
        yield memoryview(bytes(5_000))
        raise disk_full

    writer.add("a.jpg", 3, None, [memoryview(b"one")])
    with pytest.raises(OSError, match="no space"):
        writer.add("b.jpg", 10_000, None, content())
    writer.add("c.jpg", 5, None, [memoryview(b"th"), memoryview(b"ree")])
    writer.finish()

    with zipfile.ZipFile(tmp_path / "some.zip") as found:
        assert {name: found.read(name) for name in found.namelist()} == {"a.jpg": b"one", "c.jpg": b"three"}
        assert found.testzip() is None
