"""The full-text index that `find` uses, kept up to date by triggers, where this SQLite can have one."""

from __future__ import annotations

import sqlite3

_TRIGGERS = ("details_added", "details_removed", "details_changed")
_REMOVED = """
    INSERT INTO search (search, rowid, album, names, title, caption, keywords)
    VALUES ('delete', old.number, old.album, old.names, old.title, old.caption, old.keywords);
"""
_ADDED = """
    INSERT INTO search (rowid, album, names, title, caption, keywords)
    VALUES (new.number, new.album, new.names, new.title, new.caption, new.keywords);
"""
_BUILD = (
    """
    CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5 (
        album, names, title, caption, keywords, content='details', content_rowid='number',
        tokenize='unicode61 remove_diacritics 2'
    )
    """,
    "INSERT INTO search (search) VALUES ('rebuild')",
    f"CREATE TRIGGER details_added AFTER INSERT ON details BEGIN {_ADDED} END",
    f"CREATE TRIGGER details_removed AFTER DELETE ON details BEGIN {_REMOVED} END",
    f"CREATE TRIGGER details_changed AFTER UPDATE ON details BEGIN {_REMOVED} {_ADDED} END",
)


def is_possible(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite was built with it."""
    return connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is not None


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the ledger's index has everything: it has if there are triggers that keep it so."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return {name for (name,) in found}.issuperset(_TRIGGERS)


def is_due(connection: sqlite3.Connection) -> bool:
    """Whether ``prepare`` would build it."""
    return is_possible(connection) and not is_current(connection)


def prepare(connection: sqlite3.Connection) -> None:
    """Build the index if it is due; where there cannot be one, let writes do without it until there can."""
    possible = is_possible(connection)
    if possible == is_current(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if not possible:
            for name in _TRIGGERS:
                connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        elif not is_current(connection):  # another process that opens the ledger may have been faster
            for statement in _BUILD:
                connection.execute(statement)
