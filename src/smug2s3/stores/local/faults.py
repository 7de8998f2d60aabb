"""The system's errors become ours: what the disk refuses for good, what may pass, and what the user can do."""

from __future__ import annotations

import errno
from pathlib import Path

from smug2s3.errors import StoreBusy, StoreError, StoreRefused, StoreUnreachable, StoreUnusable

_ROOM = "Make room on the disk or choose a larger one, then run the same command again."
_RIGHTS = "Check the rights of the folder, and of the user who runs this."

_REFUSED = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the quota on this disk is used up", _ROOM),
    errno.EFBIG: ("the disk takes no file of this size", "FAT32 ends at 4 GB: format it as exFAT or another system."),
    errno.ENAMETOOLONG: ("the disk takes no name of this length", "Choose a shorter S3_PREFIX or another disk."),
    errno.EINVAL: ("the disk does not take this name", "Use a disk that is formatted for this system."),
    errno.EILSEQ: ("the disk does not take this name", "Use a disk that is formatted for this system."),
    errno.EXDEV: ("another disk is mounted there", "Choose a folder that lies on one disk alone."),
    errno.EISDIR: ("there is a folder of that name", ""),
    errno.ENOTDIR: ("there is a file where a folder should be", ""),
    errno.EACCES: ("this user may not", _RIGHTS),
    errno.EPERM: ("this user may not", _RIGHTS),
}
_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EBUSY, errno.ENOMEM})


def absent(root: Path) -> StoreUnusable:
    """It is never created: where a disk is not connected, everything would go to the disk beneath."""
    return StoreUnusable(
        f"there is no folder {root}",
        hint="Connect its disk or create the folder, and check S3_ENDPOINT_URL and S3_BUCKET.",
    )


def translate(error: OSError, what: str, root: Path) -> StoreError:
    """The StoreError for what failed about ``what`` in the folder ``root``."""
    number = error.errno or 0
    code = errno.errorcode.get(number, str(error))
    if not root.is_dir():
        return absent(root)
    if number == errno.EROFS:
        return StoreUnusable(f"the folder {root} is on a read-only disk ({code})", hint="Mount it for writing.")
    if number in _REFUSED:
        sentence, hint = _REFUSED[number]
        where = f" at {error.filename}" if isinstance(error, PermissionError) and error.filename else ""
        return StoreRefused(f"the folder refused {what}: {sentence} ({code}{where})", hint=hint)
    if number in _PASSING:
        return StoreBusy(f"the system is too busy for {what} ({code})")
    return StoreUnreachable(
        f"the disk did not do its work for {what}: {error.strerror or error} ({code})",
        hint="Check the disk and its cable or network, then run the same command again.",
    )
