"""An item as a page shows it: its picture, its words, and what the full-screen view is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from smug2s3.models import Known
from smug2s3.reporting.amounts import amount
from smug2s3.reporting.names import attributed
from smug2s3.rules.viewing import SHOWN_BY_BROWSERS, UNKNOWN, Item, Look
from smug2s3.viewer.links import Links
from smug2s3.viewer.moments import clock, moment
from smug2s3.viewer.rendering import sanitized

_SECONDS = re.compile(r"(\d+(?:\.\d+)?)\s*s?$")

_STEPS = (50, 300, 10)
"""Least, greatest and step of a tile's width in percent of its height: each step is a class in the style sheet."""

_MISSING = {
    Known.MOVING: "Not copied yet",
    Known.FAILED: "Not copied: it failed",
    Known.UNAVAILABLE: "Not available from SmugMug",
}
_DEVELOPED = SHOWN_BY_BROWSERS | {".heic", ".heif", ".tif", ".tiff", ".psd", ".jxl"}
"""Endings of pictures that are no camera's RAW files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item on a page."""

    item: Item
    look: Look
    links: Links
    number: int = 0
    """Its place on the page, from 0."""

    @property
    def name(self) -> str:
        """What identifies it in addresses and forms."""
        return f"{self.item.album_key}/{self.item.image_key}"

    @property
    def title(self) -> str:
        """The title, or else the name of its file."""
        return self.item.title or self.item.name

    @property
    def words(self) -> str:
        """The text that stands for the picture."""
        kind = "Video: " if self.item.is_video else ""
        return f"{kind}{self.item.title or self.item.caption or self.item.name}"

    @property
    def under(self) -> list[str]:
        """What stands below its tile: title and caption, as far as it has them."""
        return [text for text in (self.item.title, self.item.caption) if text]

    @property
    def kind(self) -> str:
        """The class of its icon."""
        if self.item.is_video:
            return "video"
        return "photo" if self.item.suffix in _DEVELOPED else "raw"

    @property
    def shape(self) -> str:
        """The classes that give its tile a width; if that is a guess, the picture itself corrects it."""
        least, greatest, step = _STEPS
        percent = round(self.look.ratio * 100 / step) * step
        shape = f"r{max(least, min(greatest, percent))}"
        return shape if self.look.width else f"{shape} guess"

    @property
    def missing(self) -> str:
        """Why there is nothing to show; empty if there is."""
        if self.item.stored:
            return "" if self.links.original(self.item) else "Not in this folder"
        said = _MISSING.get(self.item.state, "Not copied")
        return f"{said} ({attributed(self.item.reason)})" if self.item.reason else said

    @property
    def marks(self) -> list[str]:
        """What sets it apart."""
        found = {"Hidden on SmugMug": self.item.hidden, "No longer on SmugMug": self.item.state is Known.GONE}
        return [name for name, applies in found.items() if applies]

    @property
    def duration(self) -> str:
        """How long the video is: ``1:05``; empty if unknown."""
        said = dict(self.look.camera).get("Duration", "") if self.item.is_video else ""
        seconds = _SECONDS.match(said)
        return clock(float(seconds[1])) if seconds else ""

    @property
    def keywords(self) -> list[tuple[str, str]]:
        """Every keyword, and the address of what has it."""
        return [(word, self.links.search(_phrase(word))) for word in self.item.keywords]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else is known of it, as names and values for people."""
        found = [
            ("Date", moment(self.item.date)),
            *self.look.camera,
            ("Place", "{:.5f}, {:.5f}".format(*self.item.position) if self.item.position else ""),
            ("Pixels", f"{self.look.width:,} by {self.look.height:,}" if self.look.width else ""),
            ("Size", "" if self.item.size is None else amount(self.item.size)),
            ("File", self.item.name),
            ("Stored as", self.item.key if self.item.stored else ""),
        ]
        return [(name, value) for name, value in found if value]

    def told(self) -> dict[str, Any]:
        """What the full-screen view is told of it, besides what its tile says."""
        item, links = self.item, self.links
        browsers = item.suffix in SHOWN_BY_BROWSERS
        said = {
            "name": self.name,
            "kind": self.kind,
            "src": links.large(item),
            "full": links.original(item) if browsers and links.original(item) != links.large(item) else "",
            "original": links.original(item),
            "small": links.small(item),
            "w": self.look.width,
            "h": self.look.height,
            "alt": self.words,
            "title": self.title,
            "under": self.under or [item.name],
            "caption": item.caption,
            "missing": self.missing,
            "marks": self.marks,
            "keywords": self.keywords,
            "facts": self.facts,
            "album": (item.album, links.album(item.album_key)),
        }
        return {name: value for name, value in said.items() if value}


def shown(items: Iterable[Item], looks: dict[str, Look], links: Links) -> list[Shown]:
    """The items with their looks."""
    return [
        Shown(item=item, look=looks.get(item.image_key, UNKNOWN), links=links, number=number)
        for number, item in enumerate(items)
    ]


def data(items: Sequence[Shown]) -> Markup:
    """JSON for a script element: nothing in it can end that, or be taken for markup."""
    text = json.dumps([_sanitized(one.told()) for one in items], ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _sanitized(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sanitized(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sanitized(inner) for inner in value]
    return sanitized(value) if isinstance(value, str) else value


def _phrase(words: str) -> str:
    """The words as the search takes them together."""
    return f'"{words}"' if " " in words and '"' not in words else words
