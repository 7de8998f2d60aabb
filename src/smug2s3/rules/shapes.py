"""The shape of an answer without its content: names of fields and kinds of values, so that it can be shown to anybody."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

SHOWN = frozenset({"ComponentType", "Extension", "ComponentFileTypes", "Locator", "LocatorType"})
"""Fields whose value is a word of SmugMug's own, or a file type."""

_FIELD = re.compile(r"[A-Z][A-Za-z0-9]{0,39}")
_WORD = re.compile(r"[A-Za-z]{1,16}[0-9]{0,3}")
_HEX = re.compile(r"[0-9a-fA-F]{16,}")


def shape(value: Any, name: str = "") -> Any:
    """``value`` with every text and number replaced by its kind; lists keep one entry of each shape."""
    if isinstance(value, dict):
        return {_field(key): shape(inner, name if name in SHOWN else str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        shapes = [shape(inner, name) for inner in value]
        return [one for place, one in enumerate(shapes) if one not in shapes[:place]]
    if isinstance(value, str):
        return value if name in SHOWN and _WORD.fullmatch(value) else _text(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true or false"
    return "number"


def _field(name: object) -> str:
    return str(name) if _FIELD.fullmatch(str(name)) else "(a name that is not shown)"


def _text(text: str) -> str:
    if text.startswith(("http://", "https://")):
        return _address(text)
    if text.startswith("/api/v2/"):
        return "path of the API"
    return f"{len(text)} hex digits" if _HEX.fullmatch(text) else "text" if text else "empty text"


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return "an address"
    host = (
        host
        if host.endswith(".smugmug.com") and host.count(".") == 2 and host.split(".")[0] in _HOSTS
        else "another host"
    )
    vault = ", in /smugvault/" if parts.path.startswith("/smugvault/") else ""
    return f"an address at {host}{vault}{', with a query' if parts.query else ''}"


_HOSTS = frozenset({"www", "api", "photos", "secure", "cdn", "upload"})
"""Others may be the nickname of an account."""
