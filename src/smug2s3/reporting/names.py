"""Names from SmugMug made safe for a terminal, and cut to its width."""

from __future__ import annotations

import re
import unicodedata

# Control characters could drive the terminal; direction marks could make one name look like another.
_DANGEROUS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


# Where a column begins: after the margin, or after more spaces than stand between two words.
_COLUMN = re.compile(r"^ +|(?<=\S)  +(?=\S)")


def sanitize(text: str) -> str:
    """``text`` with everything that could move the cursor or turn the direction replaced."""
    return _DANGEROUS.sub("\N{REPLACEMENT CHARACTER}", text)


def width(text: str) -> int:
    """Columns it takes: two for wide characters, none for marks that combine."""
    return sum(_columns(char) for char in text)


def padded(text: str, columns: int) -> str:
    """``text`` with as many spaces behind it as it lacks columns."""
    return text + " " * (columns - width(text))


def truncate(text: str, columns: int) -> str:
    """The end of ``text`` if it does not fit: the file's name says more than the top folder's."""
    text = sanitize(text)
    if width(text) <= columns:
        return text
    start, room = len(text), columns - 1
    while start and (room := room - _columns(text[start - 1])) >= 0:
        start -= 1
    return f"…{text[start:]}"


def wrap(text: str, columns: int) -> str:
    """``text`` with lines that break between words, where a terminal would break them anywhere.

    What is as wide as a word can be stays whole, and so does a command in backticks: both are there to be copied. What follows hangs under
    the first word of its line, or of its last column that leaves it two fifths of the room.
    """
    return "\n".join(part for line in text.split("\n") for part in _parts(line, columns))


def _parts(line: str, columns: int) -> list[str]:
    if width(line) <= columns or line.startswith("Next: "):
        return [line]  # a command to be copied as it is
    starts = [width(line[: found.end()]) for found in _COLUMN.finditer(line)]
    indent = " " * max((start for start in starts if start <= columns * 3 // 5), default=0)
    margin = line[: len(line) - len(line.lstrip(" "))]
    first, *rest = _words(line[len(margin) :])
    parts = [margin + first]
    for word in rest:
        longer = f"{parts[-1]} {word}"
        if width(longer) <= columns:
            parts[-1] = longer
        else:
            parts.append(indent + word)
    return parts


def _words(text: str) -> list[str]:
    """What stands between two spaces, or two backticks."""
    words: list[str] = []
    for word in text.split(" "):
        if words and words[-1].count("`") % 2:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words if words[-1].count("`") % 2 == 0 else text.split(" ")


def _columns(char: str) -> int:
    if char == "\ufe0f":  # makes a picture of the character before it, which some terminals then draw wide
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_STORAGE = ("storage", "bucket", "folder", "disk", "store")
"""What sentences about that side call it."""


def called(side: str) -> str:
    """What people call a side."""
    return side.replace("store", _STORAGE[0])


def attribute(side: str, reason: str) -> str:
    """A reason that says whose it is, once: ``storage: it is full``, ``SmugMug has no such file``."""
    names = _STORAGE if side == "store" else (side,)
    proxys = reason.startswith("the proxy ")  # neither side's
    return reason if proxys or any(name in reason for name in names) else f"{names[0]}: {reason}"


def attributed(reason: str) -> str:
    """The same of a reason as it is kept, with its side in front: ``SmugMug: SmugMug has no such file``."""
    side, colon, sentence = reason.partition(": ")
    return attribute(side, sentence) if colon and side in ("SmugMug", "store") else reason
