"""Records of what a file cannot store itself: metadata, type, and the MD5 of the written bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from smug2s3.rules import keys
from smug2s3.rules.foreign_json import read_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was written under one key, and the file's status then."""

    key: str
    size: int
    changed: int
    """Time of the file's last change, in nanoseconds."""
    md5: str
    content_type: str
    metadata: dict[str, str]

    def still_describes(self, entry: os.stat_result) -> bool:
        """Whether the file was not written to since; otherwise its MD5 may differ."""
        return (self.size, self.changed) == (entry.st_size, entry.st_mtime_ns)

    def encoded(self) -> bytes:
        """Its serialized form."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()


def place_of(folder: Path, key: str) -> Path:
    """The record's file, named by digests of the key so that its length is allowed.

    The first is the same for keys that differ by case or Unicode form alone: on many disks, those are one file.
    """
    folded = _digest(keys.fold(key))
    return folder / folded[:2] / f"{folded}-{_digest(key)[:16]}.json"


def read_record(folder: Path, key: str) -> Record | None:
    """``None`` also for an unreadable record: the file is hashed again then."""
    return _read(place_of(folder, key))


def twins(folder: Path, key: str) -> Iterator[Record]:
    """The records of keys that differ from ``key`` by case or Unicode form alone."""
    place = place_of(folder, key)
    folded = place.name.partition("-")[0]
    try:
        names = os.listdir(place.parent)  # noqa: PTH208 - asked for every file that is stored
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if name.startswith(folded) and name != place.name and (record := _read(place.with_name(name))):
            yield record


def _read(place: Path) -> Record | None:
    try:
        return Record(**read_json(place.read_bytes()))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
