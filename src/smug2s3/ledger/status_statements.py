"""The SQL statements of status and report, by name."""

from smug2s3.ledger.statements import IS_PREVIEW, IS_QUEUED_XMP

# `status`. A million files are counted in half a second: unfinished ones have an index, the rest is one pass.
NEWEST_RUNS = "SELECT run, began, ended, summary FROM runs ORDER BY rowid DESC LIMIT ?"
# What a crashed run stored is unknown.
LAST_CHANGE = """
SELECT coalesce(max(coalesce(ended, began)), '') FROM runs WHERE summary IS NULL OR json_extract(summary, '$.moved') > 0
    OR json_extract(summary, '$.described') > 0 OR json_extract(summary, '$.renamed') > 0
"""
COUNT_ASSETS = """
SELECT (SELECT count(*) FROM assets), (SELECT count(*) FROM assets WHERE state <> 'moved' AND state <> 'gone'),
    (SELECT count(*) FROM assets WHERE gone_at IS NOT NULL AND state IN ('moved', 'gone'))
"""
SUM_OBJECTS = f"""
SELECT sum(CASE WHEN image_key <> '' THEN size END), sum(image_key = '' AND NOT ({IS_PREVIEW})),
    sum({IS_PREVIEW}), sum(CASE WHEN {IS_PREVIEW} THEN size END), sum({IS_QUEUED_XMP})
FROM objects
"""
# Files in SmugMug Source have a plus sign in their key: stored ones, their bytes, and others.
COUNT_COMPONENTS = """
SELECT count(*) FILTER (WHERE s.state IN ('moved', 'gone')),
    sum(o.size) FILTER (WHERE s.state IN ('moved', 'gone') AND o.album_key = s.album_key),
    count(*) FILTER (WHERE s.state NOT IN ('moved', 'gone'))
FROM assets s LEFT JOIN objects o ON o.key = s.key WHERE instr(s.image_key, '+') > 0
"""
COUNT_STORED_SINCE = "SELECT count(*) FROM objects WHERE stored_at >= ? AND image_key <> ''"
LEFT_BY_REASON = """
SELECT state, reason, count(*), sum(size) FROM assets WHERE state <> 'moved' AND gone_at IS NULL GROUP BY state, reason
UNION ALL SELECT state, reason, count(*), 0 FROM assets WHERE state = 'moved' AND reason <> '' GROUP BY state, reason
"""
UNANSWERED_BY_REASON = """
SELECT 'unavailable', r.key, sum(r.value), 0 FROM albums a, json_each(a.unanswered) r WHERE a.unanswered <> '' GROUP BY r.key
"""
COUNT_UNANSWERED = "SELECT coalesce(sum(r.value), 0) FROM albums a, json_each(a.unanswered) r WHERE a.unanswered <> ''"
LEFT_BY_ALBUM = """
SELECT album_key, state, count(*) FROM assets INDEXED BY assets_left WHERE state <> 'moved' AND gone_at IS NULL
GROUP BY album_key, state
"""
COUNT_COMPLETE = "SELECT count(*) FROM albums WHERE complete"
OPEN_ALBUMS = """
SELECT album_key, image_count, (
        SELECT count(*) FROM assets s WHERE s.album_key = a.album_key AND instr(s.image_key, '+') = 0
    ), coalesce(gone, 0)
FROM albums a LEFT JOIN (
    SELECT album_key, count(*) AS gone FROM assets WHERE gone_at IS NOT NULL AND instr(image_key, '+') = 0 GROUP BY album_key
) USING (album_key)
WHERE NOT complete
"""
FAILED_OR_UNAVAILABLE = """
SELECT key, state, reason, size FROM assets WHERE state IN ('failed', 'unavailable') AND state <> 'moved'
    AND gone_at IS NULL
UNION ALL SELECT key, state, reason, 0 FROM assets WHERE state = 'moved' AND reason <> '' ORDER BY key
"""

# The report, all at one moment.
SNAPSHOT = "BEGIN"
SNAPSHOT_ENDS = "ROLLBACK"
TOTALS = """
SELECT s.state, CASE WHEN instr(s.image_key, '+') > 0 THEN 0 ELSE coalesce(s.is_video, -1) END, count(*),
    sum(CASE WHEN coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0) THEN 0 ELSE coalesce(o.size, s.size, 0) END)
FROM assets s LEFT JOIN objects o ON o.key = s.key GROUP BY 1, 2
"""
COUNT_ALBUMS = "SELECT count(*) FROM albums"
SHORT_ALBUMS = """
SELECT a.path, a.image_count, count(s.image_key) AS known FROM albums a
LEFT JOIN assets s ON s.album_key = a.album_key AND s.gone_at IS NULL AND instr(s.image_key, '+') = 0
WHERE NOT a.complete AND a.image_count IS NOT NULL GROUP BY a.album_key HAVING known < a.image_count ORDER BY a.path
"""
UNMOVED_NAMED = """
SELECT coalesce(a.path, ''), s.filename, s.image_key, s.state, s.reason FROM assets s LEFT JOIN albums a USING (album_key)
WHERE s.state <> 'moved' AND s.gone_at IS NULL ORDER BY 1, 2
"""
YEARS = """
SELECT substr(CASE taken WHEN '' THEN uploaded ELSE taken END, 1, 4), coalesce(is_video, 0), count(*)
FROM assets WHERE state IN ('moved', 'gone') AND instr(image_key, '+') = 0 GROUP BY 1, 2 ORDER BY 1
"""
SIZES = """
SELECT (size >= ?) + (size >= ?) + (size >= ?) + (size >= ?) + (size >= ?) + (size >= ?), count(*), sum(size)
FROM objects WHERE image_key <> '' GROUP BY 1 ORDER BY 1
"""
STORED_SPAN = """
SELECT CAST(strftime('%s', min(stored_at)) AS INTEGER), CAST(strftime('%s', max(stored_at)) AS INTEGER)
FROM objects WHERE image_key <> '' AND stored_at <> ''
"""
STORED_BINS = """
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
# The bytes of an object count in its own album.
REPORT_FILES = """
SELECT s.filename, s.key, CASE WHEN coalesce(s.state IN ('moved', 'gone') AND o.album_key <> s.album_key, 0) THEN NULL ELSE coalesce(o.size, s.size) END,
    s.state, s.reason,
    CASE s.taken WHEN '' THEN s.uploaded ELSE s.taken END, s.is_video
FROM assets s LEFT JOIN objects o ON o.key = s.key WHERE s.album_key = ? ORDER BY s.key
"""
JPEGS = """
SELECT DISTINCT key FROM assets WHERE state IN ('moved', 'gone') AND (lower(key) LIKE '%.jpg' OR lower(key) LIKE '%.jpeg') ORDER BY key
"""

# `get`. Files that are stored, and how many of an album's are not.
ARCHIVED_ALBUMS = "SELECT album_key, path, directory FROM albums WHERE directory <> '' ORDER BY directory, album_key"
ARCHIVED_FILES = """
SELECT s.image_key, s.filename, s.key, o.size, o.md5, coalesce(s.is_video, 0), s.taken, s.uploaded,
    o.album_key <> s.album_key, s.state = 'gone'
FROM assets s JOIN objects o ON o.key = s.key
WHERE s.album_key = ? AND s.state IN ('moved', 'gone') ORDER BY s.state = 'gone', s.key, s.image_key
"""
COUNT_LACKING = "SELECT count(*) FROM assets WHERE album_key = ? AND state NOT IN ('moved', 'gone')"
