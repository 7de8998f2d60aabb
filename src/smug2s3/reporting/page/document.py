"""Assembles the page: templates, styles and script of this package, the sections, and the files as compact JSON."""

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
"""Identifies an earlier report, which may be replaced."""

_LETTERS = {
    FileState.MOVED: "d",
    FileState.FAILED: "f",
    FileState.WAITING: "w",
    FileState.UNAVAILABLE: "u",
    FileState.KEPT: "k",
}
_BEGIN, _END = '{"albums":[', "]}"


class AlbumRow(Protocol):
    """An album as in the ledger."""

    @property
    def path(self) -> str:
        """Folders and album, by display names."""

    @property
    def directory(self) -> str:
        """Its folder in the bucket, without the prefix."""

    @property
    def counted(self) -> int | None:
        """The number of items that SmugMug counts."""

    @property
    def complete(self) -> bool:
        """Whether it was listed and copied completely."""


class FileRow(Protocol):
    """A file as in the ledger."""

    @property
    def name(self) -> str:
        """The name on SmugMug."""

    @property
    def key(self) -> str:
        """The name in the bucket."""

    @property
    def size(self) -> int | None:
        """In bytes; 0 if unknown, or if the object belongs to another album and is counted there."""

    @property
    def state(self) -> str:
        """The state in the ledger."""

    @property
    def reason(self) -> str:
        """Why it is not copied."""

    @property
    def date(self) -> str:
        """The date taken, or else uploaded."""

    @property
    def is_video(self) -> bool | None:
        """The size, if known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Facts about the page itself."""

    at: str
    """UTC, ISO 8601."""
    version: str


class Page:
    """Writes the page from start to end, so that the account need not fit into memory."""

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
    """What the destination is called: bucket or folder."""
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
    """Columns instead of records, so that a hundred thousand files take a few megabytes."""
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
    """A date as one number, 20190704; 0 if it is not a date."""
    digits = text[:10].replace("-", "").replace(":", "")
    return int(digits) if len(digits) == 8 and digits.isdecimal() and digits.isascii() else 0


def _json(value: object) -> str:
    """JSON that cannot close its ``<script>`` element, whatever names it contains."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _part(file: str) -> str:
    return files(__package__).joinpath(file).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
