"""Ledgers of any size and story, laid down at once rather than moved file by file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from smug2s3.ledger import statements
from smug2s3.ledger.database import Write
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.rows import asset_row, object_row
from smug2s3.models import Asset, Known, Receipt
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.verification import Verification

BEGAN = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
ABOUT = {"account": "jane", "store": "s3.example", "bucket": "photos", "prefix": "smugmug/"}
FULL_RUN: dict[str, Any] = {"part": False, "albums_incomplete": 0, "moved": 4, "bytes": 9_000_000, "seconds": 3.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of an album; the rest of it follows from its number."""

    name: str
    state: Known = Known.MOVED
    reason: str = ""
    gone: bool = False
    size: int = 4_000_000
    date: str = "2019-07-04T10:00:00"
    is_video: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An album with its files; ``counted`` is what SmugMug counts, where that is another number."""

    path: str
    directory: str = ""
    """In the store; the path itself where it is plain."""
    files: tuple[File, ...] = ()
    complete: bool = True
    counted: int | None = None


async def lay(
    path: Path, albums: Iterable[Told], *, run: dict[str, Any] | None = None, verified: Verification | None = None
) -> None:
    """A ledger at ``path`` that knows these albums."""
    async with open_ledger(str(path)) as ledger:
        await ledger.belongs_to(ABOUT, keep=True)
        for number, album in enumerate(albums):
            await ledger.write(
                *_album(f"A{number}", album),
                *sorted(_files(f"A{number}", album, number), key=lambda write: _ORDER.index(write[0])),
            )
        await ledger.begin("run1")
        await ledger.end("run1", FULL_RUN if run is None else run)
        if verified:
            await ledger.verified(verified)


def many(albums: int, files: int) -> Iterator[Told]:
    """An account of ``albums`` times ``files``: three levels of folders, twenty years, a video in twenty, a few failures."""
    for number in range(albums):
        year = 2005 + number % 20
        yield Told(
            path=f"Folder {number % 17}/{year}/Album {number}",
            files=tuple(_ordinary(number * files + place, year) for place in range(files)),
        )


def _ordinary(number: int, year: int) -> File:
    plain = File(
        name=f"IMG_{number:06}.{'mp4' if number % 20 == 7 else 'JPG'}",
        size=200_000 + (number * 7919) % 9_000_000,
        date=f"{year}-{number % 12 + 1:02}-{number % 28 + 1:02}T12:00:00",
        is_video=number % 20 == 7,
    )
    return (
        replace(plain, state=Known.FAILED, reason="SmugMug: SmugMug's media host answered 503")
        if number % 9973 == 5
        else plain
    )


_ORDER = (statements.ASSET, statements.OBJECT, statements.ASSET_GONE)
"""Rows of one kind go in together, which is fifty times as fast."""


def _album(album_key: str, album: Told) -> Iterator[Write]:
    counted = len([file for file in album.files if not file.gone]) if album.counted is None else album.counted
    yield statements.ALBUM_SEEN, (album_key, album.path, album.directory or album.path, counted, "")
    yield (
        statements.ALBUM_SETTLED,
        ("f", BEGAN.isoformat(timespec="seconds"), "", "", int(album.complete), "{}", album_key),
    )


def _files(album_key: str, album: Told, number: int) -> Iterator[Write]:
    for place, file in enumerate(album.files):
        key = f"{ABOUT['prefix']}{album.directory or album.path}/{file.name}"
        md5 = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
        asset = Asset(
            album_key=album_key, image_key=f"i{place}", serial=0, filename=file.name, is_video=file.is_video,
            format="", uploaded=file.date, url="", size=file.size, md5=md5, original=True, date=file.date,
        )  # fmt: skip
        step = Step(asset=asset, action=Action.MOVE, key=key, wanted=key, description=())
        yield statements.ASSET, asset_row(step, file.state, file.reason)
        if file.state is Known.MOVED:
            at = (BEGAN + timedelta(seconds=number * 20 + place)).isoformat(timespec="seconds")
            yield (
                statements.OBJECT,
                object_row(album_key, f"i{place}", Receipt(key=key, size=file.size, md5=md5, etag=md5, stored_at=at)),
            )
        if file.gone:
            yield statements.ASSET_GONE, (at, album_key, f"i{place}")
