"""Every SQL statement of the ledger, by name."""

RUN_BEGAN = "INSERT INTO runs (run, began) VALUES (?, ?)"
RUN_ENDED = "UPDATE runs SET ended = ?, summary = ? WHERE run = ?"

VERIFIED = """
INSERT INTO verifications (began, ended, levels, clean, safe, verdict, summary) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
LAST_VERIFICATION = """
SELECT began, ended, levels, clean, safe, verdict, summary FROM verifications ORDER BY number DESC LIMIT 1
"""

ABOUT = "SELECT name, value FROM about"
ADD_ABOUT = "INSERT OR IGNORE INTO about (name, value) VALUES (?, ?)"

IS_BOUND = "SELECT EXISTS (SELECT 1 FROM objects)"
# Of a run that goes on nothing is forgotten.
FORGET_EVERYTHING = (
    "DELETE FROM about",
    "DELETE FROM directories",
    "DELETE FROM albums",
    "DELETE FROM assets",
    "DELETE FROM verifications",
    "DELETE FROM runs WHERE ended IS NOT NULL",
)

DIRECTORIES = "SELECT directory, node_id FROM directories"
ADD_DIRECTORY = "INSERT OR IGNORE INTO directories (directory, node_id) VALUES (?, ?)"

SETTLED = "SELECT fingerprint, listed_at FROM albums WHERE album_key = ? AND complete"
# What lies at the key may belong to another album, which had the photo first: then this is a reference to it.
KNOWN = """
SELECT s.image_key, s.state, s.identity, s.key, s.name_wanted, s.described, s.reason, coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0),
    h.album_key IS NULL OR h.gone_at IS NOT NULL
FROM assets s LEFT JOIN objects o ON o.key = s.key
LEFT JOIN assets h ON o.album_key <> s.album_key AND h.album_key = o.album_key AND h.image_key = o.image_key
    AND h.key = o.key
WHERE s.album_key = ?
"""
ASSET_NOW = "SELECT state, identity, key FROM assets WHERE album_key = ? AND image_key = ?"
# What lies in an album's directory keeps its name, whichever album it belongs to; '0' is what comes after '/'.
TAKEN = """
SELECT key, image_key FROM objects WHERE (album_key = ?1 OR key > ?2 || '/' AND key < ?2 || '0') AND image_key <> ''
"""
OWNER = "SELECT album_key FROM objects WHERE key = ?"
SIDECAR = """
SELECT o.key, o.md5 FROM albums a JOIN objects o ON o.key = a.sidecar_key WHERE a.album_key = ?
"""

FORMER = """
SELECT s.key, s.image_key, s.filename, o.size, o.md5, o.album_key <> s.album_key FROM assets s JOIN objects o ON o.key = s.key
WHERE s.album_key = ? AND s.gone_at IS NOT NULL ORDER BY s.key
"""

# A photo may be collected into many albums, under the same image key.
ELSEWHERE = """
SELECT DISTINCT image_key FROM assets WHERE image_key IN (SELECT value FROM json_each(?)) AND album_key <> ?
"""
TWIN = """
SELECT o.key, o.size, o.md5, o.etag, o.stored_at, o.crc64, o.proof FROM assets s JOIN objects o ON o.key = s.key
WHERE s.image_key = ? AND s.identity = ? AND s.state IN ('moved', 'gone') AND s.album_key <> ?
    AND o.proof NOT IN ('', 'wrong') AND NOT EXISTS (
    SELECT 1 FROM assets t WHERE t.image_key = s.image_key AND t.key = o.key AND t.state NOT IN ('moved', 'gone')
)
ORDER BY o.key LIMIT 1
"""
# The album whose object a photo that came to others too is, as long as it lists the photo.
HOLDER = """
SELECT s.album_key, s.key, s.name_wanted, s.identity FROM assets s JOIN objects o ON o.key = s.key AND o.album_key = s.album_key
WHERE s.image_key = ? AND s.album_key <> ? AND s.gone_at IS NULL ORDER BY o.key LIMIT 1
"""
# Where an object goes, or what bytes it gets, the rows of other albums that refer to it follow, and the own files of
# these albums are written again. What they no longer list has lost its bytes with the photo that was replaced.
UNSETTLE_REFERRING = """
UPDATE albums SET complete = 0 WHERE album_key IN (
    SELECT album_key FROM assets WHERE image_key = ? AND key = ? AND album_key <> ?
        AND (identity <> ? OR state NOT IN ('moved', 'gone'))
)
"""
FORGET_GONE_REFERENCES = """
DELETE FROM assets WHERE image_key = ? AND key = ? AND album_key <> ? AND identity <> ? AND gone_at IS NOT NULL
"""
REFERENCES_REPLACED = """
UPDATE assets SET identity = ?, size = ?, md5 = ?, state = 'moved', reason = ''
WHERE image_key = ? AND key = ? AND album_key <> ? AND (identity <> ? OR state <> 'moved') AND state <> 'gone'
"""
REFERENCES_RENAMED = "UPDATE assets SET key = ? WHERE image_key = ? AND key = ? AND album_key <> ?"

ALBUM_SEEN = """
INSERT INTO albums (album_key, path, directory, image_count) VALUES (?, ?, ?, ?)
ON CONFLICT (album_key) DO UPDATE SET path = excluded.path, directory = excluded.directory,
    image_count = excluded.image_count, complete = 0
"""
ALBUM_REMEMBERED = """
INSERT OR REPLACE INTO albums (album_key, path, directory, sidecar_key) VALUES (?, ?, ?, ?)
"""
# What it tells is put down when the album is settled; a run that is killed before leaves that unknown.
ALBUM_SIDECAR = "UPDATE albums SET sidecar_key = ?, told = '' WHERE album_key = ?"
# An album is not done with while its own file names a key that an object has left meanwhile.
ALBUM_SETTLED = """
UPDATE albums SET fingerprint = ?, listed_at = ?, told = ?, complete = ? AND NOT EXISTS (
    SELECT 1 FROM json_each(?) told LEFT JOIN assets s ON s.album_key = albums.album_key AND s.image_key = told.key
    WHERE s.key IS NOT told.value
)
WHERE album_key = ?
"""

# What an album no longer lists was deleted on SmugMug, or moved to another album. What is stored of it stays, and what
# came back is as it was; of what was never stored there is nothing to remember. A photo whose newer bytes did not come
# keeps its former ones, which are no longer those that SmugMug would list.
_STORED_OF_IT = "EXISTS (SELECT 1 FROM objects o WHERE o.key = assets.key AND o.image_key = assets.image_key)"
_GOES = """
UPDATE assets SET state = 'gone', reason = '', gone_at = ?1, identity = CASE state WHEN 'moved' THEN identity ELSE '' END
"""
NOT_LISTED = f"""
{_GOES} WHERE album_key = ?2 AND state <> 'gone' AND image_key NOT IN (SELECT value FROM json_each(?3)) AND {_STORED_OF_IT}
"""
FORGET_NOT_LISTED = """
DELETE FROM assets WHERE album_key = ? AND state <> 'gone' AND image_key NOT IN (SELECT value FROM json_each(?))
"""
LISTED_AGAIN = """
UPDATE assets SET gone_at = NULL, state = CASE identity WHEN '' THEN 'moving' ELSE 'moved' END
WHERE album_key = ? AND state = 'gone' AND image_key IN (SELECT value FROM json_each(?))
"""

# What was to be written anew of what is stored, and no longer differs, is not pending any more.
NOTHING_PENDING = """
UPDATE assets SET reason = '' WHERE album_key = ? AND state = 'moved' AND reason <> ''
    AND image_key IN (SELECT value FROM json_each(?))
"""

# The same for whole albums; one that shows itself again is listed again, whatever its fingerprint says.
NOT_WALKED = f"""
{_GOES} WHERE state <> 'gone' AND album_key NOT IN (SELECT value FROM json_each(?2)) AND {_STORED_OF_IT}
"""
FORGET_NOT_WALKED = """
DELETE FROM assets WHERE state <> 'gone' AND album_key NOT IN (SELECT value FROM json_each(?))
"""
UNSETTLE_NOT_WALKED = "UPDATE albums SET complete = 0 WHERE album_key NOT IN (SELECT value FROM json_each(?))"

ASSET = """
INSERT INTO assets (album_key, image_key, filename, identity, size, md5, key, name_wanted, described, state, reason,
    changed_at, taken, uploaded, is_video)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (album_key, image_key) DO UPDATE SET filename = excluded.filename, identity = excluded.identity,
    size = excluded.size, md5 = excluded.md5, key = excluded.key, name_wanted = excluded.name_wanted,
    described = excluded.described, state = excluded.state, reason = excluded.reason, gone_at = NULL,
    changed_at = excluded.changed_at, taken = excluded.taken, uploaded = excluded.uploaded,
    is_video = excluded.is_video
"""
# An older smug2s3 did not keep these; what stays as it is gets them when it is listed again.
ASSET_FACTS = """
UPDATE assets SET taken = ?, uploaded = ?, is_video = ? WHERE album_key = ? AND image_key = ? AND is_video IS NULL
"""
ASSET_GONE = "UPDATE assets SET state = 'gone', gone_at = ? WHERE album_key = ? AND image_key = ?"

# Whose an object is stays so: another album may have put the same photo there once more, where it was missing.
OBJECT = """
INSERT INTO objects (key, album_key, image_key, size, md5, etag, stored_at, crc64, proof)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET album_key = CASE
        WHEN excluded.image_key <> '' AND image_key = excluded.image_key THEN album_key ELSE excluded.album_key
    END,
    image_key = excluded.image_key, size = excluded.size, md5 = excluded.md5, etag = excluded.etag,
    stored_at = excluded.stored_at, crc64 = excluded.crc64, proof = excluded.proof
"""
# As albums' own files tell of them, in any order: a reference says that the object is there, but not whose it is.
OBJECT_FOUND = """
INSERT OR REPLACE INTO objects (key, album_key, image_key, size, md5, etag, stored_at, crc64, proof)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
REFERENCE_FOUND = """
INSERT OR IGNORE INTO objects (key, album_key, image_key, size, md5, etag, stored_at, crc64, proof)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
RECORDED = "SELECT key, size, md5, etag, stored_at, crc64, proof FROM objects WHERE key = ?"
OBJECT_COPIED = "UPDATE OR REPLACE objects SET key = ?, etag = ?, crc64 = ?, proof = ? WHERE key = ?"
NOT_DESCRIBED = "UPDATE assets SET reason = ? WHERE album_key = ? AND image_key = ?"
FORGET_OBJECT = "DELETE FROM objects WHERE key = ?"

EXPORT_FIELDS = (
    "album",
    "album_key",
    "image_key",
    "filename",
    "state",
    "reason",
    "key",
    "size",
    "md5",
    "etag",
    "stored_at",
    "gone_at",
    "reference",
)
# Files by album, then what is stored beside them or from earlier times: together every object and every asset.
EXPORT = """
SELECT coalesce(a.path, ''), s.album_key, s.image_key, s.filename, s.state, s.reason, s.key,
    coalesce(o.size, s.size), coalesce(o.md5, s.md5), o.etag, o.stored_at, s.gone_at,
    coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0)
FROM assets s LEFT JOIN albums a USING (album_key) LEFT JOIN objects o ON o.key = s.key
UNION ALL
SELECT coalesce(a.path, ''), o.album_key, o.image_key, '', CASE o.image_key WHEN '' THEN 'sidecar' ELSE 'former' END,
    '', o.key, o.size, o.md5, o.etag, o.stored_at, NULL, 0
FROM objects o LEFT JOIN albums a USING (album_key)
WHERE NOT EXISTS (
    SELECT 1 FROM assets s WHERE s.album_key = o.album_key AND s.image_key = o.image_key AND s.key = o.key
)
ORDER BY 1, 7
"""

MOVED_BY_ALBUM = """
SELECT s.album_key, count(*), sum(o.size) FROM assets s JOIN objects o ON o.key = s.key
WHERE s.state = 'moved' AND s.gone_at IS NULL GROUP BY s.album_key
"""
STORED_SIZE = "SELECT size FROM objects WHERE key = ?"
COUNT_STORED = "SELECT count(*) FROM objects"
STORED_AFTER = "SELECT key, size, md5, image_key FROM objects WHERE key > ? ORDER BY key LIMIT 1000"
# What is missing or different is moved again; what only lost its metadata is described again.
MOVE_AGAIN = "UPDATE assets SET state = 'failed', reason = ?, described = '' WHERE key = ? AND gone_at IS NULL"
# What a gone photo refers to does not stand for it any more either.
NOT_ITS_BYTES = "UPDATE assets SET identity = '' WHERE key = ? AND gone_at IS NOT NULL"
DESCRIBE_AGAIN = "UPDATE assets SET described = '' WHERE key = ? AND state = 'moved'"
# What nothing can mend: a missing object is forgotten with the rows of what is gone; one of wrong bytes no longer stands
# for its photo, which comes anew if it is listed again. What no photo belongs to is then just something in the bucket.
LOST_MISSING = """
DELETE FROM assets WHERE image_key = (SELECT image_key FROM objects WHERE key = ?1) AND key = ?1 AND state = 'gone'
"""
LOST_WRONG = """
UPDATE assets SET identity = ''
WHERE image_key = (SELECT image_key FROM objects WHERE key = ?1) AND key = ?1 AND state = 'gone'
"""
LOST_OBJECT = """
DELETE FROM objects WHERE key = ?1 AND NOT EXISTS (
    SELECT 1 FROM assets s WHERE s.image_key = objects.image_key AND s.key = ?1
)
"""
SIDECAR_AGAIN = "UPDATE albums SET sidecar_key = '' WHERE sidecar_key = ?"
UNSETTLE_OF = """
UPDATE albums SET complete = 0 WHERE sidecar_key = '' OR album_key IN (SELECT album_key FROM assets WHERE key = ?)
"""
UNSETTLE = "UPDATE albums SET complete = 0"
UNSETTLE_ALBUM = "UPDATE albums SET complete = 0 WHERE album_key = ?"
BELONGS = """
SELECT 1 FROM assets WHERE key = ? AND gone_at IS NULL UNION ALL SELECT 1 FROM albums WHERE sidecar_key = ? LIMIT 1
"""
# What is stored and has a reason could not be described or renamed.
UNMOVED = """
SELECT key, state, reason FROM assets WHERE (state <> 'moved' AND gone_at IS NULL) OR (state = 'moved' AND reason <> '')
ORDER BY key
"""

# What a report shows, all of one moment.
SNAPSHOT = "BEGIN"
SNAPSHOT_ENDS = "ROLLBACK"
TOTALS = """
SELECT s.state, coalesce(s.is_video, -1), count(*),
    sum(CASE WHEN coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0) THEN 0 ELSE coalesce(o.size, s.size, 0) END)
FROM assets s LEFT JOIN objects o ON o.key = s.key GROUP BY 1, 2
"""
COUNT_ALBUMS = "SELECT count(*) FROM albums"
SHORT_ALBUMS = """
SELECT a.path, a.image_count, count(s.image_key) AS known FROM albums a
LEFT JOIN assets s ON s.album_key = a.album_key AND s.gone_at IS NULL
WHERE NOT a.complete AND a.image_count IS NOT NULL GROUP BY a.album_key HAVING known < a.image_count ORDER BY a.path
"""
UNMOVED_NAMED = """
SELECT coalesce(a.path, ''), s.filename, s.image_key, s.state, s.reason FROM assets s LEFT JOIN albums a USING (album_key)
WHERE s.state <> 'moved' AND s.gone_at IS NULL ORDER BY 1, 2
"""
YEARS = """
SELECT substr(CASE taken WHEN '' THEN uploaded ELSE taken END, 1, 4), coalesce(is_video, 0), count(*)
FROM assets WHERE state IN ('moved', 'gone') GROUP BY 1, 2 ORDER BY 1
"""
SIZES = """
SELECT (size >= ?) + (size >= ?) + (size >= ?) + (size >= ?) + (size >= ?) + (size >= ?), count(*), sum(size)
FROM objects WHERE image_key <> '' GROUP BY 1 ORDER BY 1
"""
STORED_SPAN = """
SELECT CAST(strftime('%s', min(stored_at)) AS INTEGER), CAST(strftime('%s', max(stored_at)) AS INTEGER)
FROM objects WHERE image_key <> '' AND stored_at <> ''
"""
STORED_SLOTS = """
SELECT CAST(strftime('%s', stored_at) AS INTEGER) / ?1 * ?1, count(*), sum(size) FROM objects
WHERE image_key <> '' AND stored_at <> '' GROUP BY 1 ORDER BY 1
"""
STORED_UNDATED = "SELECT count(*) FROM objects WHERE image_key <> '' AND stored_at = ''"
STORED_SINCE = "SELECT count(*) FROM objects WHERE image_key <> '' AND stored_at > ?"
WHOLE_RUN = """
SELECT coalesce(max(ended), '') FROM runs WHERE ended IS NOT NULL AND json_extract(summary, '$.part') = 0
    AND json_extract(summary, '$.albums_incomplete') = 0 AND json_extract(summary, '$.error') IS NULL
    AND coalesce(json_extract(summary, '$.stopped'), '') = ''
"""
REPORT_ALBUMS = "SELECT album_key, path, directory, image_count, complete FROM albums ORDER BY directory, album_key"
# The bytes of an object count in the album that holds it.
REPORT_FILES = """
SELECT s.filename, s.key, CASE WHEN coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0) THEN NULL ELSE coalesce(o.size, s.size) END,
    s.state, s.reason,
    CASE s.taken WHEN '' THEN s.uploaded ELSE s.taken END, s.is_video
FROM assets s LEFT JOIN objects o ON o.key = s.key WHERE s.album_key = ? ORDER BY s.key
"""
JPEGS = """
SELECT DISTINCT key FROM assets WHERE state IN ('moved', 'gone') AND (lower(key) LIKE '%.jpg' OR lower(key) LIKE '%.jpeg') ORDER BY key
"""

# What one verification looks at, in tables that vanish with the process. What a look at a single object found overrules
# the listing, but only of what is recorded there then: a run beside the verification may have put other bytes there.
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
UNKNOWN = "SELECT count(*) FROM listed WHERE key NOT IN (SELECT key FROM objects)"
STRANGERS = "SELECT key FROM listed WHERE key NOT IN (SELECT key FROM objects)"

LOOKED = "INSERT OR REPLACE INTO looked (key, md5, state, detail) VALUES (?, ?, ?, ?)"
SAW = "INSERT OR IGNORE INTO seen SELECT value FROM json_each(?)"
COUNT_SEEN = "SELECT count(*) FROM seen"
_HELD = """o.key, o.image_key, o.size, o.md5, o.etag, o.proof, o.crc64, l.key, l.size, l.etag, k.state, k.detail"""
_FOUND = "LEFT JOIN looked k ON k.key = o.key AND k.md5 = o.md5"
_BESIDE = f"LEFT JOIN listed l ON l.key = o.key {_FOUND}"
# The plainest case of `rules.evidence`, so that of a million objects only those in doubt are looked at one by one.
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
# Only while the row is of the same bytes: a run beside the verification may have put others there.
SEEN_BYTES = "UPDATE objects SET etag = ?, proof = ? WHERE key = ? AND md5 = ? AND etag = ?"

# What `status` shows. A million files are counted in half a second: what is left has an index, the rest is one pass.
NEWEST_RUNS = "SELECT run, began, ended, summary FROM runs ORDER BY rowid DESC LIMIT ?"
# Of a run that did not live to say so, nobody knows what it stored.
LAST_CHANGE = """
SELECT coalesce(max(coalesce(ended, began)), '') FROM runs WHERE summary IS NULL OR json_extract(summary, '$.moved') > 0
    OR json_extract(summary, '$.described') > 0 OR json_extract(summary, '$.renamed') > 0
"""
COUNT_ASSETS = """
SELECT (SELECT count(*) FROM assets), (SELECT count(*) FROM assets WHERE state <> 'moved' AND state <> 'gone'),
    (SELECT count(*) FROM assets WHERE gone_at IS NOT NULL AND state IN ('moved', 'gone'))
"""
SUM_OBJECTS = """
SELECT sum(CASE WHEN image_key <> '' THEN size END), sum(image_key = '') FROM objects
"""
COUNT_STORED_SINCE = "SELECT count(*) FROM objects WHERE stored_at >= ? AND image_key <> ''"
LEFT_BY_REASON = """
SELECT state, reason, count(*), sum(size) FROM assets WHERE state <> 'moved' AND gone_at IS NULL GROUP BY state, reason
UNION ALL SELECT state, reason, count(*), 0 FROM assets WHERE state = 'moved' AND reason <> '' GROUP BY state, reason
"""
LEFT_BY_ALBUM = """
SELECT album_key, state, count(*) FROM assets INDEXED BY assets_left WHERE state <> 'moved' AND gone_at IS NULL
GROUP BY album_key, state
"""
COUNT_COMPLETE = "SELECT count(*) FROM albums WHERE complete"
OPEN_ALBUMS = """
SELECT album_key, image_count, (SELECT count(*) FROM assets s WHERE s.album_key = a.album_key), coalesce(gone, 0)
FROM albums a LEFT JOIN (
    SELECT album_key, count(*) AS gone FROM assets WHERE gone_at IS NOT NULL GROUP BY album_key
) USING (album_key)
WHERE NOT complete
"""
FAILED_OR_UNAVAILABLE = """
SELECT key, state, reason, size FROM assets WHERE state IN ('failed', 'unavailable') AND state <> 'moved'
    AND gone_at IS NULL
UNION ALL SELECT key, state, reason, 0 FROM assets WHERE state = 'moved' AND reason <> '' ORDER BY key
"""
# What waits for its turn, in tables that vanish with the process.
LINEUP = (
    "CREATE TEMP TABLE IF NOT EXISTS turns (rank REAL, key TEXT, step BLOB)",
    "CREATE TEMP TABLE IF NOT EXISTS waiting_albums (album_key TEXT PRIMARY KEY, album BLOB)",
    "CREATE TEMP TABLE IF NOT EXISTS waiting (album_key TEXT, part INTEGER, lines BLOB, PRIMARY KEY (album_key, part))",
)
TURN = "INSERT INTO turns (rank, key, step) VALUES (?, ?, ?)"
WAITING_ALBUM = "INSERT INTO waiting_albums (album_key, album) VALUES (?, ?)"
WAITING = "INSERT INTO waiting (album_key, part, lines) VALUES (?, ?, ?)"
TURNS_IN_ORDER = "CREATE INDEX IF NOT EXISTS turns_in_order ON turns (rank, key)"
TURNS_AFTER = """
SELECT rank, key, rowid, step FROM turns WHERE (rank, key, rowid) > (?, ?, ?) ORDER BY rank, key, rowid LIMIT 100
"""
WAITED_ALBUM = "SELECT album FROM waiting_albums WHERE album_key = ?"
WAITED = "SELECT lines FROM waiting WHERE album_key = ? ORDER BY part"
