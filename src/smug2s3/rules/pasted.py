"""Checks keys as pasted: why a text cannot be a key, and how to recognize a key without showing it."""

from __future__ import annotations

import re
import unicodedata

_PASTE = re.compile("\x1b\\[20[01]~")
"""The marks that some terminals put around pasted text."""

_LINE = r"(export\s+|set\s+|\$env:)?(?!\d)[\w .-]*?(key|secret|token|password|user|id)[\w .-]*\s*[=:]\s*[^=\s].*"
"""A whole line of a settings file or of a provider's page. A key may end with ``=``, but has none inside."""
_NAME = r"(export\s+)?([a-z0-9]+_)+(key|secret|token|id)\s*[=:]"
"""A line that ends after its ``=`` or colon."""

_NO_KEYS = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (
            r".*[\x00-\x1f\x7f-\x9f].*",
            "It contains control characters: paste it with the right mouse button or Shift+Insert, or type it.",
        ),
        (_LINE, "That is a whole line: paste only the part after the = or the colon."),
        (_NAME, "That is only the name: paste what follows it."),
        (
            r"[a-z][a-z0-9+.-]*://.*|([a-z0-9-]+\.)+[a-z]{2,}(:\d+)?(/.*)?|([a-z0-9-]+|(\d+\.){3}\d+):\d{2,5}(/.*)?",
            "That is an address; enter the key.",
        ),
        (
            ".*[\"'`\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e].*",
            "It contains quotation marks: paste only what is between them.",
        ),
        (r".*\s.*", "It contains spaces, and a key has none: copy only the key."),
        (
            r".*(\.\.\.|\u2026|\*\*\*|\u2022\u2022).*",
            "It is shortened or hidden: show the full key and copy that.",
        ),
        (r".*[^\x00-\x7f].*", "It contains characters that no key has: copy only the key."),
    )
)
_ENDING = 4


def unwrapped(text: str) -> str:
    """The answer without what terminals and web pages add: paste marks, white space, invisible characters."""
    text = _PASTE.sub("", text)
    return "".join(char for char in text if unicodedata.category(char) != "Cf").strip()


def no_key(text: str, *, shortest: int) -> str:
    """Why ``text`` cannot be a key or secret, as a sentence; empty if it can."""
    for pattern, sentence in _NO_KEYS:
        if pattern.fullmatch(text):
            return sentence
    if len(text) < shortest:
        return f"It has only {len(text)} characters, and a key has at least {shortest}: copy the whole key."
    return ""


def glimpse(secret: str) -> str:
    """Length and last characters of a secret, to recognize it; a short one shows only its length."""
    ending = f", ending in {secret[-_ENDING:]}" if len(secret) >= 2 * _ENDING else ""
    return f"{len(secret)} characters{ending}"
