"""Collects the words of all items on a disk, and makes the files of the search from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from smug2s3.rules.shards import COMMON, SHARD, posting, shard_name, shards, words_of
from smug2s3.rules.viewing import Item

BLOCK = 20_000
"""Items whose words are in memory."""


class WordIndex:
    """Gets every month's items in order; then gives the files. Every method blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._month = ""
        self._places: dict[str, list[tuple[int, bool]]] = {}
        self._waiting = 0
        self._groups: set[str] = set()

    def add(self, month: str, place: int, item: Item) -> None:
        """An item at its place in a month's order."""
        if month != self._month or self._waiting >= BLOCK:
            self._flush()
        self._month = month
        self._waiting += 1
        for word in words_of(item):
            self._places.setdefault(word, []).append((place, item.is_video))

    def files(self) -> Iterator[tuple[str, str]]:
        """The name and contents of every file of the index; one is its table of contents."""
        self._flush()
        known: list[str] = []
        for beginning, groups in self._together():
            index = {word: said for group in groups for word, said in self._read(group).items()}
            for prefix, some in shards(index, beginning):
                known.append(prefix)
                body = json.dumps({word: index[word] for word in some}, ensure_ascii=False)
                yield shard_name(prefix), _script(shard_name(prefix), body)
        yield "shards", _script("shards", json.dumps({"prefixes": known}, ensure_ascii=False))

    def _together(self) -> Iterator[tuple[str, list[str]]]:
        """The groups that are read together: those of one first letter, unless they are large."""
        for letter, some in groupby(sorted(self._groups), lambda group: group[:1]):
            groups = list(some)
            if sum(self._path(group).stat().st_size for group in groups) <= SHARD:
                yield letter, groups
            else:
                yield from ((group, [group]) for group in groups)

    def _flush(self) -> None:
        groups: dict[str, list[str]] = {}
        for word, places in self._places.items():
            groups.setdefault(f"{word} "[:2], []).append(f"{word}\t{len(places)}\t{posting(self._month, places)}\n")
        for group, lines in groups.items():
            with self._path(group).open("a", encoding="utf-8") as file:
                file.writelines(lines)
        self._groups |= groups.keys()
        self._places, self._waiting = {}, 0

    def _read(self, group: str) -> dict[str, str | None]:
        """Each word with where it stands; ``None`` for one that is too common."""
        counts: dict[str, int] = {}
        found: dict[str, str | None] = {}
        with self._path(group).open(encoding="utf-8") as file:
            for line in file:
                word, count, said = line.rstrip("\n").split("\t")
                counts[word] = counts.get(word, 0) + int(count)
                before = found.get(word, "")
                found[word] = (
                    None if counts[word] > COMMON or before is None else ";".join(filter(None, (before, said)))
                )
        return found

    def _path(self, group: str) -> Path:
        return self._folder / shard_name(group)


def _script(name: str, body: str) -> str:
    """Loaded as a script, since a page that was opened from a disk may read nothing else."""
    return f'smug2s3.got("{name}", {body});\n'
