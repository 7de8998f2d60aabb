"""The system's errors become ours: what the disk refuses for good, what may pass, and what ends the run."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from smug2s3.errors import StoreBusy, StoreError, StoreNotReady, StoreRefused, StoreUnreachable, StoreUnusable
from smug2s3.stores.local.faults import translate


def failed(number: int) -> OSError:
    """As the system raises it."""
    return OSError(number, os.strerror(number), "/disk/photos/x")


@pytest.mark.parametrize(
    ("number", "kind", "says"),
    [
        pytest.param(errno.ENOSPC, StoreRefused, "the disk is full", id="the disk is full"),
        pytest.param(errno.EDQUOT, StoreRefused, "quota", id="the quota is used up"),
        pytest.param(errno.EFBIG, StoreRefused, "is too large", id="too large for FAT32"),
        pytest.param(errno.ENAMETOOLONG, StoreRefused, "name is too long", id="the name is too long"),
        pytest.param(errno.EINVAL, StoreRefused, "this name", id="a name FAT does not take"),
        pytest.param(errno.EACCES, StoreRefused, "/disk/photos/x", id="not allowed, and where"),
        pytest.param(errno.EXDEV, StoreRefused, "another disk", id="another disk inside"),
        pytest.param(errno.EROFS, StoreNotReady, "read-only", id="a read-only disk"),
        pytest.param(errno.EMFILE, StoreBusy, "busy", id="too many open files"),
        pytest.param(errno.EIO, StoreUnreachable, "EIO", id="a bad sector, or a cable"),
        pytest.param(errno.ESTALE, StoreUnreachable, "ESTALE", id="a NAS that was restarted"),
        pytest.param(errno.ENOENT, StoreUnreachable, "ENOENT", id="a temp_file that somebody removed"),
    ],
)
def test_an_error_is_judged_by_its_number(tmp_path: Path, number: int, kind: type[StoreError], says: str) -> None:
    error = translate(failed(number), "a.jpg", tmp_path)
    assert type(error) is kind
    assert says in str(error)
    assert errno.errorcode[number] in str(error)


def test_what_a_disk_cannot_do_with_an_open_file_is_not_blamed_on_the_name(tmp_path: Path) -> None:
    error = translate(OSError(errno.EINVAL, os.strerror(errno.EINVAL)), "a.jpg", tmp_path)
    assert isinstance(error, StoreUnreachable)
    assert "name" not in str(error)


def test_an_error_without_a_number_is_reported_too(tmp_path: Path) -> None:
    assert "odd" in str(translate(OSError("odd"), "a.jpg", tmp_path))


def test_whatever_failed_in_a_folder_that_is_gone_says_that_it_is_gone(tmp_path: Path) -> None:
    error = translate(failed(errno.EIO), "a.jpg", tmp_path / "photos")
    assert isinstance(error, StoreUnusable)
    assert str(tmp_path / "photos") in str(error)
    assert "Connect its disk" in error.hint
