"""Makes names from SmugMug safe for a terminal, and truncates or wraps them to its width."""

from __future__ import annotations

import re
import unicodedata

# Control characters could drive the terminal; direction marks could make one name look like another.
_DANGEROUS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


# Where a column begins: after the margin, or after more spaces than stand between two words.
_COLUMN = re.compile(r"^ +|(?<=\S)  +(?=\S)")


def sanitize(text: str) -> str:
    """``text`` without characters that could move the cursor or change the text direction."""
    return _DANGEROUS.sub("\N{REPLACEMENT CHARACTER}", text)


def width(text: str) -> int:
    """Width in columns: two for wide characters, none for combining marks."""
    return sum(_columns(char) for char in text)


def padded(text: str, columns: int) -> str:
    """``text`` padded with spaces to this width."""
    return text + " " * (columns - width(text))


def truncate(text: str, columns: int) -> str:
    """The end of ``text`` if it is too long: the file's name says more than the top folder's."""
    text = sanitize(text)
    if width(text) <= columns:
        return text
    start, space = len(text), columns - 1
    while start and (space := space - _columns(text[start - 1])) >= 0:
        start -= 1
    return f"…{text[start:]}"


def wrap(text: str, columns: int) -> str:
    """``text`` wrapped between words.

    Long words and commands in backticks are never split, so that they can be copied. Further lines are indented to
    the first word of the line, or of its last column that leaves it two fifths of the width.
    """
    return "\n".join(part for line in text.split("\n") for part in _parts(line, columns))


def _parts(line: str, columns: int) -> list[str]:
    if width(line) <= columns or line.startswith("Next: "):
        return [line]  # a command to copy
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
    """The words, with a command in backticks as one word."""
    words: list[str] = []
    for word in text.split(" "):
        if words and words[-1].count("`") % 2:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words if words[-1].count("`") % 2 == 0 else text.split(" ")


def _columns(char: str) -> int:
    if char == "\ufe0f":  # makes an emoji of the previous character, which some terminals draw wide
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_STORAGE = ("storage", "bucket", "folder", "disk", "store")
"""Names of the sides in sentences."""


def called(side: str) -> str:
    """The name of a side for people."""
    return side.replace("store", _STORAGE[0])


def attribute(side: str, reason: str) -> str:
    """A reason with its side, named once: ``storage: it is full``, ``SmugMug has no such file``."""
    names = _STORAGE if side == "store" else (side,)
    proxys = reason.startswith("the proxy ")  # neither side's
    return reason if proxys or any(name in reason for name in names) else f"{names[0]}: {reason}"


def attributed(reason: str) -> str:
    """The same for a recorded reason, which has its side in front: ``SmugMug: SmugMug has no such file``."""
    side, colon, sentence = reason.partition(": ")
    return attribute(side, sentence) if colon and side in ("SmugMug", "store") else reason
