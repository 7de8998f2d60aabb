"""The SQL statements of the work queue, by name."""

# Temporary tables, which vanish with the process.
CREATE_QUEUE = (
    "CREATE TEMP TABLE IF NOT EXISTS queue (rank REAL, key TEXT, step BLOB)",
    "CREATE TEMP TABLE IF NOT EXISTS waiting_albums (album_key TEXT PRIMARY KEY, album BLOB)",
    "CREATE TEMP TABLE IF NOT EXISTS waiting (album_key TEXT, part INTEGER, lines BLOB, PRIMARY KEY (album_key, part))",
)
QUEUE_STEP = "INSERT INTO queue (rank, key, step) VALUES (?, ?, ?)"
QUEUE_ALBUM = "INSERT INTO waiting_albums (album_key, album) VALUES (?, ?)"
QUEUE_LINES = "INSERT INTO waiting (album_key, part, lines) VALUES (?, ?, ?)"
QUEUE_INDEX = "CREATE INDEX IF NOT EXISTS queue_order ON queue (rank, key)"
QUEUE_AFTER = """
SELECT rank, key, rowid, step FROM queue WHERE (rank, key, rowid) > (?, ?, ?) ORDER BY rank, key, rowid LIMIT 100
"""
QUEUED_ALBUM = "SELECT album FROM waiting_albums WHERE album_key = ?"
QUEUED_LINES = "SELECT lines FROM waiting WHERE album_key = ? ORDER BY part"
