"""The search of the pages that have no server: words, and an index in files that are small whatever the archive is.

The script ``search.js`` splits what is typed in the same way.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from smug2s3.rules.search import NO_SPACES
from smug2s3.rules.viewing import Item

LONGEST = 40
"""Letters of a word that count."""

COMMON = 20_000
"""Items with a word from which it is not looked for: it would find too much, and fill too much."""

SHARD = 200_000
"""About the most letters of a file of the index."""

_ACCENTS = re.compile("[\u0300-\u036f\ufe00-\ufe0f]")


def folded(text: str) -> str:
    """Without case, accents and the forms that letters have."""
    plain = unicodedata.normalize("NFKD", text).upper().lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", plain)).replace("\u03c2", "\u03c3")


def words(text: str) -> set[str]:
    """The words of a text; of scripts without spaces every two letters that follow each other, and the last one."""
    found: set[str] = set()
    for run in _runs().findall(folded(text)):
        if NO_SPACES.match(run):
            found |= {run[place : place + 2] for place in range(len(run))}
        else:
            found.add(run[:LONGEST])
    return found


def words_of(item: Item) -> set[str]:
    """The words that find an item: those that `find` knows."""
    name = item.key.rpartition("/")[2]
    return words("\n".join((item.album, item.name, name, item.title, item.caption, *item.keywords)))


@cache
def _runs() -> re.Pattern[str]:
    """Letters, digits and their marks, which Python's own expressions leave out."""
    marks = "".join(
        char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in ("Mn", "Mc", "Me")
    )
    letter = f"(?:[^\\W_]|[{marks}])"
    return re.compile(f"(?:{NO_SPACES.pattern})+|(?:(?!{NO_SPACES.pattern}){letter})+")


def posting(month: str, places: Iterable[tuple[int, bool]]) -> str:
    """Where a word stands: places in a month's order, each as its distance from the one before, and ``v`` for videos."""
    before, said = 0, []
    for place, is_video in places:
        said.append(f"{place - before}{'v' if is_video else ''}")
        before = place
    return f"{month.replace('-', '') or '0'}:{','.join(said)}"


def shards(index: Mapping[str, str | None], prefix: str = "", most: int = SHARD) -> Iterator[tuple[str, list[str]]]:
    """The words of an index in files: a beginning that all words of one share, and these.

    A beginning that ends with a space stands for one word alone.
    """
    size = sum(len(word) + len(said or "") for word, said in index.items())
    if size <= most or len(index) == 1:
        if index:
            yield prefix, sorted(index)
        return
    parts: dict[str, dict[str, str | None]] = {}
    for word, said in index.items():
        parts.setdefault(f"{word} "[: len(prefix) + 1], {})[word] = said
    for longer, part in sorted(parts.items()):
        yield from shards(part, longer, most)


def shard_name(prefix: str) -> str:
    """The name of its file, on every disk."""
    return f"w{prefix.encode(errors='surrogatepass').hex()}"
