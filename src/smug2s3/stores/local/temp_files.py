"""Files that are being written: out of sight until they are whole, and cleared away after a process was killed."""

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
"""How disks say that they know nothing of keeping something at once: they do it on their own, some time."""


def keep(descriptor: int) -> None:
    """Have a file or a folder survive a power cut, where the disk can; raises OSError for one that failed at it."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise


class TempFile:
    """One file to be. It has a name that nobody looks at, on the same disk as its place."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / uuid4().hex
        self._file: IO[bytes] | None = None

    def open(self) -> None:
        """Begin; the system's lock on it says that somebody lives who writes it."""
        self._file = self.path.open("xb")
        with suppress(OSError):  # A disk without locks; then nobody else takes it for a leftover either.
            _lock(self._file, wait=True)

    def write(self, chunks: Iterable[bytes]) -> None:
        """Add to it."""
        assert self._file is not None
        self._file.writelines(chunks)

    def finish(self) -> int:
        """Have all of it on the disk; returns its time of change, in nanoseconds."""
        assert self._file is not None
        self._file.flush()
        keep(self._file.fileno())
        self._file.close()
        return self.path.stat().st_mtime_ns  # after closing: a network disk may set it only then

    def discard(self) -> None:
        """Remove what was not moved to its place."""
        if self._file is None:
            return
        with suppress(OSError):  # What was still buffered may not fit any more.
            self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def clear_leftovers(folder: Path) -> None:
    """Remove the drafts of processes that are no more."""
    for path in folder.iterdir():
        with suppress(OSError), path.open("r+b") as file:  # Windows does not remove what is open elsewhere.
            _lock(file, wait=False)
            if sys.platform == "win32":
                file.close()
            path.unlink()


def _lock(file: IO[Any], *, wait: bool) -> None:
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - there is none on Windows

        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
