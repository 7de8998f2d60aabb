"""The ledger's tables as numbered migrations: each step and its number are committed together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from smug2s3.ledger import search_index

APPLICATION_ID = 0x536D3253
"""``Sm2S``: marks an SQLite file as a ledger of smug2s3."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE runs (
        run TEXT PRIMARY KEY, began TEXT NOT NULL, ended TEXT, summary TEXT
    );
    CREATE TABLE about (
        name TEXT PRIMARY KEY, value TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE directories (
        directory TEXT PRIMARY KEY, node_id TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE albums (
        album_key TEXT PRIMARY KEY, path TEXT NOT NULL, directory TEXT NOT NULL, image_count INTEGER,
        fingerprint TEXT NOT NULL DEFAULT '', complete INTEGER NOT NULL DEFAULT 0, listed_at TEXT NOT NULL DEFAULT '',
        sidecar_key TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    CREATE TABLE assets (
        album_key TEXT NOT NULL, image_key TEXT NOT NULL, filename TEXT NOT NULL, identity TEXT NOT NULL,
        size INTEGER, md5 TEXT, key TEXT NOT NULL, name_wanted TEXT NOT NULL, described TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', gone_at TEXT, changed_at TEXT NOT NULL,
        PRIMARY KEY (album_key, image_key)
    ) WITHOUT ROWID;
    CREATE INDEX assets_left ON assets (state) WHERE state <> 'moved';
    CREATE TABLE objects (
        key TEXT PRIMARY KEY, album_key TEXT NOT NULL, image_key TEXT NOT NULL, size INTEGER NOT NULL,
        md5 TEXT NOT NULL, etag TEXT NOT NULL, stored_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX objects_of_album ON objects (album_key);
    """,
    # The server's checksum of whole objects; and the albums of an image collected into more than one.
    """
    ALTER TABLE objects ADD COLUMN crc64 TEXT NOT NULL DEFAULT '';
    CREATE INDEX assets_of_image ON assets (image_key);
    """,
    # Facts for reports: when pictures were taken, which are videos, and the result of every verify.
    """
    ALTER TABLE assets ADD COLUMN taken TEXT NOT NULL DEFAULT '';
    ALTER TABLE assets ADD COLUMN uploaded TEXT NOT NULL DEFAULT '';
    ALTER TABLE assets ADD COLUMN is_video INTEGER;
    CREATE TABLE verifications (
        number INTEGER PRIMARY KEY, began TEXT NOT NULL, ended TEXT NOT NULL, levels TEXT NOT NULL,
        clean INTEGER NOT NULL, safe INTEGER, verdict TEXT NOT NULL, summary TEXT NOT NULL
    );
    """,
    # Unfinished and removed files are counted without a pass over all files.
    """
    DROP INDEX assets_left;
    CREATE INDEX assets_left ON assets (state, gone_at, reason, size) WHERE state <> 'moved';
    CREATE INDEX assets_gone ON assets (album_key, state) WHERE gone_at IS NOT NULL;
    """,
    # Gone is a state of its own: a failed file that is no longer listed is forgotten, and copied if it is listed again.
    # Objects have their proof, albums the digest of their `_album.json`. Every album is listed again to find that out.
    """
    CREATE TABLE assets_new (
        album_key TEXT NOT NULL, image_key TEXT NOT NULL, filename TEXT NOT NULL, identity TEXT NOT NULL,
        size INTEGER, md5 TEXT, key TEXT NOT NULL, name_wanted TEXT NOT NULL, described TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', gone_at TEXT, changed_at TEXT NOT NULL,
        taken TEXT NOT NULL DEFAULT '', uploaded TEXT NOT NULL DEFAULT '', is_video INTEGER,
        PRIMARY KEY (album_key, image_key),
        CHECK (state IN ('moving', 'moved', 'failed', 'unavailable', 'gone')),
        CHECK ((state = 'gone') = (gone_at IS NOT NULL))
    ) WITHOUT ROWID;
    INSERT INTO assets_new
    SELECT album_key, image_key, filename,
        CASE WHEN gone_at IS NOT NULL AND state <> 'moved' THEN '' ELSE identity END,
        size, md5, key, name_wanted, described, CASE WHEN gone_at IS NULL THEN state ELSE 'gone' END,
        CASE WHEN gone_at IS NULL THEN reason ELSE '' END, gone_at, changed_at, taken, uploaded, is_video
    FROM assets s WHERE gone_at IS NULL OR state = 'moved'
        OR EXISTS (SELECT 1 FROM objects o WHERE o.key = s.key AND o.image_key = s.image_key);
    DROP TABLE assets;
    ALTER TABLE assets_new RENAME TO assets;
    CREATE INDEX assets_of_image ON assets (image_key);
    CREATE INDEX assets_left ON assets (state, gone_at, reason, size) WHERE state <> 'moved';
    CREATE INDEX assets_gone ON assets (album_key, state) WHERE gone_at IS NOT NULL;
    CREATE INDEX assets_pending ON assets (state, reason) WHERE state = 'moved' AND reason <> '';
    ALTER TABLE objects ADD COLUMN proof TEXT NOT NULL DEFAULT '';
    UPDATE objects SET proof = 'etag' WHERE etag = md5;
    ALTER TABLE albums ADD COLUMN told TEXT NOT NULL DEFAULT '';
    UPDATE albums SET complete = 0;
    """,
    # What SmugMug says of each file, for exports, with the privacy of its album. Until its album is listed again, which
    # a fingerprint that fits no album brings about, only the name is known.
    """
    ALTER TABLE albums ADD COLUMN privacy TEXT NOT NULL DEFAULT '';
    CREATE TABLE details (
        number INTEGER PRIMARY KEY, album_key TEXT NOT NULL, image_key TEXT NOT NULL, names TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '', caption TEXT NOT NULL DEFAULT '', keywords TEXT NOT NULL DEFAULT '',
        taken TEXT NOT NULL DEFAULT '', latitude REAL, longitude REAL, altitude REAL, hidden INTEGER,
        UNIQUE (album_key, image_key)
    );
    INSERT INTO details (album_key, image_key, names) SELECT album_key, image_key, filename FROM assets;
    CREATE TRIGGER details_of_forgotten AFTER DELETE ON assets BEGIN
        DELETE FROM details WHERE album_key = old.album_key AND image_key = old.image_key;
    END;
    UPDATE albums SET fingerprint = '';
    """,
    # The albums' paths, for the full-text index of these details, which `search_index` makes.
    """
    ALTER TABLE details ADD COLUMN album TEXT NOT NULL DEFAULT '';
    UPDATE details SET album = coalesce((SELECT path FROM albums a WHERE a.album_key = details.album_key), '');
    """,
    # The items whose files in SmugMug Source SmugMug did not list, though it was asked: their number by reason, as JSON.
    """
    ALTER TABLE albums ADD COLUMN unanswered TEXT NOT NULL DEFAULT '';
    """,
)

LARGE = 20_000
"""Files from which an update of the ledger takes more than a moment."""

# Table by table: newer versions of SQLite check a full-text index as a whole, which takes two seconds a million files.
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %'"


def format_of(connection: sqlite3.Connection) -> int:
    """The format of the ledger, 0 for a new file.

    Raises ValueError with a sentence for a database of another program or of a newer smug2s3.
    """
    # The owner last: another process that creates the ledger at this moment commits all three together.
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if owner != APPLICATION_ID and (tables or owner or version):
        raise ValueError("it is another program's database")
    if version > len(MIGRATIONS):
        raise ValueError(
            f"it was written by a newer smug2s3 (format {version}; this version reads up to {len(MIGRATIONS)})"
        )
    return version


def prepare(connection: sqlite3.Connection, notify: Callable[[str], None] = lambda _: None) -> None:
    """Bring a new or older ledger up to date; leaves anything that is not a ledger untouched.

    ``notify`` is called before what takes a while.

    Raises what ``format_of`` raises, and sqlite3.DatabaseError for a damaged one (measured: half a second a
    million files).
    """
    version = format_of(connection)
    for (table,) in connection.execute(_TABLES).fetchall():
        found = str(connection.execute(f"PRAGMA quick_check('{table}')").fetchone()[0])
        if found != "ok":
            raise sqlite3.DatabaseError(f"database disk image is malformed: {found.splitlines()[-1]}")
    if version and (version < len(MIGRATIONS) or search_index.is_due(connection)) and _is_large(connection):
        notify("updating the ledger for this version, and its index for `smug2s3 find`; this happens once")
    for number in range(version, len(MIGRATIONS)):
        _migrate(connection, number)
    search_index.prepare(connection)


def _is_large(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) >= ? FROM assets", (LARGE,)).fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Statement by statement: ``executescript`` would commit in between. A trigger has semicolons of its own."""
    statement = ""
    for piece in script.split(";"):
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _migrate(connection: sqlite3.Connection, number: int) -> None:
    """Apply one migration, unless another process that opens the ledger at this moment was faster."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if int(connection.execute("PRAGMA user_version").fetchone()[0]) == number:
            for statement in _statements(MIGRATIONS[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number + 1}")
