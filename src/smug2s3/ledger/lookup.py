"""Looks up what is in the archive, from the ledger alone and also during a run; locks and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from smug2s3.errors import LedgerError
from smug2s3.ledger import schema, search_index, statements
from smug2s3.ledger.held import Notify
from smug2s3.ledger.rows import export_row
from smug2s3.ledger.status import reading
from smug2s3.rules.contents import AlbumTotals
from smug2s3.rules.search import Query

_OTHER_PYTHON = "Install smug2s3 with another Python, such as one that uv downloads. Everything else works without it."

File = dict[str, Any]
"""A file with the columns of ``rules.export_table``."""


def is_current(path: str, notify: Notify) -> bool:
    """Whether the ledger has this version's format and index; an older one must be opened once before it is looked up."""
    with reading(path, notify) as ledger:
        return schema.format_of(ledger) == len(schema.MIGRATIONS) and not search_index.is_due(ledger)


def albums(path: str, notify: Notify) -> list[AlbumTotals]:
    """Every album with its stored files and their bytes, by path."""
    with reading(path, notify) as ledger:
        return [AlbumTotals(*row) for row in ledger.execute(statements.ALBUMS_WITH_TOTALS)]


def files_of(path: str, notify: Notify, album_keys: Iterable[str]) -> Iterator[File]:
    """The files of these albums, stored or not, album by album and by key."""
    with reading(path, notify) as ledger:
        for album_key in album_keys:
            yield from map(export_row, ledger.execute(statements.FILES_OF_ALBUM, (album_key,)))


def found(path: str, notify: Notify, query: Query) -> Iterator[File]:
    """The files that the query fits, stored or not, by album and key; raises LedgerError if there can be no index."""
    statement, wanted = (statements.FOUND, query.indexed) if query.indexed else (statements.SCANNED, query.like)
    with reading(path, notify) as ledger:
        refuse_without_index(ledger, query)
        yield from filter(query.holds, map(export_row, ledger.execute(statement, (wanted,))))


def refuse_without_index(ledger: sqlite3.Connection, query: Query) -> None:
    """Raise LedgerError if the query needs an index that this SQLite cannot have."""
    if query.indexed and not search_index.is_possible(ledger):
        raise LedgerError("find needs full-text search (FTS5), which this Python's SQLite lacks", hint=_OTHER_PYTHON)
