"""Temporary files: hidden until complete, and cleaned up after a process was killed."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

_UNKNOWN = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY})
"""Errors of disks that do not support fsync and write later on their own."""


def keep(descriptor: int) -> None:
    """Sync a file or folder to disk, if supported; raises OSError if that fails."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise


def set_time(path: Path, moment: float | None) -> None:
    """The time of a file, unless the disk cannot hold it: the bytes matter more."""
    if moment is not None:
        with suppress(OSError, OverflowError, ValueError):
            if int(path.stat().st_mtime) != int(moment):
                os.utime(path, (moment, moment))


class TempFile:
    """A temporary file with a hidden name, on the same disk as its destination."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / uuid4().hex
        self._file: IO[bytes] | None = None

    def open(self) -> None:
        """Open it; the lock on it shows that its process is alive."""
        self._file = self.path.open("xb")
        with suppress(OSError):  # A disk without locks; then no other process takes it for a leftover either.
            _lock(self._file, wait=True)

    def write(self, chunks: Iterable[bytes]) -> None:
        """Append to it."""
        assert self._file is not None
        self._file.writelines(chunks)

    def finish(self, moment: float | None = None) -> int:
        """Sync it to disk, with the time of ``moment``; returns its modification time in nanoseconds."""
        assert self._file is not None
        self._file.flush()
        keep(self._file.fileno())
        self._file.close()
        set_time(self.path, moment)
        return self.path.stat().st_mtime_ns  # after closing: a network disk may set it only then

    def discard(self) -> None:
        """Close it, and delete it unless it was renamed."""
        if self._file is None:
            return
        with suppress(OSError):  # buffered bytes may not fit on the disk
            self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def clear_leftovers(folder: Path) -> None:
    """Delete the temporary files of dead processes."""
    for path in folder.iterdir():
        with suppress(OSError), path.open("r+b") as file:  # Windows cannot delete an open file
            _lock(file, wait=False)
            if sys.platform == "win32":
                file.close()
            path.unlink()


def _lock(file: IO[Any], *, wait: bool) -> None:
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - there is none on Windows

        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
