"""Disks without locks: which those are, and a file that keeps others away there, with who made it."""

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
"""How often a lock is tried, and the seconds between: one who only looks whether it is held has it for a moment."""

HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK})
"""How systems say that somebody else has it; anything else says that there is no having it."""


_FAR_AWAY = 1 << 30
"""Where the lock is laid on Windows, which does not let others read the bytes that are locked."""


def lock(descriptor: int) -> bool:
    """Whether it is ours now; raises OSError where the disk knows no locks."""
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
    """What the disk of ``path`` says instead of locking a file, as a network disk may; empty where it locks.

    Tried with a file of its own: to close one that SQLite has open would take away SQLite's locks.
    """
    folder = next(above for above in Path(path).absolute().parents if above.exists())
    try:
        file = tempfile.TemporaryFile(prefix=".smug2s3-", dir=folder)  # noqa: SIM115 - the other errors are of locks
    except OSError:  # Where nothing can be written, nobody can hold anything; who wants to will hear of that.
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

        fcntl.flock(descriptor, fcntl.LOCK_UN)  # on some network disks it is one lock with the other
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def in_use(beside: Path) -> Iterator[None]:
    """Have made ``beside``; raises LedgerError where another did, unless that was here and is no more."""
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
    if (other := _written(beside)) != own:  # Somebody who began at the same moment took ours for what was left behind.
        raise refusal(beside, other)
    try:
        yield
    finally:
        if _written(beside) == own:
            beside.unlink(missing_ok=True)


def user(beside: Path) -> str | None:
    """Who made it and may still live, ``None`` for nobody. Only of processes of this computer it can be known."""
    text = _written(beside)
    if not text and beside.exists():
        time.sleep(LOOKS * A_LOOK)  # just made, and not signed yet; or killed just then
        text = _written(beside)
    found = re.match(r"process (\d+) on (\S*), since ", text)
    if not text or (found and found[2] == socket.gethostname() and not _lives(int(found[1]))):
        return None
    return text


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        return True  # to ask would be to interrupt it
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
    """How this process names itself to others."""
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()}, since {since}"


def refusal(beside: Path, holder: str, more: str = "") -> LedgerError:
    """For who wants the ledger alone that ``holder`` has, as the file ``beside`` it says."""
    ledger = str(beside.with_suffix(""))
    return LedgerError(
        f"the ledger {ledger} is in use by another smug2s3 ({holder or 'unknown process'})",
        hint=("Wait for it to finish, or stop it. For another account or bucket, set LEDGER_PATH to a separate file.")
        + more,
    )
