"""One sync at a time on one ledger: a lock the system itself takes back when its holder dies."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from smug2s3.errors import LedgerError

_LOOKS, _A_LOOK = 5, 0.02
"""How often a lock is tried, and the seconds between: one who only looks whether it is held has it for a moment."""

_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK})
"""How systems say that somebody else has it; anything else says that there is no having it."""

_FAR_AWAY = 1 << 30
"""Where the lock is laid on Windows, which does not let others read the bytes that are locked."""


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the ledger at ``path`` alone; raises LedgerError that names the process that holds it already."""
    beside = Path(f"{path}.lock")
    beside.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _take(beside)
    try:
        _sign(descriptor)
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps an open file; the next holder signs it anew.
            beside.unlink()
        os.close(descriptor)


def holder(path: str) -> str | None:
    """Which process holds the ledger at ``path`` alone right now, in its own words; ``None`` if nobody does."""
    beside = Path(f"{path}.lock")
    try:
        descriptor = os.open(beside, os.O_RDWR)
    except OSError:  # There is none; or it is another user's, and so is the ledger then.
        return None
    try:
        # What a killed process left behind is not held; the moment this holds it, others wait for.
        return None if _lock(descriptor) else _signature(descriptor, beside)
    except OSError:  # A disk without locks, on which nobody can hold anything.
        return None
    finally:
        os.close(descriptor)


def _take(beside: Path) -> int:
    while True:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            is_mine = _lock_patiently(descriptor)
            holder = "" if is_mine else _signature(descriptor, beside)
        except OSError as error:
            os.close(descriptor)
            raise _lockless(beside, error) from error
        if not is_mine:
            os.close(descriptor)
            raise _refusal(beside, holder)
        if _is_still(descriptor, beside):
            return descriptor
        os.close(descriptor)  # Its holder removed it between our opening and our locking.


def _lock_patiently(descriptor: int) -> bool:
    for _ in range(_LOOKS - 1):
        if _lock(descriptor):
            return True
        time.sleep(_A_LOOK)
    return _lock(descriptor)


def _lock(descriptor: int) -> bool:
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
        if error.errno in _HELD:
            return False
        raise
    return True


def _is_still(descriptor: int, beside: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), beside.stat())
    except FileNotFoundError:
        return False


def _signature(descriptor: int, beside: Path) -> str:
    text = os.pread(descriptor, 200, 0) if hasattr(os, "pread") else beside.read_bytes()
    return text.decode(errors="replace")


def _sign(descriptor: int) -> None:
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.truncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}, since {since}".encode())


def _lockless(beside: Path, error: OSError) -> LedgerError:
    code = errno.errorcode.get(error.errno or 0, str(error))
    return LedgerError(
        f"the disk of {beside} lets no file be locked ({code}), so two runs could work with one ledger unnoticed",
        hint="Set LEDGER_PATH to a file on this computer's own disk; some network disks have to be mounted with locks.",
    )


def _refusal(beside: Path, holder: str) -> LedgerError:
    ledger = str(beside).removesuffix(".lock")
    return LedgerError(
        f"another smug2s3 works with the ledger {ledger} ({holder or 'it does not say which'})",
        hint="Wait for it, or stop it. For another account or bucket set LEDGER_PATH to a file of its own.",
    )
