"""How SmugMug turns display names into the names used in URLs."""

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import quote

_MAX_URL_NAME = 60


def url_name(name: str, taken: Collection[str]) -> str:
    """A URL name unique among its siblings: ASCII letters and digits with dashes, first letter a capital."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:_MAX_URL_NAME] or "Gallery"
    base = words[0].upper() + words[1:]
    used = {other.casefold() for other in taken}
    candidates = (base if number == 1 else f"{base}-{number}" for number in range(1, len(used) + 2))
    return next(candidate for candidate in candidates if candidate.casefold() not in used)


def media_name(file_name: str, key: str) -> str:
    """The stem as it stands in a media URL, with every character escaped that some URL libraries unescape.

    Real media URLs contain `%20`, `%28` and the like; a client whose library re-quotes them signs one URL and sends another.
    """
    stem = file_name.rpartition(".")[0] or file_name
    cleaned = "".join(char for char in stem if char.isprintable() and char not in "/\\")[:80].strip(". ")
    return quote(cleaned or f"i-{key}", safe="").replace("~", "%7E")
