PRAGMA application_id = 1399665235;
PRAGMA user_version = 8;
BEGIN TRANSACTION;
CREATE TABLE about (
        name TEXT PRIMARY KEY, value TEXT NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "about" VALUES('account','jane');
INSERT INTO "about" VALUES('bucket','photos');
INSERT INTO "about" VALUES('prefix','smugmug/');
INSERT INTO "about" VALUES('store','s3.example');
CREATE TABLE albums (
        album_key TEXT PRIMARY KEY, path TEXT NOT NULL, directory TEXT NOT NULL, image_count INTEGER,
        fingerprint TEXT NOT NULL DEFAULT '', complete INTEGER NOT NULL DEFAULT 0, listed_at TEXT NOT NULL DEFAULT '',
        sidecar_key TEXT NOT NULL DEFAULT ''
    , told TEXT NOT NULL DEFAULT '', privacy TEXT NOT NULL DEFAULT '', unanswered TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
INSERT INTO "albums" VALUES('AlbumK','Family/2019/Christmas','Family/2019/Christmas',2,'f1',1,'2026-01-02T03:04:05+00:00','smugmug/Family/2019/Christmas/_album.json','0cc175b9c0f1b6a831c399e269772661','Unlisted','');
INSERT INTO "albums" VALUES('Open','Family/2019/Öffen','Family/2019/Christmas',2,'',0,'','','','','');
CREATE TABLE "assets" (
        album_key TEXT NOT NULL, image_key TEXT NOT NULL, filename TEXT NOT NULL, identity TEXT NOT NULL,
        size INTEGER, md5 TEXT, key TEXT NOT NULL, name_wanted TEXT NOT NULL, described TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', gone_at TEXT, changed_at TEXT NOT NULL,
        taken TEXT NOT NULL DEFAULT '', uploaded TEXT NOT NULL DEFAULT '', is_video INTEGER,
        PRIMARY KEY (album_key, image_key),
        CHECK (state IN ('moving', 'moved', 'failed', 'unavailable', 'gone')),
        CHECK ((state = 'gone') = (gone_at IS NOT NULL))
    ) WITHOUT ROWID;
INSERT INTO "assets" VALUES('AlbumK','failed','failed.JPG','0|0cc175b9c0f1b6a831c399e269772661|',1000,'0cc175b9c0f1b6a831c399e269772661','smugmug/Family/2019/Christmas/failed.JPG','smugmug/Family/2019/Christmas/failed.JPG','2daa79771048fc71','failed','SmugMug: it''s busy',NULL,'2026-01-02T03:04:05+00:00','2019-12-24T18:00:00','2020-01-02T03:04:05+00:00',0);
INSERT INTO "assets" VALUES('AlbumK','gone','gone.JPG','0|0cc175b9c0f1b6a831c399e269772661|',1000,'0cc175b9c0f1b6a831c399e269772661','smugmug/Family/2019/Christmas/gone.JPG','smugmug/Family/2019/Christmas/gone.JPG','5815ff3b9aa2ac70','gone','','2026-01-02T03:04:05+00:00','2026-01-02T03:04:05+00:00','','',NULL);
INSERT INTO "assets" VALUES('AlbumK','lost','lost.JPG','0|0cc175b9c0f1b6a831c399e269772661|',1000,'0cc175b9c0f1b6a831c399e269772661','smugmug/Family/2019/Christmas/lost.JPG','smugmug/Family/2019/Christmas/lost.JPG','23445d486b56a8c9','unavailable','still processing',NULL,'2026-01-02T03:04:05+00:00','','',NULL);
INSERT INTO "assets" VALUES('AlbumK','moved','moved.JPG','0|0cc175b9c0f1b6a831c399e269772661|',1000,'0cc175b9c0f1b6a831c399e269772661','smugmug/Family/2019/Christmas/moved.JPG','smugmug/Family/2019/Christmas/moved.JPG','7b76c20249562cf9','moved','',NULL,'2026-01-02T03:04:05+00:00','2019-12-24T18:00:00','2020-01-02T03:04:05+00:00',0);
INSERT INTO "assets" VALUES('AlbumK','moving','moving.JPG','0|0cc175b9c0f1b6a831c399e269772661|',1000,'0cc175b9c0f1b6a831c399e269772661','smugmug/Family/2019/Christmas/moving.JPG','smugmug/Family/2019/Christmas/moving.JPG','8d620b8dfb5eaf63','moving','',NULL,'2026-01-02T03:04:05+00:00','','',NULL);
CREATE TABLE details (
        number INTEGER PRIMARY KEY, album_key TEXT NOT NULL, image_key TEXT NOT NULL, names TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '', caption TEXT NOT NULL DEFAULT '', keywords TEXT NOT NULL DEFAULT '',
        taken TEXT NOT NULL DEFAULT '', latitude REAL, longitude REAL, altitude REAL, hidden INTEGER, album TEXT NOT NULL DEFAULT '',
        UNIQUE (album_key, image_key)
    );
INSERT INTO "details" VALUES(1,'AlbumK','failed','failed.JPG','','','','',NULL,NULL,NULL,NULL,'Family/2019/Christmas');
INSERT INTO "details" VALUES(2,'AlbumK','gone','gone.JPG','','','','',NULL,NULL,NULL,NULL,'Family/2019/Christmas');
INSERT INTO "details" VALUES(3,'AlbumK','lost','lost.JPG','','','','',NULL,NULL,NULL,NULL,'Family/2019/Christmas');
INSERT INTO "details" VALUES(4,'AlbumK','moved','moved.JPG','Tree','Grandma''s tree','tree
snow','2019-12-24T18:00:00',60.7,-43.9,12.0,0,'Family/2019/Christmas');
INSERT INTO "details" VALUES(5,'AlbumK','moving','moving.JPG','','','','',NULL,NULL,NULL,NULL,'Family/2019/Christmas');
CREATE TABLE directories (
        directory TEXT PRIMARY KEY, node_id TEXT NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "directories" VALUES('Family','n1');
INSERT INTO "directories" VALUES('Family/2019','n2');
INSERT INTO "directories" VALUES('Family/2019/Christmas','NodeK');
CREATE TABLE objects (
        key TEXT PRIMARY KEY, album_key TEXT NOT NULL, image_key TEXT NOT NULL, size INTEGER NOT NULL,
        md5 TEXT NOT NULL, etag TEXT NOT NULL, stored_at TEXT NOT NULL
    , crc64 TEXT NOT NULL DEFAULT '', proof TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
INSERT INTO "objects" VALUES('smugmug/Family/2019/Christmas/_album.json','AlbumK','',1000,'92eb5ffee6ae2fec3ad71c777531578f','92eb5ffee6ae2fec3ad71c777531578f','2020-01-02T03:04:05+00:00','','etag');
INSERT INTO "objects" VALUES('smugmug/Family/2019/Christmas/gone.JPG','AlbumK','gone',1000,'0cc175b9c0f1b6a831c399e269772661','opaque-7','2020-01-02T03:04:05+00:00','','');
INSERT INTO "objects" VALUES('smugmug/Family/2019/Christmas/moved.JPG','AlbumK','moved',1000,'0cc175b9c0f1b6a831c399e269772661','0cc175b9c0f1b6a831c399e269772661','2020-01-02T03:04:05+00:00','AAAAAAAAAAA=','etag');
INSERT INTO "objects" VALUES('smugmug/manifest-md5.txt','','',1000,'0cc175b9c0f1b6a831c399e269772661','0cc175b9c0f1b6a831c399e269772661','2020-01-02T03:04:05+00:00','','etag');
CREATE TABLE runs (
        run TEXT PRIMARY KEY, began TEXT NOT NULL, ended TEXT, summary TEXT
    );
INSERT INTO "runs" VALUES('run1','2026-01-02T03:04:05+00:00','2026-01-02T03:04:05+00:00','{"moved": 2}');
CREATE TABLE verifications (
        number INTEGER PRIMARY KEY, began TEXT NOT NULL, ended TEXT NOT NULL, levels TEXT NOT NULL,
        clean INTEGER NOT NULL, safe INTEGER, verdict TEXT NOT NULL, summary TEXT NOT NULL
    );
INSERT INTO "verifications" VALUES(1,'2026-01-02T03:04:05+00:00','2026-01-02T03:05:05+00:00','listing source',0,0,'Not safe to cancel yet: 1 missing.','{"counts": {"checked": 5, "ok": 4, "missing": 1}, "differences": [["missing", "smugmug/Family/2019/Christmas/failed.JPG", "SmugMug: it''s busy"]]}');
CREATE INDEX objects_of_album ON objects (album_key);
CREATE INDEX assets_of_image ON assets (image_key);
CREATE INDEX assets_left ON assets (state, gone_at, reason, size) WHERE state <> 'moved';
CREATE INDEX assets_gone ON assets (album_key, state) WHERE gone_at IS NOT NULL;
CREATE INDEX assets_pending ON assets (state, reason) WHERE state = 'moved' AND reason <> '';
CREATE TRIGGER details_of_forgotten AFTER DELETE ON assets BEGIN
        DELETE FROM details WHERE album_key = old.album_key AND image_key = old.image_key;
    END;
CREATE VIRTUAL TABLE search USING fts5 (
    album, names, title, caption, keywords, content='details', content_rowid='number',
    tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO search (search) VALUES ('rebuild');
CREATE TRIGGER details_added AFTER INSERT ON details BEGIN
    INSERT INTO search (rowid, album, names, title, caption, keywords)
    VALUES (new.number, new.album, new.names, new.title, new.caption, new.keywords);
END;
CREATE TRIGGER details_removed AFTER DELETE ON details BEGIN
    INSERT INTO search (search, rowid, album, names, title, caption, keywords)
    VALUES ('delete', old.number, old.album, old.names, old.title, old.caption, old.keywords);
END;
CREATE TRIGGER details_changed AFTER UPDATE ON details BEGIN
    INSERT INTO search (search, rowid, album, names, title, caption, keywords)
    VALUES ('delete', old.number, old.album, old.names, old.title, old.caption, old.keywords);
    INSERT INTO search (rowid, album, names, title, caption, keywords)
    VALUES (new.number, new.album, new.names, new.title, new.caption, new.keywords);
END;
COMMIT;
