"""The ledger's SQLite file: opens it, reads, and writes in commits shared by concurrent writers."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

import aiosqlite

from smug2s3.errors import LedgerError
from smug2s3.ledger import schema
from smug2s3.ledger.held import ONE_TRY, Notify, Waiting, ignore, is_held, whose
from smug2s3.ledger.lock import locked
from smug2s3.ledger.lockless import lacking

Row = tuple[Any, ...]
Write = tuple[str, Row]

LEAST_ROOM = 64 * 1024
"""Free bytes below which SQLite's I/O errors are about a full disk."""


class Database:
    """One open SQLite file; every failure is raised as a LedgerError."""

    def __init__(self, connection: aiosqlite.Connection, path: str, notify: Notify = ignore) -> None:
        self.connection = connection
        self.path = path
        self._to_read, self._to_write = Waiting(path, notify), Waiting(path, notify)
        self._waiting: list[tuple[list[Write], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def read(self, statement: str, *values: Any) -> list[Row]:
        """All rows of one statement."""
        try:
            rows = await self._to_read.through(lambda: self.connection.execute_fetchall(statement, values))
            return [tuple(row) for row in rows]
        except sqlite3.Error as error:
            raise ledger_error(self.path, error) from error

    async def write(self, *writes: Write) -> None:
        """Return once the writes are committed, together with other writes queued meanwhile.

        A caller cancelled meanwhile gets the cancellation at its next await, so that it counts what was committed.
        """
        if not writes:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((list(writes), done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._commit_waiting())
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait({done})
            if done.exception() is not None:
                raise
            _cancel_at_next_wait()

    async def _commit_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            failure: LedgerError | None = None
            try:
                await self._commit(_in_columns(writes for writes, _ in batch))
            except Exception as error:  # noqa: BLE001 - whatever it is, waiting tasks must get it
                failure = ledger_error(self.path, error)
            for _, done in batch:
                if not done.done():
                    done.set_exception(failure) if failure else done.set_result(None)

    async def _commit(self, writes: list[Write]) -> None:
        """Run in one step in the connection's thread: a read between two statements would see partial changes."""
        own = self.connection
        await self._to_write.through(lambda: own._execute(_in_one_go, own._conn, writes))  # type: ignore[no-untyped-call]  # noqa: SLF001 - no public way

    async def close(self) -> None:
        """Finish pending writes."""
        if self._writer is not None:
            await self._writer


def _cancel_at_next_wait() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.uncancel()
    task.cancel()


def _in_one_go(connection: sqlite3.Connection, writes: list[Write]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement, group in groupby(writes, key=lambda write: write[0]):
            connection.executemany(statement, [values for _, values in group])
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _in_columns(lists: Iterable[list[Write]]) -> list[Write]:
    """First writes of all callers, then second writes: equal statements are adjacent and run as one.

    Only the order of one caller's own writes matters; concurrent writes are independent.
    """
    return [write for column in zip_longest(*lists) for write in column if write]


def has_begun(path: str) -> bool:
    """Whether there is a file with anything in it: whoever only reads must not make a ledger of an empty one."""
    return Path(path).exists() and Path(path).stat().st_size > 0


def existing(path: str) -> str:
    """``path`` itself; raises LedgerError if there is no ledger yet."""
    if not has_begun(path):
        empty = Path(path).exists()
        raise LedgerError(
            f"no ledger at {path}{', only an empty file' * empty}",
            hint="Run `smug2s3 sync` first. If you have a ledger elsewhere, set LEDGER_PATH to it; if it was lost, "
            "run `smug2s3 ledger rebuild`.",
        )
    return path


@contextmanager
def holding(path: str) -> Iterator[None]:
    """Hold the exclusive lock of the ledger, whether it exists yet or not."""
    with ExitStack() as held:
        try:
            held.enter_context(locked(path))
        except OSError as error:
            raise ledger_error(path, error) from error
        yield


@asynccontextmanager
async def connected(path: str, notify: Notify) -> AsyncIterator[aiosqlite.Connection]:
    """A connection to the ledger at ``path``, created if absent and brought up to date; closed at the end of the block."""
    try:
        if path != ":memory:":
            _create_private(Path(path))
        connection = await _opened(path, notify)
    except (OSError, ValueError, sqlite3.Error) as error:
        raise ledger_error(path, error) from error
    try:
        yield connection
    finally:
        await asyncio.shield(connection.close())


async def _opened(path: str, notify: Notify) -> aiosqlite.Connection:
    # Opened before its thread starts: a failure would leave the thread behind.
    ready = await Waiting(path, notify).through(lambda: _ready(path, notify))
    try:
        return await aiosqlite.Connection(lambda: ready, iter_chunk_size=64)
    except BaseException:
        ready.close()
        raise


async def _ready(path: str, notify: Notify) -> sqlite3.Connection:
    loop = asyncio.get_running_loop()

    def said(text: str) -> None:
        loop.call_soon_threadsafe(notify, text)

    opening = asyncio.ensure_future(asyncio.to_thread(_connect, path, said))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        with suppress(OSError, ValueError, sqlite3.Error):
            (await opening).close()  # a cancelled waiter leaves nothing open
        raise


def _connect(path: str, notify: Notify) -> sqlite3.Connection:
    if path != ":memory:" and lacking(path):
        return _connect_alone(path, notify)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=ONE_TRY)
    try:
        # In WAL mode this survives a killed process; a power cut may lose the last moments, which are repeated.
        connection.execute("PRAGMA synchronous = NORMAL")
        schema.prepare(connection, notify)
        connection.execute("PRAGMA journal_mode = WAL")  # last: it writes, and a foreign database stays untouched
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_alone(path: str, notify: Notify) -> sqlite3.Connection:
    """For disks without locks: every process that opens the ledger holds it exclusively."""
    address = f"{Path(path).absolute().as_uri()}?vfs=unix-none"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # first: it avoids shared memory
        schema.prepare(connection, notify)
        connection.execute("PRAGMA journal_mode = DELETE")  # so that the file itself is up to date for readers
    except BaseException:
        connection.close()
        raise
    return connection


def _create_private(path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def ledger_error(path: str, error: Exception) -> LedgerError:
    """A sentence for an error of SQLite or the file system."""
    text = str(error)
    if "not a database" in text or isinstance(error, ValueError):
        reason = text if isinstance(error, ValueError) else "it is not a smug2s3 ledger"
        return LedgerError(
            f"the ledger {path} cannot be used: {reason}", hint="Set LEDGER_PATH to another file, or update smug2s3."
        )
    if "malformed" in text:
        return LedgerError(
            f"the ledger {path} is damaged: {text}",
            hint="Rename it, then rebuild it from the bucket with `smug2s3 ledger rebuild`.",
        )
    if is_held(error):
        return LedgerError(
            f"the ledger {path} is locked by {whose(path)}",
            hint="Close it there, or save or discard the changes; then run the same command again.",
        )
    if "disk is full" in text or getattr(error, "errno", None) == errno.ENOSPC or _had_no_room(path, text):
        return LedgerError(
            f"the ledger {path} cannot be written: the disk is full",
            hint=("Free up disk space, then run the same command again."),
        )
    reason = (isinstance(error, OSError) and error.strerror) or text
    return LedgerError(
        f"the ledger {path} cannot be used: {reason}", hint=("Check LEDGER_PATH and the permissions of its folder.")
    )


def _had_no_room(path: str, text: str) -> bool:
    """SQLite calls it an I/O error if the index of its write-ahead log, which grows by 32 KiB, has no room left."""
    if "disk I/O error" not in text:
        return False
    try:
        return shutil.disk_usage(Path(path).parent).free < LEAST_ROOM
    except OSError:
        return False
