"""An archive of a million files that are really there: a ledger, the files, and the `_album.json` of every album."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from smug2s3.local_servers import s3_server
from smug2s3.models import Album
from smug2s3.rules import sidecar
from smugmug_simulator import Simulator, World
from smugmug_simulator.clips import Clip
from smugmug_simulator.pictures import Picture
from tests.bench.filled import WHEN, Stored, fill, say
from tests.support.bucket import Bucket
from tests.support.wired import Wired

ITEMS = 1_000_000
LONGEST = 5_000
PICTURES = 40
"""Different ones; one file in so many and one is a video."""
NAMES_OF_A_FILE = 60_000
"""A file of ext4 may have 65,000."""
BUCKET = "photos"


@dataclass(frozen=True, slots=True)
class Original:
    """A file that many items share, and how SmugMug describes such an item."""

    path: Path
    stored: Stored
    record: str
    """The line of an item without its key, to be filled in."""


@dataclass(frozen=True, slots=True)
class Large:
    """Where all of it is."""

    home: Path
    items: int

    @property
    def ledger(self) -> Path:
        return self.home / "transfer_log.db"

    @property
    def buckets(self) -> Path:
        """The folder that an S3 server serves; its only bucket is the archive."""
        return self.home / "disk"

    @property
    def folder(self) -> Path:
        return self.buckets / BUCKET

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the ledger has, to compare with."""
        with closing(sqlite3.connect(self.ledger)) as ledger:
            return ledger.execute(statement, values).fetchall()


def build(home: Path, items: int) -> Large:
    """Everything; takes some minutes for a million."""
    large = Large(home, items)
    large.folder.mkdir(parents=True)
    originals, account = asyncio.run(_originals(home))
    assert items <= NAMES_OF_A_FILE * len(originals)
    fill(large.ledger, items, longest=LONGEST, stored=lambda number: originals[number % len(originals)].stored)
    say(large.ledger)
    _lay_out(large, originals, account)
    return large


def _world() -> World:
    """One album of all pictures and a video, as a family takes them."""
    world = World("originals")
    album = world.add_album("Originals", world.add_folder("Family"))
    taken = datetime(2019, 7, 13, 11, 5)  # noqa: DTZ001 - a camera's clock
    for number in range(PICTURES):
        width, height = ((900, 600), (600, 900), (960, 540), (700, 700))[number % 4]
        picture = Picture(number, f"Picture {number}", taken, width, height)
        world.add_image(album, f"{number:03d}.JPG", picture, taken=taken, width=width, height=height)
    clip = Clip(PICTURES, "A video")
    world.add_image(
        album, f"{PICTURES:03d}.MP4", clip, is_video=True, format="MP4", taken=taken, duration=clip.duration,
        width=clip.width, height=clip.height,
    )  # fmt: skip
    return world


async def _originals(home: Path) -> tuple[list[Original], Mapping[str, Any]]:
    """Copied by the program itself; and what it wrote of their album."""
    root = home / "few"
    (root / "originals").mkdir(parents=True)
    async with Simulator(_world()) as sim, s3_server(root) as server:
        bucket = Bucket(name="originals", folder=root / "originals", server=server)
        await Wired(sim, bucket, home).sync()
    (home / "ledger.db").unlink()
    document = bucket.album("Originals")
    return [_original(bucket.folder / item["key"], item) for item in document["items"]], document


def _original(path: Path, item: Mapping[str, Any]) -> Original:
    body = path.read_bytes()
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    stored = Stored(path.suffix.removeprefix("."), len(body), md5, bool(item["image"]["IsVideo"]))
    return Original(path, stored, _to_fill_in({name: said for name, said in item.items() if name != "key"}))


VARYING = ("ImageKey", "FileName", "Title", "Caption", "Keywords", "KeywordArray", "AlbumKey", "Date")


def _to_fill_in(item: dict[str, Any]) -> str:
    """With a place for everything that varies between items."""
    image = item["image"] | {name: f"<{name}>" for name in VARYING}
    said = item["metadata"] | {"DateTimeCreated": "<Taken>", "Title": "<Title>", "Caption": "<Caption>"}
    text = sidecar.compact(item | {"image": image, "metadata": said}).decode().replace("%", "%%")
    for name in (*VARYING, "Taken"):
        text = text.replace(f'"<{name}>"', f"%({name})s")
    return text


_ITEMS = """
SELECT s.album_key, a.path, s.image_key, s.filename, s.key, s.state, s.taken, d.title, d.caption, d.keywords
FROM assets s JOIN albums a USING (album_key) JOIN details d USING (album_key, image_key) ORDER BY s.album_key, s.key
"""


def _lay_out(large: Large, originals: Sequence[Original], account: Mapping[str, Any]) -> None:
    """The files of every item, by other names of the same few, and every `_album.json`, which the ledger then knows."""
    with closing(sqlite3.connect(large.ledger)) as ledger, ledger:
        written = [
            _album(large.folder, list(items), originals, account)
            for _, items in groupby(ledger.execute(_ITEMS), key=lambda row: row[0])
        ]
        ledger.executemany(
            "INSERT INTO objects (key, album_key, image_key, size, md5, etag, stored_at, proof)"
            f" VALUES (?2, ?1, '', ?3, ?4, ?4, '{WHEN}', 'etag')",
            written,
        )
        ledger.executemany("UPDATE albums SET sidecar_key = ?2 WHERE album_key = ?1", (row[:2] for row in written))


def _album(
    folder: Path, items: Sequence[tuple[Any, ...]], originals: Sequence[Original], account: Mapping[str, Any]
) -> tuple[str, str, int, str]:
    """The key of the album and of its `_album.json`, with size and MD5."""
    album_key, path = items[0][:2]
    place = folder / "smugmug" / path
    place.mkdir(parents=True)
    for _, _, image_key, name, _, state, *_ in items:
        if state == "moved":
            os.link(originals[int(image_key[1:], 16) % len(originals)].path, place / name)
    body = b"".join(sidecar.render(_told(album_key, path, account), _lines(items, originals), ()))
    (place / "_album.json").write_bytes(body)
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return album_key, f"smugmug/{path}/_album.json", len(body), md5


def _told(album_key: str, path: str, account: Mapping[str, Any]) -> Album:
    """What the tree says of an album: as of the one with the originals, under another name."""
    *above, name = path.split("/")
    node = partial(_named, account["node"])
    return Album(
        key=album_key, node_id=album_key, name=name, folder=tuple(above), directory=path, images_uri="",
        record=_named(account["album"], name, AlbumKey=album_key), account=account["account"],
        ancestors=(*(_named(account["folders"][0], folder) for folder in above), node(name)),
    )  # fmt: skip


def _named(record: Mapping[str, Any], name: str, **more: str) -> bytes:
    return sidecar.compact({**record, "Name": name, "Title": name, **more})


def _lines(items: Sequence[tuple[Any, ...]], originals: Sequence[Original]) -> Iterator[sidecar.Item]:
    """Newest first, as this gallery is sorted: so that its order is not the one of names."""
    for album_key, _, image_key, name, key, state, taken, title, caption, keywords in reversed(items):
        values = {
            "ImageKey": image_key, "FileName": name, "Title": title, "Caption": caption, "AlbumKey": album_key,
            "Keywords": keywords.replace("\n", "; "), "KeywordArray": keywords.split("\n"), "Date": f"{taken}+00:00",
            "Taken": taken,
        }  # fmt: skip
        record = originals[int(image_key[1:], 16) % len(originals)].record
        line = record % {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
        stored = state == "moved"
        yield sidecar.Item(
            key if stored else "", "", line.encode(), "" if stored else "failed; the next run tries again"
        )
