"""Puts the page together: templates, styles and script of this package, the sections, and the files as compact JSON."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

from smug2s3.reporting.names import attributed, sanitize
from smug2s3.reporting.page.rendering import render
from smug2s3.reporting.page.sections import Sample, shown
from smug2s3.rules.assessment import Assessment, assess
from smug2s3.rules.overview import FileState, Overview, album_state, file_state

GENERATOR = b'<meta name="generator" content="smug2s3 report">'
"""Tells an earlier report from a file of somebody else's."""

_LETTERS = {
    FileState.MOVED: "d",
    FileState.FAILED: "f",
    FileState.WAITING: "w",
    FileState.UNAVAILABLE: "u",
    FileState.KEPT: "k",
}
_BEGIN, _END = '{"albums":[', "]}"


class AlbumRow(Protocol):
    """An album of the ledger."""

    @property
    def path(self) -> str:
        """By display names."""

    @property
    def directory(self) -> str:
        """By names in the store, without the prefix."""

    @property
    def counted(self) -> int | None:
        """SmugMug's own count."""

    @property
    def complete(self) -> bool:
        """Whether all of it was listed and worked off."""


class FileRow(Protocol):
    """A file of the ledger."""

    @property
    def name(self) -> str:
        """On SmugMug."""

    @property
    def key(self) -> str:
        """In the store."""

    @property
    def size(self) -> int | None:
        """In bytes, where known and not counted in another album, whose object it is."""

    @property
    def state(self) -> str:
        """As the ledger says."""

    @property
    def reason(self) -> str:
        """Why it is not stored."""

    @property
    def date(self) -> str:
        """When it was taken, else uploaded."""

    @property
    def is_video(self) -> bool | None:
        """Where known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the page says of itself."""

    at: str
    """UTC, ISO 8601."""
    version: str


class Page:
    """One page, written from its beginning to its end so that no account has to fit into memory."""

    def __init__(self, overview: Overview, samples: Iterable[Sample], made: Made) -> None:
        self._prefix = overview.about.get("prefix", "")
        self.assessment = assess(overview, place_of(overview.about))
        self.beginning, self.end = _frame(overview, self.assessment, samples, made).split("\0")
        self._first = True

    def album(self, album: AlbumRow, rows: Sequence[FileRow]) -> str:
        """An album with its files."""
        comma, self._first = ("" if self._first else ","), False
        return comma + _json(_album(album, rows, self._prefix))


def place_of(about: Mapping[str, str]) -> str:
    """What to call the destination."""
    return "folder" if about.get("store", "").startswith("file:") else "bucket"


def _frame(overview: Overview, verdict: Assessment, samples: Iterable[Sample], made: Made) -> str:
    style, script = _part("page.css"), _part("page.js")
    about = {part: overview.about.get(part, "") for part in ("account", "store", "bucket", "prefix")}
    return render(
        "page.html",
        **about,
        **shown(overview, samples),
        place=place_of(overview.about),
        verdict=verdict,
        made=made,
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=f"{_BEGIN}\0{_END}",
    )


def _album(album: AlbumRow, rows: Sequence[FileRow], prefix: str) -> dict[str, Any]:
    """Columns rather than records: a hundred thousand files fit into a few megabytes."""
    states = [file_state(row.state) for row in rows]
    base = f"{prefix}{album.directory}/"
    names = [row.name or row.key.removeprefix(base) for row in rows]
    stand = album_state(Counter(states), counted=album.counted, complete=album.complete)
    return {
        "p": sanitize(album.path),
        "d": sanitize(album.directory),
        "s": stand.value,
        "n": [sanitize(name) for name in names],
        "b": [row.size for row in rows],
        "f": "".join(_LETTERS[one] for one in states),
        "v": "".join("v" if row.is_video else "p" for row in rows),
        "t": [_date(row.date) for row in rows],
        "r": {place: sanitize(attributed(row.reason)) for place, row in enumerate(rows) if row.reason},
        "k": {place: sanitize(row.key) for place, row in enumerate(rows) if row.key != f"{base}{names[place]}"},
    }


def _date(text: str) -> int:
    """A date as one number, 20190704; 0 where it is none."""
    digits = text[:10].replace("-", "").replace(":", "")
    return int(digits) if len(digits) == 8 and digits.isdecimal() and digits.isascii() else 0


def _json(value: object) -> str:
    """JSON that cannot end the element it stands in, whatever names it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _part(file: str) -> str:
    return files(__package__).joinpath(file).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
