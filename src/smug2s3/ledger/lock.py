"""Allows one sync at a time per ledger, with a lock that the system releases when its holder dies."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smug2s3.ledger.lockless import A_LOOK, LOOKS, in_use, lacking, lock, refusal, signature, user


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the exclusive lock of the ledger at ``path``; raises LedgerError with the process that holds it already."""
    beside = Path(f"{path}.lock")
    beside.parent.mkdir(parents=True, exist_ok=True)
    if lacking(path):
        with in_use(Path(f"{path}.in-use")):
            yield
        return
    descriptor = _take(beside)
    try:
        _sign(descriptor)
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows cannot delete an open file; the next holder rewrites it.
            beside.unlink()
        os.close(descriptor)


def holder(path: str) -> str | None:
    """The process that holds the exclusive lock of ``path``, as it describes itself; ``None`` if none does."""
    if lacking(path):
        return user(Path(f"{path}.in-use"))
    beside = Path(f"{path}.lock")
    try:
        descriptor = os.open(beside, os.O_RDWR)
    except OSError:  # there is none, or it belongs to another user, like the ledger then
        return None
    try:
        # A lock file left by a killed process is not locked; others wait for this short test.
        return None if lock(descriptor) else _signature(descriptor, beside)
    except OSError:  # a disk without locks that is not writable either
        return None
    finally:
        os.close(descriptor)


def _take(beside: Path) -> int:
    while True:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            is_mine = _lock_patiently(descriptor)
            holder = "" if is_mine else _signature(descriptor, beside)
        except BaseException:
            os.close(descriptor)
            raise
        if not is_mine:
            os.close(descriptor)
            raise refusal(beside, holder)
        if _is_still(descriptor, beside):
            return descriptor
        os.close(descriptor)  # its holder deleted it between our opening and locking


def _lock_patiently(descriptor: int) -> bool:
    for _ in range(LOOKS - 1):
        if lock(descriptor):
            return True
        time.sleep(A_LOOK)
    return lock(descriptor)


def _is_still(descriptor: int, beside: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), beside.stat())
    except FileNotFoundError:
        return False


def _signature(descriptor: int, beside: Path) -> str:
    text = os.pread(descriptor, 200, 0) if hasattr(os, "pread") else beside.read_bytes()
    return text.decode(errors="replace")


def _sign(descriptor: int) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.truncate(descriptor, 0)
    os.write(descriptor, signature().encode())
