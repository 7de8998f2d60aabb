"""Keeps what is shown by date and found by words outside of memory, until all albums were read."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from smug2s3.models import Known
from smug2s3.rules.gallery_pages import month_of
from smug2s3.rules.viewing import Item, Look, Month
from smug2s3.viewer.disk_links import Place

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Placed:
    """An item, how it looks, and where its files are beside the pages."""

    item: Item
    look: Look
    place: Place

    @property
    def keys(self) -> tuple[str, str]:
        """What names it."""
        return self.item.album_key, self.item.image_key


class Spool:
    """Items by day, in a folder of its own. Every method blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counts: dict[str, dict[str, list[int]]] = {}

    def add(self, some: Iterable[Placed]) -> None:
        """An album's stored items."""
        days: dict[str, list[Placed]] = {}
        for one in some:
            month = month_of(one.item.date)
            day = one.item.date[:10] if month else ""
            days.setdefault(day if _is_plain(day) else month, []).append(one)
        for day, placed in days.items():
            counts = self._counts.setdefault(day[:7], {}).setdefault(day, [0, 0])
            for one in placed:
                counts[one.item.is_video] += 1
            self._append(day, placed)

    def months(self) -> list[Month]:
        """Newest first, and at the end what has no date."""
        found = []
        for month in sorted(self._counts, reverse=True):
            photos, videos = (sum(some) for some in zip(*self._counts[month].values(), strict=True))
            found.append(Month(month=month, photos=photos, videos=videos))
        return found

    def month(self, month: str) -> Iterator[Placed]:
        """Its items in order of time; without a date, as they came. At most one day is in memory."""
        for day in sorted(self._counts.get(month, ())):
            chunks = self._chunks(day)
            if not day:
                for chunk in chunks:
                    yield from chunk
                continue
            found = [one for chunk in chunks for one in chunk]
            yield from sorted(found, key=lambda one: (one.item.date, one.item.key))

    def _append(self, day: str, placed: Iterable[Placed]) -> None:
        packed = zlib.compress(json.dumps(list(map(_row, placed))).encode(), 1)
        with (self._folder / f"day-{day}").open("ab") as file:
            file.write(_LENGTH.pack(len(packed)) + packed)

    def _chunks(self, day: str) -> Iterator[list[Placed]]:
        with (self._folder / f"day-{day}").open("rb") as file:
            while head := file.read(_LENGTH.size):
                yield list(map(_placed, json.loads(zlib.decompress(file.read(_LENGTH.unpack(head)[0])))))


def _is_plain(day: str) -> bool:
    return all(char.isascii() and (char.isdigit() or char == "-") for char in day)


def _row(one: Placed) -> list[Any]:
    return [list(astuple(one.item)), [one.look.width, one.look.height, one.look.camera], list(astuple(one.place))]


def _placed(row: list[Any]) -> Placed:
    said, (width, height, camera), place = row
    item = dict(zip(Item.__dataclass_fields__, said, strict=True))
    item |= {"state": Known(item["state"]), "keywords": tuple(item["keywords"])}
    item["position"] = tuple(item["position"]) if item["position"] else None
    look = Look(width=width, height=height, camera=tuple((name, value) for name, value in camera))
    return Placed(Item(**item), look, Place(*place))
