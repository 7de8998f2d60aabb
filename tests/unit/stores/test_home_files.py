"""A `.part` of a small file outlives neither success nor failure; that of a large one waits for the next run."""

from __future__ import annotations

from pathlib import Path

import pytest

from smug2s3.rules.homecoming import PART
from smug2s3.stores.local.home_files import PartFile


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("stays", [False, True])
def test_what_an_earlier_run_left_goes_with_the_failure_of_a_small_file(
    begun: bool, stays: bool, tmp_path: Path
) -> None:
    path = tmp_path / "Album" / f"a.jpg{PART}"
    path.parent.mkdir()
    path.write_bytes(b"half")
    part = PartFile(path.with_name("a.jpg"), None)
    if stays:
        part.resume()
    if begun:
        part.write(b"more")

    part.close(stays=stays)

    assert path.exists() == stays
    assert not stays or path.read_bytes().startswith(b"half")


def test_a_failure_before_anything_was_written_leaves_nothing(tmp_path: Path) -> None:
    PartFile(tmp_path / "Album" / "a.jpg", None).close(stays=False)
    assert list(tmp_path.iterdir()) == []
