"""Detects disks without locks, and uses a file with its creator's name as a lock there."""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from smug2s3.errors import LedgerError

LOOKS, A_LOOK = 5, 0.02
"""Attempts to lock, and seconds between: a process that only tests the lock holds it for a moment."""

HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK})
"""Errors for a lock held by another process; other errors mean that locks are not supported."""


_FAR_AWAY = 1 << 30
"""Offset of the lock on Windows, where others cannot read locked bytes."""


def lock(descriptor: int) -> bool:
    """Whether the lock was taken; raises OSError if the disk does not support locks."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - there is none elsewhere

            os.lseek(descriptor, _FAR_AWAY, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - there is none on Windows

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            return False
        raise
    return True


def lacking(path: str) -> str:
    """The error of the disk of ``path`` for a lock, as on a network disk; empty if locks work.

    Tested with a separate file: closing one that SQLite has open would release SQLite's locks.
    """
    folder = next(above for above in Path(path).absolute().parents if above.exists())
    try:
        file = tempfile.TemporaryFile(prefix=".smug2s3-", dir=folder)  # noqa: SIM115 - the other errors are of locks
    except OSError:  # a folder that is not writable gives an error later
        return ""
    with file:
        try:
            lock(file.fileno())
            _lock_as_sqlite(file.fileno())
        except OSError as error:
            return errno.errorcode.get(error.errno or 0, str(error))
    return ""


def _lock_as_sqlite(descriptor: int) -> None:
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - there is none on Windows

        fcntl.flock(descriptor, fcntl.LOCK_UN)  # on some network disks both locks are one
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def in_use(beside: Path) -> Iterator[None]:
    """Create the lock file ``beside``; raises LedgerError if another process did, unless it ran here and is gone."""
    own = signature()
    if (other := user(beside)) is not None:
        raise refusal(beside, other, f" If no smug2s3 is running there any more, delete {beside}.")
    beside.unlink(missing_ok=True)
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise refusal(beside, _written(beside)) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(own.encode())
    time.sleep(A_LOOK)
    if (other := _written(beside)) != own:  # another process that started at the same moment took ours for a leftover
        raise refusal(beside, other)
    try:
        yield
    finally:
        if _written(beside) == own:
            beside.unlink(missing_ok=True)


def user(beside: Path) -> str | None:
    """Its creator if it may still be running, else ``None``. Only known for processes of this computer."""
    text = _written(beside)
    if not text and beside.exists():
        time.sleep(LOOKS * A_LOOK)  # just created and not written yet, or killed just then
        text = _written(beside)
    found = re.match(r"process (\d+) on (\S*), since ", text)
    if not text or (found and found[2] == socket.gethostname() and not _lives(int(found[1]))):
        return None
    return text


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        return True  # testing it would interrupt it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _written(beside: Path) -> str:
    try:
        return beside.read_bytes()[:200].decode(errors="replace")
    except FileNotFoundError:
        return ""


def signature() -> str:
    """This process, as named in locks."""
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()}, since {since}"


def refusal(beside: Path, holder: str, more: str = "") -> LedgerError:
    """The error for a ledger locked by ``holder``, according to the file ``beside`` it."""
    ledger = str(beside.with_suffix(""))
    return LedgerError(
        f"the ledger {ledger} is in use by another smug2s3 ({holder or 'unknown process'})",
        hint=("Wait for it to finish, or stop it. For another account or bucket, set LEDGER_PATH to a separate file.")
        + more,
    )
