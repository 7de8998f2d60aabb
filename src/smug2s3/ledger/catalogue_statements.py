"""The SQL statements of the archive's pages."""

_SAID = """
SELECT s.album_key, s.image_key, coalesce(a.path, ''), coalesce(a.directory, ''), s.filename, s.key,
    coalesce(o.size, s.size), coalesce(o.md5, s.md5, ''), s.state, s.reason, coalesce(d.title, ''),
    coalesce(d.caption, ''), coalesce(d.keywords, ''), s.taken, coalesce(s.is_video, 0), coalesce(d.hidden, 0),
    d.latitude, d.longitude
"""
_JOINED = """
LEFT JOIN albums a ON a.album_key = s.album_key LEFT JOIN objects o ON o.key = s.key
LEFT JOIN details d ON d.album_key = s.album_key AND d.image_key = s.image_key
"""
# Files in SmugMug Source have a plus sign in their key.
_OWN = "instr(s.image_key, '+') = 0"
_STORED = "s.state IN ('moved', 'gone')"
_KIND = "(?1 = '' OR coalesce(s.is_video, 0) = (?1 = 'videos'))"

ITEMS = f"{_SAID} FROM assets s {_JOINED} WHERE s.album_key = ? AND {_OWN} ORDER BY s.key"
ITEM = f"{_SAID} FROM assets s {_JOINED} WHERE s.album_key = ? AND s.image_key = ?"
BESIDE = f"""
{_SAID} FROM assets s {_JOINED} WHERE s.album_key = ?1 AND s.image_key > ?2 || '+' AND s.image_key < ?2 || ','
    AND {_STORED} ORDER BY s.key
"""
COVER = f"""
{_SAID} FROM assets s {_JOINED} WHERE s.album_key = ? AND {_OWN} AND {_STORED} ORDER BY coalesce(s.is_video, 0), s.key
LIMIT 1
"""
SIDECAR = """
SELECT a.sidecar_key, coalesce(o.md5, '') FROM albums a LEFT JOIN objects o ON o.key = a.sidecar_key WHERE a.album_key = ?
"""
# Beside a lone min() SQLite takes the other columns from a row that has the least: a photo, if there is one.
MONTHS = f"""
WITH months AS (
    SELECT substr(s.taken, 1, 7) AS month, sum(coalesce(s.is_video, 0) = 0) AS photos, sum(coalesce(s.is_video, 0)) AS videos,
        min(coalesce(s.is_video, 0)), s.album_key AS album, s.image_key AS image
    FROM assets s WHERE {_STORED} AND {_OWN} GROUP BY 1
)
{_SAID}, months.month, months.photos, months.videos
FROM months JOIN assets s ON s.album_key = months.album AND s.image_key = months.image {_JOINED} ORDER BY months.month DESC
"""
# What a page does not show is only sorted.
DATED = f"""
WITH page AS (
    SELECT s.album_key, s.image_key FROM assets s
    WHERE CASE ?2 WHEN '' THEN s.taken = '' ELSE s.taken >= ?2 AND s.taken < ?2 || '~' END AND {_STORED} AND {_OWN} AND {_KIND}
    ORDER BY s.taken, s.key LIMIT ?4 OFFSET ?3
)
{_SAID} FROM page JOIN assets s USING (album_key, image_key) {_JOINED} ORDER BY s.taken, s.key
"""
# In the order of the index, so that the first are there before all are found.
_FOUND = f"""
{_SAID} FROM {{}} JOIN assets s ON s.album_key = d.album_key AND s.image_key = d.image_key
LEFT JOIN albums a ON a.album_key = s.album_key LEFT JOIN objects o ON o.key = s.key
WHERE {{}} AND {_OWN} AND {_KIND} AND (?2 = '' OR s.taken LIKE ?2 || '%') ORDER BY {{}}
"""
FOUND = _FOUND.format("search f CROSS JOIN details d ON d.number = f.rowid", "search MATCH ?3", "f.rowid")
SCANNED = _FOUND.format(
    "details d",
    "d.album || char(10) || d.names || char(10) || d.title || char(10) || d.caption || char(10) || d.keywords LIKE ?3",
    "d.number",
)
STORED_OF = "SELECT key FROM objects WHERE key IN (SELECT value FROM json_each(?))"
