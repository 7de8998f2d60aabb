"""Files for people: whole or not at all, and refused before the work, not after it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from smug2s3.errors import UsageError
from smug2s3.reporting.atomic_write import refuse_unwritable, replacing


def test_a_file_takes_its_place_when_all_of_it_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "certificate.txt"
    path.write_text("earlier")

    with replacing(path) as file:
        file.write("later, é")
        assert path.read_text() == "earlier"

    assert path.read_text(encoding="utf-8") == "later, é"
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600


def test_what_fails_in_the_middle_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "certificate.txt"
    path.write_text("earlier")

    def write_half() -> None:
        with replacing(path) as file:
            file.write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("certificate.txt", "earlier")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need special rights there")
def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("earlier")
    link.symlink_to(target)

    with replacing(link) as file:
        file.write("later")

    assert (link.is_symlink(), target.read_text()) == (True, "later")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files there")
def test_nothing_takes_the_place_of_a_device(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        refuse_unwritable(path)
        with replacing(path) as file:
            file.write("passed on")
        assert os.read(reader, 100) == b"passed on"
        assert path.is_fifo()
    finally:
        os.close(reader)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files there")
def test_what_is_written_to_an_own_stream_follows_what_is_there(tmp_path: Path) -> None:
    with (tmp_path / "kept").open("wb") as own:  # as a shell redirects it
        own.write(b"before ")
        own.flush()
        stream = Path(f"/dev/fd/{own.fileno()}")
        refuse_unwritable(stream)
        with replacing(stream) as file:
            file.write("京都")
        own.write(b" after")
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "before 京都 after"


@pytest.mark.parametrize(
    ("name", "reason"), [("", "it is a folder"), ("missing/file", "No such file"), ("file/below", "Not a directory")]
)
def test_where_nothing_can_be_written_is_said_at_once(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match=reason):
        refuse_unwritable(tmp_path / name)

    assert [one.name for one in tmp_path.iterdir()] == ["file"]
