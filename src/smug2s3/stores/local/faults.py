"""Translates the system's errors: which are permanent, which are transient, and what the user can do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from smug2s3.errors import StoreBusy, StoreError, StoreNotReady, StoreRefused, StoreUnreachable
from smug2s3.rules import diagnostics

_REFUSED = {
    errno.ENOSPC: ("the disk is full", diagnostics.FREE_SPACE),
    errno.EDQUOT: ("the quota on this disk is used up", diagnostics.FREE_SPACE),
    errno.EFBIG: ("the file is too large for the disk's file system", diagnostics.LARGE_FILES),
    errno.ENAMETOOLONG: ("the name is too long for the disk", diagnostics.SHORTER_NAMES),
    errno.EINVAL: ("the disk does not allow this name", diagnostics.OTHER_NAMES),
    errno.EILSEQ: ("the disk does not allow this name", diagnostics.OTHER_NAMES),
    errno.EXDEV: ("another disk is mounted there", diagnostics.ONE_DISK),
    errno.EISDIR: ("there is a folder of that name", ""),
    errno.ENOTDIR: ("there is a file where a folder should be", ""),
    errno.EACCES: ("permission denied", diagnostics.RIGHTS),
    errno.EPERM: ("permission denied", diagnostics.RIGHTS),
}
_OF_NAMES = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})
"""Only for errors with a file name: EINVAL can also mean an unsupported operation on an open file."""

_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EBUSY, errno.ENOMEM})


class FolderAway(StoreNotReady):
    """The error for a missing folder; if it existed before, its disk may come back."""


def absent(root: Path) -> FolderAway:
    """It is never created: with its disk disconnected, everything would go to the disk below the mount point."""
    return FolderAway(
        f"there is no folder {root}",
        hint="Connect its disk or create the folder; otherwise check S3_ENDPOINT_URL and S3_BUCKET.",
    )


def translate(error: OSError, what: str, root: Path) -> StoreError:
    """The StoreError for a failure of ``what`` in the folder ``root``."""
    number = error.errno or 0
    code = errno.errorcode.get(number, str(error))
    if not os.path.isdir(root):  # noqa: PTH112 - a disk that is gone makes an error of Path's own question
        return absent(root)
    if number == errno.EROFS:
        return StoreNotReady(f"the folder {root} is on a read-only disk ({code})", hint="Remount the disk as writable.")
    if number in _REFUSED and (error.filename or number not in _OF_NAMES):
        sentence, hint = _REFUSED[number]
        where = f" at {error.filename}" if isinstance(error, PermissionError) and error.filename else ""
        return StoreRefused(f"the folder refused {what}: {sentence} ({code}{where})", hint=hint)
    if number in _PASSING:
        return StoreBusy(f"the system is too busy for {what} ({code})")
    return StoreUnreachable(
        f"disk error for {what}: {error.strerror or error} ({code})",
        hint=diagnostics.DISK,
    )
