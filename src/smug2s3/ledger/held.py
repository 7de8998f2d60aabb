"""Waits for another program that locks the ledger, such as a database browser, and finds out which one it is."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
Notify = Callable[[str], None]

ONE_TRY = 2.0
"""Seconds that SQLite waits by itself; commits of two of our own commands take less."""

LONGEST = 60.0
"""Seconds after which the holder is assumed to need closing."""

_BETWEEN = 0.05


def ignore(_: str) -> None:
    """Ignore the note."""


def is_held(error: Exception) -> bool:
    """Whether the error is only that the database is locked."""
    return isinstance(error, sqlite3.OperationalError) and str(error) == "database is locked"


class Waiting:
    """Decides whether to retry after finding the ledger at ``path`` locked; calls ``notify`` once per wait."""

    def __init__(self, path: str, notify: Notify) -> None:
        self._path = path
        self._notify = notify
        self._since: float | None = None
        self._given_up = False

    def again(self, error: Exception) -> bool:
        """Whether to try again. After one wait in vain nothing waits again, or the end of a run would, too."""
        if not is_held(error) or self._given_up:
            return False
        if self._since is None:
            self._since = time.monotonic() - ONE_TRY
            self._notify(
                f"the ledger {self._path} is locked by {whose(self._path)}; waiting up to {LONGEST:.0f} seconds"
            )
        self._given_up = time.monotonic() - self._since >= LONGEST
        return not self._given_up

    def over(self) -> None:
        """Record success."""
        self._since, self._given_up = None, False

    async def through(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The result of ``ask`` once the ledger is not locked."""
        while True:
            try:
                result = await ask()
            except sqlite3.OperationalError as error:
                if not self.again(error):
                    raise
                await asyncio.sleep(_BETWEEN)
            else:
                self.over()
                return result

    def through_now(self, ask: Callable[[], T]) -> T:
        """The same without an event loop."""
        while True:
            try:
                return ask()
            except sqlite3.OperationalError as error:
                if not self.again(error):
                    raise
                time.sleep(_BETWEEN)


def whose(path: str) -> str:
    """Which process locks the ledger, if known; only Linux shows it."""
    try:
        files = {_numbers(file) for file in (Path(path), Path(f"{path}-shm")) if file.exists()}
        locks = [line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()]
        holders = {int(lock[4]): lock[3] for lock in locks if lock[1] == "POSIX" and lock[5] in files}
    except (OSError, ValueError, IndexError):
        holders = {}
    others = [process for process in holders if process not in (os.getpid(), 0, -1)]
    if not others:
        return "another program (perhaps a database browser)"
    process = next((one for one in others if holders[one] == "WRITE"), others[0])
    return f"process {process}{_name(process)}"


def _numbers(file: Path) -> str:
    """Device and file as ``/proc/locks`` writes them."""
    entry = file.stat()
    return f"{os.major(entry.st_dev):02x}:{os.minor(entry.st_dev):02x}:{entry.st_ino}"


def _name(process: int) -> str:
    try:
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
    return f" ({name})" if name.isprintable() else ""
