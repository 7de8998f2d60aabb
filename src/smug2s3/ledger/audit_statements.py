"""The SQL statements of a verification, by name."""

# Temporary tables of one verification, which vanish with the process. The result of checking a single object overrides
# the listing, but only for the bytes recorded then: a run during the verification may have stored other bytes.
VERIFICATION = (
    "CREATE TEMP TABLE IF NOT EXISTS listed (key TEXT PRIMARY KEY, size INTEGER, etag TEXT) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS looked (key TEXT PRIMARY KEY, md5 TEXT, state TEXT, detail TEXT) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS seen (image_key TEXT PRIMARY KEY) WITHOUT ROWID",
    "DELETE FROM listed",
    "DELETE FROM looked",
    "DELETE FROM seen",
)
LISTED = "INSERT OR REPLACE INTO listed (key, size, etag) VALUES (?, ?, ?)"
LISTED_ONE = "SELECT key, size, etag FROM listed WHERE key = ?"
LISTED_ENDING = (
    "SELECT key, size, etag FROM listed WHERE substr(key, -length(?1)) = ?1 AND key > ?2 ORDER BY key LIMIT 100"
)
LISTED_AFTER = "SELECT key, size, etag FROM listed WHERE key > ? AND key < ? ORDER BY key LIMIT 1000"
UNKNOWN = "SELECT count(*) FROM listed WHERE key NOT IN (SELECT key FROM objects)"
STRANGERS = "SELECT key FROM listed WHERE key NOT IN (SELECT key FROM objects)"

LOOKED = "INSERT OR REPLACE INTO looked (key, md5, state, detail) VALUES (?, ?, ?, ?)"
SAW = "INSERT OR IGNORE INTO seen SELECT value FROM json_each(?)"
COUNT_SEEN = "SELECT count(*) FROM seen"
_HELD = """o.key, o.image_key, o.size, o.md5, o.etag, o.proof, o.crc64, l.key, l.size, l.etag, k.state, k.detail"""
_FOUND = "LEFT JOIN looked k ON k.key = o.key AND k.md5 = o.md5"
_BESIDE = f"LEFT JOIN listed l ON l.key = o.key {_FOUND}"
# The simple case of `rules.evidence`, so that of a million objects only those in doubt are checked one by one.
_PLAINLY_RIGHT = "k.key IS NULL AND l.size = o.size AND l.etag = o.md5 AND o.proof <> 'wrong'"
COUNT_PLAINLY_RIGHT = f"SELECT count(*) FROM objects o {_BESIDE} WHERE {_PLAINLY_RIGHT}"
IN_DOUBT_AFTER = f"""
SELECT {_HELD} FROM objects o {_BESIDE} WHERE o.key > ? AND NOT coalesce({_PLAINLY_RIGHT}, 0) ORDER BY o.key LIMIT 1000
"""
THERE_AFTER = f"""
SELECT {_HELD} FROM objects o JOIN listed l ON l.key = o.key AND l.size = o.size {_FOUND}
WHERE o.key > ? ORDER BY o.key LIMIT 1000
"""
HELD_OF_ALBUM = (
    f"SELECT s.image_key, {_HELD} FROM assets s JOIN objects o ON o.key = s.key {_BESIDE} WHERE s.album_key = ?"
)
ALBUM_FILE = (
    f"SELECT a.told, {_HELD} FROM albums a JOIN objects o ON o.key = a.sidecar_key {_BESIDE} WHERE a.album_key = ?"
)
# Only while the row is about the same bytes: a run during the verification may have stored others.
SEEN_BYTES = "UPDATE objects SET etag = ?, proof = ? WHERE key = ? AND md5 = ? AND etag = ?"
