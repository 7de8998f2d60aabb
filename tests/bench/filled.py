"""Ledgers as a long sync leaves them, of as many files as are wanted, written at once rather than file by file."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from smug2s3.ledger import schema

IN_AN_ALBUM = 250
FAILS = 100
"""One file of so many failed."""
WHEN = "2026-01-02T03:04:05+00:00"
REASON = "SmugMug: SmugMug's media host answered 503"


class Stored(NamedTuple):
    """What is stored of a file."""

    suffix: str
    size: int
    md5: str
    is_video: bool = False


def imagined(number: int) -> Stored:
    """Nothing that is anywhere."""
    return Stored("JPG", 3_000_000 + number % IN_AN_ALBUM, f"{number:032x}")


def fill(path: Path, files: int, *, longest: int = IN_AN_ALBUM, stored: Callable[[int], Stored] = imagined) -> None:
    """A ledger of so many files: the first album has the ``longest``; ``stored`` says what the file of a number is."""
    with closing(sqlite3.connect(path, isolation_level=None)) as ledger:
        schema.prepare(ledger)
        ledger.execute("PRAGMA synchronous = OFF")
        ledger.execute("BEGIN")
        for number, (first, last) in enumerate(_albums(files, longest)):
            _add(ledger, number, range(first, last), stored)
        ledger.execute("COMMIT")


def _albums(files: int, longest: int) -> Iterator[tuple[int, int]]:
    yield 0, min(files, longest)
    for first in range(longest, files, IN_AN_ALBUM):
        yield first, min(files, first + IN_AN_ALBUM)


def _add(ledger: sqlite3.Connection, number: int, files: range, stored: Callable[[int], Stored]) -> None:
    """One album."""
    key, directory = f"A{number:06d}", f"Family/Year {1990 + number % 30}/Album {number:06d}"
    fingerprint = f"smugmug/|{len(files)}|123456789|{WHEN}|{directory}"
    ledger.execute(
        "INSERT INTO albums (album_key, path, directory, image_count, fingerprint, listed_at) VALUES (?, ?, ?, ?, ?, ?)",
        (key, directory, directory, len(files), fingerprint, WHEN),
    )
    assets = [
        (key, *_asset(serial, place, f"smugmug/{directory}", stored(serial))) for place, serial in enumerate(files)
    ]
    ledger.executemany(
        "INSERT INTO assets (album_key, image_key, filename, identity, size, md5, key, name_wanted, described, state,"
        " reason, changed_at, taken, uploaded, is_video) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        assets,
    )
    ledger.executemany(
        "INSERT INTO objects (key, album_key, image_key, size, md5, etag, stored_at, proof) VALUES (?, ?, ?, ?, ?, ?, ?, 'etag')",
        [(row[6], row[0], row[1], row[4], row[5], row[5], WHEN) for row in assets if row[9] == "moved"],
    )


def _asset(serial: int, place: int, directory: str, stored: Stored) -> tuple[object, ...]:
    name = f"IMG_{place:04d}.{stored.suffix}"
    key = f"{directory}/{name}"
    state, reason = ("moved", "") if serial % FAILS else ("failed", REASON)
    return (
        f"k{serial:07x}", name, f"0|{stored.md5}|", stored.size, stored.md5, key, key, f"{serial:016x}", state, reason,
        WHEN, _moment(serial), WHEN, int(stored.is_video),
    )  # fmt: skip


def _moment(serial: int) -> str:
    """Evenly over thirty years."""
    month, day = serial // 30 % 12, serial // 360 % 28
    return f"{1995 + serial % 30}-{1 + month:02}-{1 + day:02}T{serial % 24:02}:{serial % 60:02}:00"


def say(path: Path) -> None:
    """A title for every third file, a caption for every fifth, four keywords for each."""
    choose = random.Random(1)

    def words(number: int) -> str:
        return " ".join(f"word{choose.randrange(20_000)}" for _ in range(number))

    with closing(sqlite3.connect(path, isolation_level=None)) as ledger:
        ledger.execute("PRAGMA synchronous = OFF")
        ledger.execute("BEGIN")
        files = ledger.execute("SELECT album_key, image_key, filename, path FROM assets JOIN albums USING (album_key)")
        ledger.executemany(
            "INSERT INTO details (album_key, image_key, names, album, title, caption, keywords) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (*file, words(3) if number % 3 == 0 else "", _caption(number, words(12)), words(4).replace(" ", "\n"))
                for number, file in enumerate(files.fetchall())
            ],
        )
        ledger.execute("COMMIT")


def _caption(number: int, words: str) -> str:
    named = {1: "Grandma's birthday ", 2: "京都の桜 "}.get(number % 9973, "")
    return named + words if named or number % 5 == 0 else ""
