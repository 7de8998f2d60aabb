"""The SQL statements of a run, and those that modules share, by name."""

RUN_BEGAN = "INSERT INTO runs (run, began) VALUES (?, ?)"
RUN_ENDED = "UPDATE runs SET ended = ?, summary = ? WHERE run = ?"

VERIFIED = """
INSERT INTO verifications (began, ended, levels, clean, safe, verdict, summary) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
LAST_VERIFICATION = """
SELECT began, ended, levels, clean, safe, verdict, summary FROM verifications ORDER BY number DESC LIMIT 1
"""

ABOUT = "SELECT name, value FROM about"
IS_ABOUT = "SELECT 1 FROM about WHERE name = ? AND value = ?"
ADD_ABOUT = "INSERT OR IGNORE INTO about (name, value) VALUES (?, ?)"
SET_ABOUT = "INSERT OR REPLACE INTO about (name, value) VALUES (?, ?)"

IS_BOUND = "SELECT EXISTS (SELECT 1 FROM objects)"
# A current run is kept.
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
# Complete albums of which SmugMug refused files in SmugMug Source (with a plus sign in their key), or to list them.
_IS_REFUSED = """
complete AND ({} OR album_key IN (
    SELECT album_key FROM assets INDEXED BY assets_left
    WHERE state = 'unavailable' AND state <> 'moved' AND gone_at IS NULL AND instr(image_key, '+') > 0
))
"""
REFUSED = f"SELECT album_key FROM albums WHERE {_IS_REFUSED.format('(? AND length(unanswered))')} ORDER BY random()"
ASK_AGAIN = f"UPDATE albums SET complete = 0 WHERE {_IS_REFUSED.format('length(unanswered)')}"
WITH_COMPONENT = """
SELECT image_key FROM assets WHERE state = 'moved' AND gone_at IS NULL AND instr(image_key, '+') > 0
ORDER BY changed_at DESC LIMIT 1
"""
REFUSED_FILES = """
SELECT key, reason FROM assets
WHERE album_key = ? AND state = 'unavailable' AND gone_at IS NULL AND instr(image_key, '+') > 0 ORDER BY key
"""
UNANSWERED = (
    "SELECT r.key, r.value FROM albums a, json_each(a.unanswered) r WHERE a.album_key = ? AND a.unanswered <> ''"
)
# The object may belong to another album, which had the photo first: then this is a reference to it.
KNOWN = """
SELECT s.image_key, s.state, s.identity, s.key, s.name_wanted, s.described, s.reason, coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0),
    h.album_key IS NULL OR h.gone_at IS NOT NULL, o.size, coalesce(o.md5, '')
FROM assets s LEFT JOIN objects o ON o.key = s.key
LEFT JOIN assets h ON o.album_key <> s.album_key AND h.album_key = o.album_key AND h.image_key = o.image_key
    AND h.key = o.key
WHERE s.album_key = ?
"""
ASSET_NOW = "SELECT state, identity, key FROM assets WHERE album_key = ? AND image_key = ?"
# Objects in an album's directory keep their names, whichever album they belong to; '0' follows '/'.
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
# The album with the object of a photo that others have too, as long as it lists the photo.
HOLDER = """
SELECT s.album_key, s.key, s.name_wanted, s.identity FROM assets s JOIN objects o ON o.key = s.key AND o.album_key = s.album_key
WHERE s.image_key = ? AND s.album_key <> ? AND s.gone_at IS NULL ORDER BY o.key LIMIT 1
"""
# When an object gets a new key or new bytes, the rows of other albums that refer to it follow, and the `_album.json` of
# these albums is written again. Photos that they no longer list lose their bytes when the photo is replaced.
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
INSERT INTO albums (album_key, path, directory, image_count, privacy) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (album_key) DO UPDATE SET path = excluded.path, directory = excluded.directory,
    image_count = excluded.image_count, privacy = excluded.privacy, complete = 0
"""
ALBUM_REMEMBERED = """
INSERT OR REPLACE INTO albums (album_key, path, directory, sidecar_key, privacy) VALUES (?, ?, ?, ?, ?)
"""
ALBUM_PATHS = "SELECT path FROM albums"
# Its digest is recorded when the album is settled; it stays unknown if the run is killed before.
ALBUM_SIDECAR = "UPDATE albums SET sidecar_key = ?, told = '' WHERE album_key = ?"
# An album is not complete while its `_album.json` has a key that an object no longer has.
ALBUM_SETTLED = """
UPDATE albums SET fingerprint = ?, listed_at = ?, told = ?, unanswered = ?, complete = ? AND NOT EXISTS (
    SELECT 1 FROM json_each(?) r LEFT JOIN assets s ON s.album_key = albums.album_key AND s.image_key = r.key
    WHERE s.key IS NOT r.value
)
WHERE album_key = ?
"""

# Photos that an album no longer lists were deleted on SmugMug, or moved to another album. Stored ones stay, and are as
# before if they come back; the others are forgotten. A photo whose newer bytes were not copied keeps its former ones,
# which are no longer those on SmugMug.
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

# Stored files whose metadata no longer differs are not pending any more.
NOTHING_PENDING = """
UPDATE assets SET reason = '' WHERE album_key = ? AND state = 'moved' AND reason <> ''
    AND image_key IN (SELECT value FROM json_each(?))
"""

# The same for whole albums; one that reappears is listed again, whatever its fingerprint.
NOT_WALKED = f"""
{_GOES} WHERE state <> 'gone' AND album_key NOT IN (SELECT value FROM json_each(?2)) AND {_STORED_OF_IT}
"""
FORGET_NOT_WALKED = """
DELETE FROM assets WHERE state <> 'gone' AND album_key NOT IN (SELECT value FROM json_each(?))
"""
UNSETTLE_NOT_WALKED = """
UPDATE albums SET complete = 0, unanswered = '' WHERE album_key NOT IN (SELECT value FROM json_each(?))
"""

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
# Older versions did not record these; unchanged files get them when they are listed again.
ASSET_FACTS = """
UPDATE assets SET taken = ?, uploaded = ?, is_video = ? WHERE album_key = ? AND image_key = ? AND is_video IS NULL
"""
# Written for a whole album at once; what is unchanged is not written.
DETAILS = """
INSERT INTO details (album_key, image_key, album, names, title, caption, keywords, taken, latitude, longitude, altitude,
    hidden)
VALUES (?1, ?2, coalesce((SELECT path FROM albums WHERE album_key = ?1), ''), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (album_key, image_key) DO UPDATE SET album = excluded.album, names = excluded.names,
    title = excluded.title, caption = excluded.caption, keywords = excluded.keywords, taken = excluded.taken,
    latitude = excluded.latitude, longitude = excluded.longitude, altitude = excluded.altitude, hidden = excluded.hidden
WHERE (album, names, title, caption, keywords, taken, latitude, longitude, altitude, hidden) IS NOT (excluded.album,
    excluded.names, excluded.title, excluded.caption, excluded.keywords, excluded.taken, excluded.latitude,
    excluded.longitude, excluded.altitude, excluded.hidden)
"""
ASSET_GONE = "UPDATE assets SET state = 'gone', gone_at = ? WHERE album_key = ? AND image_key = ?"

# An object keeps its album: another album may have copied the same photo there again after it was lost.
OBJECT = """
INSERT INTO objects (key, album_key, image_key, size, md5, etag, stored_at, crc64, proof)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET album_key = CASE
        WHEN excluded.image_key <> '' AND image_key = excluded.image_key THEN album_key ELSE excluded.album_key
    END,
    image_key = excluded.image_key, size = excluded.size, md5 = excluded.md5, etag = excluded.etag,
    stored_at = excluded.stored_at, crc64 = excluded.crc64, proof = excluded.proof
"""
# From `_album.json` files in any order: a reference shows that the object exists, but not its album.
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
OUTDATED = f"{NOT_DESCRIBED} AND state = 'moved' AND reason = ''"  # an error says more
FORGET_OBJECT = "DELETE FROM objects WHERE key = ?"

_PREFIX = "WITH prefix AS (SELECT length(coalesce((SELECT value FROM about WHERE name = 'prefix'), '')) AS length)"
# In the order of ``rules.export_table.FIELDS``.
_FILE = """
SELECT coalesce(a.path, ''), s.album_key, s.image_key, s.filename, s.state, s.reason, s.key,
    coalesce(o.size, s.size), coalesce(o.md5, s.md5), o.etag, o.stored_at, s.gone_at,
    coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0), substr(s.key, p.length + 1),
    coalesce(d.title, ''), coalesce(d.caption, ''), coalesce(d.keywords, ''), coalesce(d.taken, ''), s.uploaded,
    d.latitude, d.longitude, d.altitude, coalesce(a.privacy, ''), d.hidden
"""
_FILES = f"""
{_PREFIX} {_FILE} FROM assets s, prefix p LEFT JOIN albums a USING (album_key) LEFT JOIN objects o ON o.key = s.key
LEFT JOIN details d ON d.album_key = s.album_key AND d.image_key = s.image_key
"""
# Files by album, then other and former objects: together every object and every asset.
EXPORT = f"""
{_FILES}
UNION ALL
SELECT coalesce(a.path, ''), o.album_key, o.image_key, '', CASE
        WHEN o.image_key <> '' THEN 'former'
        WHEN o.album_key <> '' AND substr(o.key, -4) = '.jpg' THEN 'preview'
        ELSE 'sidecar'
    END,
    '', o.key, o.size, o.md5, o.etag, o.stored_at, NULL, 0, substr(o.key, p.length + 1),
    '', '', '', '', '', NULL, NULL, NULL, coalesce(a.privacy, ''), NULL
FROM objects o, prefix p LEFT JOIN albums a USING (album_key)
WHERE NOT EXISTS (
    SELECT 1 FROM assets s WHERE s.album_key = o.album_key AND s.image_key = o.image_key AND s.key = o.key
)
ORDER BY 1, 7
"""
FILES_OF_ALBUM = f"{_FILES} WHERE s.album_key = ? ORDER BY s.key"
ALBUMS_WITH_TOTALS = """
SELECT a.path, a.directory, a.album_key, a.privacy, coalesce(s.files, 0), coalesce(s.bytes, 0) FROM albums a LEFT JOIN (
    SELECT album_key, count(*) AS files, sum(size) AS bytes FROM assets WHERE state IN ('moved', 'gone') GROUP BY album_key
) s USING (album_key) ORDER BY 1
"""
_FOUND = f"""
{_PREFIX} {_FILE} FROM {{}} JOIN assets s ON s.album_key = d.album_key AND s.image_key = d.image_key, prefix p
LEFT JOIN albums a ON a.album_key = s.album_key LEFT JOIN objects o ON o.key = s.key WHERE {{}} ORDER BY 1, 7
"""
FOUND = _FOUND.format("search f CROSS JOIN details d ON d.number = f.rowid", "search MATCH ?")
# For words that the index cannot answer: those of any condition are looked at one by one.
SCANNED = _FOUND.format(
    "details d",
    "d.album || char(10) || d.names || char(10) || d.title || char(10) || d.caption || char(10) || d.keywords LIKE ?",
)

MOVED_BY_ALBUM = """
SELECT s.album_key, count(*), sum(o.size) FROM assets s JOIN objects o ON o.key = s.key
WHERE s.state = 'moved' AND s.gone_at IS NULL GROUP BY s.album_key
"""
STORED_SIZE = "SELECT size FROM objects WHERE key = ?"
COUNT_STORED = "SELECT count(*) FROM objects"
STORED_AFTER = "SELECT key, size, md5, image_key FROM objects WHERE key > ? ORDER BY key LIMIT 1000"
# Missing and different files are copied again; for lost metadata, only that is written again.
MOVE_AGAIN = "UPDATE assets SET state = 'failed', reason = ?, described = '' WHERE key = ? AND gone_at IS NULL"
# The object no longer counts for a removed photo either.
NOT_ITS_BYTES = "UPDATE assets SET identity = '' WHERE key = ? AND gone_at IS NOT NULL"
DESCRIBE_AGAIN = "UPDATE assets SET described = '' WHERE key = ? AND state = 'moved'"
# For what cannot be repaired: a missing object is forgotten with the rows of removed photos; one with wrong bytes no
# longer counts for its photo, which is copied again if it is listed again. An object without a photo is then extra.
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
# Of the objects beside an album's files only XMP sidecars and previews have these endings; its own is `_album.json`.
_IS_BESIDE = "image_key = '' AND album_key <> '' AND substr(key, -4)"
_IS_XMP = f"{_IS_BESIDE} = '.xmp'"
IS_QUEUED_XMP = f"md5 = '' AND {_IS_XMP}"
IS_PREVIEW = f"{_IS_BESIDE} = '.jpg'"
XMP_SIDECARS = f"SELECT key, md5 FROM objects WHERE album_key = ? AND {_IS_XMP}"
# Nothing for the many albums without previews.
PREVIEWS = f"""
SELECT key, stored_at, md5, image_key = '' FROM objects WHERE album_key = ?1 AND (image_key <> '' OR {IS_PREVIEW})
    AND EXISTS (SELECT 1 FROM objects WHERE album_key = ?1 AND {IS_PREVIEW})
"""
COUNT_PREVIEWS = f"SELECT count(*), coalesce(sum(size), 0) FROM objects WHERE {IS_PREVIEW}"
OWNERS = "SELECT key, album_key FROM objects WHERE key IN (SELECT value FROM json_each(?)) AND image_key <> ''"
# They are written again by a run that writes such files. Until then a sidecar is not what it should be, whatever other
# runs do; a preview is optional, and not known any more.
UNSETTLE_OF_BESIDE = f"""
UPDATE albums SET complete = 0
WHERE album_key = (SELECT album_key FROM objects WHERE key = ? AND {_IS_BESIDE} IN ('.xmp', '.jpg'))
"""
XMP_AGAIN = f"UPDATE objects SET md5 = '', proof = 'wrong' WHERE key = ? AND {_IS_XMP}"
PREVIEW_AGAIN = f"DELETE FROM objects WHERE key = ? AND {IS_PREVIEW}"
# A sidecar cannot be written again without its photo: `IMG.JPG.` begins with `IMG.JPG.` as with `IMG.`.
BELONGS = f"""
SELECT 1 FROM assets WHERE key = ?1 AND gone_at IS NULL UNION ALL SELECT 1 FROM albums WHERE sidecar_key = ?1
UNION ALL SELECT 1 FROM objects WHERE key = ?1 AND {IS_PREVIEW}
UNION ALL SELECT 1 FROM objects o JOIN assets s USING (album_key) WHERE o.key = ?1 AND o.image_key = '' AND s.gone_at IS NULL
    AND substr(o.key, -4) = '.xmp' AND substr(s.key || '.', 1, length(?1) - 3) = substr(?1, 1, length(?1) - 3) LIMIT 1
"""
# A stored file with a reason could not be updated or renamed.
UNMOVED = """
SELECT key, state, reason FROM assets WHERE (state <> 'moved' AND gone_at IS NULL) OR (state = 'moved' AND reason <> '')
ORDER BY key
"""
