"""What is in the archive, for its pages: read from the ledger, also during a run; locks and changes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

from smug2s3.ledger import catalogue_statements as statements
from smug2s3.ledger import lookup
from smug2s3.ledger.database import Row
from smug2s3.ledger.held import Notify, ignore
from smug2s3.ledger.rows import BETWEEN
from smug2s3.ledger.status import reading
from smug2s3.models import Known
from smug2s3.rules.contents import AlbumTotals
from smug2s3.rules.search import Query
from smug2s3.rules.viewing import Item, Month, Wanted

T = TypeVar("T")


class _Counted(Generic[T]):
    """What takes a while to count, kept until the ledger is written."""

    def __init__(self, path: str, count: Callable[[], list[T]]) -> None:
        self._files = (Path(path), Path(f"{path}-wal"))
        self._count = count
        self._counting = Lock()
        self._counted_at: tuple[float, ...] = ()
        self._found: list[T] = []

    def now(self) -> list[T]:
        """The count; whoever else wants it meanwhile waits for the same."""
        with self._counting:
            now = tuple(map(_written_at, self._files))
            if now != self._counted_at:
                self._found = self._count()
                self._counted_at = now
            return self._found


def _written_at(file: Path) -> float:
    """When it was written last; 0 if it is not there, as SQLite removes its log whenever the last reader leaves."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


class LedgerCatalogue:
    """Implements ``smug2s3.ports.catalogue``; what takes a while to count is kept until the ledger changes."""

    def __init__(self, path: str, notify: Notify = ignore) -> None:
        self._path = path
        self._notify = notify
        self._albums = _Counted(path, lambda: lookup.albums(path, notify))
        self._months = _Counted(path, lambda: list(map(_month, self._all(statements.MONTHS))))

    def albums(self) -> Sequence[AlbumTotals]:
        """Every album."""
        return self._albums.now()

    def months(self) -> Sequence[Month]:
        """Every month with stored items, newest first."""
        return self._months.now()

    def items(self, album_key: str) -> Sequence[Item]:
        """An album's items."""
        return list(map(_item, self._all(statements.ITEMS, album_key)))

    def item(self, album_key: str, image_key: str) -> Item | None:
        """One item."""
        return self._one_item(statements.ITEM, album_key, image_key)

    def beside(self, item: Item) -> Sequence[Item]:
        """Its files in SmugMug Source."""
        return list(map(_item, self._all(statements.BESIDE, item.album_key, item.image_key)))

    def cover(self, album_key: str) -> Item | None:
        """The first photo."""
        return self._one_item(statements.COVER, album_key)

    def sidecar(self, album_key: str) -> tuple[str, str]:
        """Key and MD5 of the `_album.json`."""
        for key, md5 in self._all(statements.SIDECAR, album_key):
            return key, md5
        return "", ""

    def dated(self, month: str, wanted: Wanted, first: int, most: int) -> Sequence[Item]:
        """The items of a month or year, in order of time."""
        return list(map(_item, self._all(statements.DATED, wanted.kind, month, first, most)))

    def found(self, query: Query, wanted: Wanted, most: int) -> Sequence[Item]:
        """The items that the query fits."""
        with reading(self._path, self._notify) as ledger:
            lookup.refuse_without_index(ledger, query)
            statement, words = (statements.FOUND, query.indexed) if query.indexed else (statements.SCANNED, query.like)
            rows = ledger.execute(statement, (wanted.kind, wanted.year, words))
            return list(islice(_holding(query, rows), most))

    def stored(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of these objects there are."""
        return frozenset(key for (key,) in self._all(statements.STORED_OF, json.dumps(keys)))

    def _one_item(self, statement: str, *values: str) -> Item | None:
        return next(map(_item, self._all(statement, *values)), None)

    def _all(self, statement: str, *values: str | int) -> list[Row]:
        with reading(self._path, self._notify) as ledger:
            return list(ledger.execute(statement, values))


def _holding(query: Query, rows: sqlite3.Cursor) -> Iterator[Item]:
    for item in map(_item, rows):
        said = {"album": item.album, "filename": item.name, "path": item.key, "title": item.title}
        if query.holds(said | {"caption": item.caption, "keywords": list(item.keywords)}):
            yield item


def _month(row: Row) -> Month:
    *cover, month, photos, videos = row
    return Month(month=month, photos=photos, videos=videos, cover=_item(cover))


def _item(row: Sequence[Any]) -> Item:
    *names, size, md5, state, reason, title, caption, keywords, date, is_video, hidden, latitude, longitude = row
    album_key, image_key, album, directory, name, key = names
    return Item(
        album_key=album_key,
        image_key=image_key,
        album=album,
        directory=directory,
        name=name,
        key=key,
        size=size,
        md5=md5,
        state=Known(state),
        reason=reason,
        title=title,
        caption=caption,
        keywords=tuple(keywords.split(BETWEEN)) if keywords else (),
        date=date,
        is_video=bool(is_video),
        hidden=bool(hidden),
        position=None if latitude is None or longitude is None else (latitude, longitude),
    )
