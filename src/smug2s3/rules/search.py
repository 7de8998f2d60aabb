"""What `smug2s3 find` looks for: words for the full-text index, and words that only a look at every file answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, product, zip_longest
from typing import Any

from smug2s3.errors import UsageError
from smug2s3.rules.keys import fold

_WORD = re.compile(r'"([^"]*)"(\*?)|(\S+)')
NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese, which the index cannot split into words."""

_SHARP = re.compile("ss|ß", re.IGNORECASE)
_JOINTS = 4
"""A text with more of these is looked for with ss only, so that no query becomes endless."""

SEARCHED = ("album", "filename", "path", "title", "caption")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The files that have all of these words, each anywhere in album, names, title, caption or keywords."""

    indexed: str
    """For FTS5; empty if the index answers none of the words."""
    pieces: tuple[tuple[str, ...], ...]
    """The other words, folded, each as what is between its asterisks."""

    @property
    def like(self) -> str:
        """An SQL pattern that fits whatever ``holds``, and may fit more; it has no case outside ASCII."""
        return f"%{'%'.join(map(_uncased, self.pieces[0]))}%"

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a file has the words that the index cannot answer."""
        if not self.pieces:
            return True
        text = fold("\n".join([*(str(row[name]) for name in SEARCHED), *row["keywords"]]))
        return all(re.search(".*".join(map(re.escape, word)), text) for word in self.pieces)


def parse(text: str) -> Query:
    """The query of what was typed: words, a beginning with ``*``, or a phrase in quotes. Raises UsageError without any."""
    words = [found[1] + found[2] if found[3] is None else found[3] for found in _WORD.finditer(text)]
    words = [word for word in words if word.strip("* ")]
    if not words:
        raise UsageError("there is no word to look for", hint="For example: `smug2s3 find 'grandma*'`")
    indexed = [word for word in words if _is_indexed(word)]
    return Query(
        indexed=" AND ".join(map(_term, indexed)),
        pieces=tuple(tuple(filter(None, fold(word).split("*"))) for word in words if not _is_indexed(word)),
    )


def beginnings(text: str) -> list[str]:
    """What to type for words that begin with those typed; empty if some are not plain words."""
    words = text.split()
    plain = all(map(_is_indexed, words)) and not re.search('[*"]', text)
    return [f"{word}*" for word in words] if plain else []


def _is_indexed(word: str) -> bool:
    """The index knows words of letters and digits and their beginnings, but not their middles and ends."""
    return "*" not in word.rstrip("*") and any(map(str.isalnum, word)) and not NO_SPACES.search(word)


def _term(word: str) -> str:
    quoted = (spelling.replace('"', '""') for spelling in _spellings(word.rstrip("*")))
    terms = [f'"{spelling}"' + "*" * word.endswith("*") for spelling in quoted]
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


def _spellings(word: str) -> list[str]:
    """The word with ss and ß, whichever was typed: Python's ``casefold`` takes them for the same, the index does not."""
    parts = _SHARP.split(word)
    joints = product(("ss", "ß"), repeat=len(parts) - 1) if len(parts) <= _JOINTS else [("ss",) * (len(parts) - 1)]
    return ["".join(chain.from_iterable(zip_longest(parts, joint, fillvalue=""))) for joint in joints]


def _uncased(piece: str) -> str:
    """Letters that SQL would compare by case or form, and its own signs, fit anything; so does ss, which may be ß."""
    return "".join(char if _is_plain(char) else "%" for char in piece.replace("ss", "%"))


def _is_plain(char: str) -> bool:
    caseless = char.lower() == char.upper() and unicodedata.normalize("NFD", char) == char
    return char not in "%_" and (char.isascii() or caseless)
