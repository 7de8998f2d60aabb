"""One sync at a time on one ledger: a lock the system itself takes back when its holder dies."""

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
    """Hold the ledger at ``path`` alone; raises LedgerError that names the process that holds it already."""
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
        with contextlib.suppress(OSError):  # Windows keeps an open file; the next holder signs it anew.
            beside.unlink()
        os.close(descriptor)


def holder(path: str) -> str | None:
    """Which process holds the ledger at ``path`` alone right now, in its own words; ``None`` if nobody does."""
    if lacking(path):
        return user(Path(f"{path}.in-use"))
    beside = Path(f"{path}.lock")
    try:
        descriptor = os.open(beside, os.O_RDWR)
    except OSError:  # There is none; or it is another user's, and so is the ledger then.
        return None
    try:
        # What a killed process left behind is not held; the moment this holds it, others wait for.
        return None if lock(descriptor) else _signature(descriptor, beside)
    except OSError:  # A disk without locks that lets nothing be written either.
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
        os.close(descriptor)  # Its holder removed it between our opening and our locking.


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
