"""Pages in files, read as a browser would: every address on them, and whether there is anything at it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_ADDRESSES = {"href", "src", "action", "poster", "srcset", "data-index", "data-viewer"}
_TOLD = ("src", "full", "original", "small")


@dataclass
class WrittenPage(HTMLParser):
    """One page."""

    path: Path
    addresses: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    scripts: int = 0
    tags: set[str] = field(default_factory=set)
    text: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._is_data = False
        self.feed(self.path.read_text(encoding="utf-8"))

    def __hash__(self) -> int:
        return hash(self.path)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in _ADDRESSES]
        self.ids.add(given.get("id") or "")
        assert not [name for name in given if name.startswith("on") or name == "style"], (self.path, attrs)
        if tag == "script":
            self._is_data = given.get("type") == "application/json"
            assert self._is_data or given.get("src"), "no script is in the page itself"

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_data = False

    def handle_data(self, data: str) -> None:
        if self._is_data:
            self.told = json.loads(data)
            self.addresses += addresses_told(self.told)
        self.text += data


def addresses_told(told: list[dict[str, Any]]) -> list[str]:
    """Every address that the full-screen view is told."""
    found: list[str] = []
    for one in told:
        found += [one[name] for name in _TOLD if one.get(name)]
        found += [address for _, address in [*one.get("keywords", ()), one["album"]]]
    return found


def astray(page: Path, addresses: list[str]) -> list[str]:
    """Those that lead elsewhere than to a file beside the page."""
    return [address for address in addresses if not _leads_to_a_file(page, address)]


def _leads_to_a_file(page: Path, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address.startswith("/"):
        return False
    if not parts.path:
        return bool(parts.fragment)
    return (page.parent / unquote(parts.path, errors="strict")).is_file()
