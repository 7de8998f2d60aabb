"""Reads the status from the ledger in one transaction, also during a run; locks, changes and leaves nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from smug2s3.errors import LedgerError
from smug2s3.ledger import rows, schema, statements, status_statements
from smug2s3.ledger.database import Row, ledger_error
from smug2s3.ledger.held import ONE_TRY, Notify, Waiting, ignore
from smug2s3.ledger.lock import holder
from smug2s3.ledger.lockless import lacking
from smug2s3.models import Known
from smug2s3.rules.status import Left, OpenAlbum, Status
from smug2s3.rules.verification import Verification

RUNS_SHOWN = 5

_VERIFICATIONS_SINCE = 3
"""The first format with verifications."""

_UNANSWERED_SINCE = 8
"""The first format that knows for which items SmugMug did not list the files in SmugMug Source."""

AT_ONCE = 0.1
"""Seconds to wait for a lock if no answer is acceptable."""

_WAYS_IN = ("mode=rw", "mode=ro", "mode=ro&immutable=1")
"""Writable first, so that SQLite can delete its own side files, though nothing is ever written. If it must
create them and cannot, no process can write, and the file can be read as it is."""


def read_status(path: str, notify: Notify = ignore) -> Status:
    """Everything at one moment; raises LedgerError for a file that is not a ledger. Accepts any earlier format.

    ``notify`` is called for a wait for another program.
    """
    held_by = holder(path)
    with reading(path, notify) as ledger:
        version = schema.format_of(ledger)
        return _status(ledger, version, path, held_by) if version else Status(path=path, holder=held_by)


def bound_to(path: str, notify: Notify = ignore) -> dict[str, str]:
    """The account and destination a ledger is bound to; empty if it is new or nothing is stored yet."""
    if not Path(path).exists():
        return {}
    with reading(path, notify) as ledger:
        return dict(ledger.execute(statements.ABOUT)) if _is_bound(ledger) else {}


def is_unbound(path: str, notify: Notify = ignore) -> bool:
    """Whether it is a ledger without stored files; false if it is not a ledger or damaged."""
    try:
        with reading(path, notify) as ledger:
            return not _is_bound(ledger)
    except LedgerError:
        return False


def _is_bound(ledger: sqlite3.Connection) -> bool:
    return bool(schema.format_of(ledger) and _one(ledger, statements.IS_BOUND)[0])


def unmoved(path: str, notify: Notify = ignore) -> Iterator[tuple[str, Known, str, int]]:
    """Key, state, reason and bytes of every file that failed, is not available or could not be updated, by key."""
    with reading(path, notify) as ledger:
        if schema.format_of(ledger):
            for key, state, reason, size in ledger.execute(status_statements.FAILED_OR_UNAVAILABLE):
                yield key, Known(state), reason, size or 0


def album_paths(path: str) -> list[str]:
    """Every album's path; does not wait for a lock, since the user is waiting."""
    with reading(path, ignore, patient=False) as ledger:
        return [found for (found,) in ledger.execute(statements.ALBUM_PATHS)] if schema.format_of(ledger) else []


def _status(ledger: sqlite3.Connection, version: int, path: str, held_by: str | None) -> Status:
    files, not_moved, gone = _one(ledger, status_statements.COUNT_ASSETS)
    size, own_files, previews, previews_bytes, queued_sidecars = _one(ledger, status_statements.SUM_OBJECTS)
    components, components_bytes, components_left = _one(ledger, status_statements.COUNT_COMPONENTS)
    runs = tuple(rows.past_run(row) for row in ledger.execute(status_statements.NEWEST_RUNS, (RUNS_SHOWN,)))
    return Status(
        path=path,
        about=dict(ledger.execute(statements.ABOUT)),
        holder=held_by,
        done=files - not_moved,
        gone=gone,
        stored_bytes=size or 0,
        components=components,
        components_bytes=components_bytes or 0,
        components_left=components_left,
        own_files=own_files or 0,
        previews=previews or 0,
        previews_bytes=previews_bytes or 0,
        queued_sidecars=queued_sidecars or 0,
        left=tuple(_left(row) for row in ledger.execute(status_statements.LEFT_BY_REASON)),
        unanswered=_unanswered(ledger) if version >= _UNANSWERED_SINCE else (),
        albums_complete=_one(ledger, status_statements.COUNT_COMPLETE)[0],
        albums_open=tuple(_open_albums(ledger)),
        runs=runs,
        moved_so_far=_one(ledger, status_statements.COUNT_STORED_SINCE, runs[0].began)[0]
        if runs and held_by is not None
        else 0,
        changed_at=_one(ledger, status_statements.LAST_CHANGE)[0],
        verified=_verified(ledger) if version >= _VERIFICATIONS_SINCE else None,
    )


@contextmanager
def reading(path: str, notify: Notify, *, patient: bool = True) -> Iterator[sqlite3.Connection]:
    """A read-only snapshot of the ledger; unless ``patient``, does not wait for a lock."""
    address = Path(path).absolute().as_uri()
    # Without locks nothing is deleted: a side file may belong to a running commit.
    ways_in = _WAYS_IN[-1:] if lacking(path) else _WAYS_IN
    waiting = Waiting(path, notify)
    try:
        with closing(
            waiting.through_now(lambda: _open(address, ways_in, ONE_TRY))
            if patient
            else _open(address, ways_in, AT_ONCE)
        ) as connection:
            connection.execute("BEGIN")
            yield connection
    except (OSError, ValueError, sqlite3.Error) as error:
        raise ledger_error(path, error) from error


def _open(address: str, ways_in: tuple[str, ...], seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{address}?{ways_in[0]}", uri=True, isolation_level=None, timeout=seconds)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        if ways_in[1:] and ("readonly" in str(error) or "unable to open" in str(error)):
            return _open(address, ways_in[1:], seconds)
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _one(ledger: sqlite3.Connection, statement: str, *values: str) -> Row:
    return tuple(ledger.execute(statement, values).fetchone())


def _open_albums(ledger: sqlite3.Connection) -> Iterator[OpenAlbum]:
    left: dict[str, dict[str, int]] = {}
    for album, state, files in ledger.execute(status_statements.LEFT_BY_ALBUM):
        left.setdefault(album, {})[state] = files
    for album, counted, known, former in ledger.execute(status_statements.OPEN_ALBUMS):
        states = left.get(album, {})
        yield OpenAlbum(
            counted=counted,
            present=known - former,
            former=former,
            failed=states.get(Known.FAILED, 0),
            waiting=states.get(Known.MOVING, 0),
            unavailable=states.get(Known.UNAVAILABLE, 0),
        )


def _verified(ledger: sqlite3.Connection) -> Verification | None:
    found = ledger.execute(statements.LAST_VERIFICATION).fetchone()
    return rows.verification(found) if found else None


def _unanswered(ledger: sqlite3.Connection) -> tuple[Left, ...]:
    return tuple(_left(row) for row in ledger.execute(status_statements.UNANSWERED_BY_REASON))


def _left(row: Row) -> Left:
    state, reason, files, size = row
    return Left(state=Known(state), reason=reason, files=files, bytes=size or 0)
