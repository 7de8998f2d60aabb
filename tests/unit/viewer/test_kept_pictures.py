"""Pictures that were made are kept within a limit, and nothing else in the folder is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smug2s3.viewer.kept_pictures import KeptPictures

NAMES = [f"{number:032x}-480.jpg" for number in range(6)]


def kept(folder: Path, limit: int = 1000) -> tuple[KeptPictures, list[str]]:
    """A cache, and what it has said."""
    notes: list[str] = []
    return KeptPictures(folder / "previews", limit, notes.append), notes


def test_those_not_shown_for_longest_go_first_also_after_a_restart(tmp_path: Path) -> None:
    pictures, notes = kept(tmp_path)
    for place, name in enumerate(NAMES[:3]):
        pictures.put(name, bytes(300))
        os.utime(tmp_path / "previews" / name, (place, place))
    assert pictures.get(NAMES[0]) == bytes(300)
    again, _ = kept(tmp_path)
    again.put(NAMES[3], bytes(300))
    assert [again.get(name) is not None for name in NAMES[:4]] == [True, False, True, True]
    again.put(NAMES[4], bytes(900))
    assert sorted(path.name for path in (tmp_path / "previews").iterdir()) == [NAMES[4]]
    again.put(NAMES[5], bytes(1001))  # larger than all that may be kept
    again.put(NAMES[4], bytes(10))
    assert again.get(NAMES[4]) == bytes(10)
    assert notes == []


def test_what_others_put_there_stays_and_what_a_crash_left_goes(tmp_path: Path) -> None:
    folder = tmp_path / "previews"
    folder.mkdir()
    (folder / "mine.jpg").write_bytes(bytes(5000))
    (folder / ".writing-abc").write_bytes(bytes(5000))
    pictures, _ = kept(tmp_path)
    pictures.put(NAMES[0], bytes(500))
    assert sorted(path.name for path in folder.iterdir()) == [NAMES[0], "mine.jpg"]


def test_one_that_another_program_deleted_is_only_missed(tmp_path: Path) -> None:
    pictures, notes = kept(tmp_path)
    pictures.put(NAMES[0], bytes(600))
    (tmp_path / "previews" / NAMES[0]).unlink()
    assert pictures.get(NAMES[0]) is None
    pictures.put(NAMES[1], bytes(600))
    assert pictures.get(NAMES[1]) == bytes(600)
    assert notes == []


@pytest.mark.parametrize("limit", [0, 1000])
def test_a_folder_that_cannot_be_written_is_said_once(limit: int, tmp_path: Path) -> None:
    (tmp_path / "previews").write_text("not a folder")
    pictures, notes = kept(tmp_path, limit)
    for name in NAMES:
        pictures.put(name, bytes(10))
        assert pictures.get(name) is None
    assert len(notes) == bool(limit)
