"""Finds filters that matched nothing, and names that are close to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import chain

from smug2s3.errors import UsageError
from smug2s3.models import Album, Asset
from smug2s3.rules.filters import Filters, album_names, file_names, folder_names, matches
from smug2s3.rules.keys import fold

NAMES_KEPT = 20_000
"""The most names of one kind to compare with; an account has a few thousand albums and folders."""

_GLOBS = "Use patterns that match a whole name or a whole path, like 'Christmas*' or 'Family/2019/*'; case is ignored."
_FILE_GLOBS = "Use patterns that match a whole file name, like 'IMG_2*' or '*.mp4'; case is ignored."
_KEYWORD_GLOBS = "Use patterns that match a whole keyword, like 'grandma*'; case is ignored."


class SoughtPatterns:
    """The globs of one option that have matched nothing so far, and the names seen."""

    def __init__(self, option: str, globs: Iterable[str]) -> None:
        self.option = option
        self.globs = list(dict.fromkeys(globs))
        self._names: dict[str, str] = {}

    def see(self, names: Sequence[str]) -> None:
        """Match these names."""
        if not self.globs:
            return
        self.globs = [glob for glob in self.globs if not matches((glob,), names)]
        if len(self._names) < NAMES_KEPT:
            self._names |= {fold(name): name for name in names if name}

    def nearest(self) -> list[str]:
        """Names similar to the globs, and for ``Famly/*`` what is similar to the folder in it: ``Family/*``."""
        return list(dict.fromkeys(chain.from_iterable(map(self._near, self.globs))))

    def _near(self, glob: str) -> list[str]:
        ending = glob[len(glob.rstrip("/*")) :]
        names = self._above(ending) | self._names if "*" in ending else self._names
        return [names[name] for name in get_close_matches(fold(glob.strip("/*")), names)]

    def _above(self, ending: str) -> dict[str, str]:
        """Everything that the names are below of, with the end of a glob."""
        parts = (name.split("/") for name in self._names.values())
        above = ("/".join(some[:depth]) for some in parts for depth in range(1, len(some)))
        return {fold(name): f"{name}{ending}" for name in above if name}

    @property
    def words(self) -> str:
        """The globs and their option, as typed."""
        return ", ".join(f"{glob} ({self.option})" for glob in self.globs)


class Matches:
    """Add everything a run lists; ``refusal`` then returns an error for filters that matched nothing."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._albums = (
            SoughtPatterns("--album", filters.albums),
            SoughtPatterns("--exclude-album", filters.exclude_albums),
        )
        self._folders = (
            SoughtPatterns("--folder", filters.folders),
            SoughtPatterns("--exclude-folder", filters.exclude_folders),
        )
        self._files = SoughtPatterns("--file", filters.files)
        self._keywords = SoughtPatterns("--keyword", filters.keywords)
        self._wanted_albums = 0
        self._wanted_items = 0
        self._items = 0

    def album(self, album: Album, *, wanted: bool) -> None:
        """The walk found an album."""
        self._wanted_albums += wanted
        for patterns in self._albums:
            patterns.see(album_names(album))
        for patterns in self._folders:
            patterns.see(folder_names(album))

    def assets(self, assets: Sequence[Asset], *, wanted: int) -> None:
        """An album was listed."""
        self._items += len(assets)
        self._wanted_items += wanted
        for asset in assets if self._files.globs or self._keywords.globs else ():
            self._files.see(file_names(asset))
            self._keywords.see(asset.keywords)

    def refusal(self, *, all_listed: bool) -> UsageError | None:
        """The error for unmatched filters, after the whole walk; for files only if all selected albums were listed."""
        for patterns in (*self._albums, *self._folders):
            if patterns.globs:
                return _refusal(f"no album matches {patterns.words}", patterns.nearest())
        asked = [f"{', '.join(globs)} ({option})" for option, globs in self._albums_asked() if globs]
        if asked and not self._wanted_albums:
            return _refusal(f"no album matches {' and '.join(asked)}", [])
        return self._refusal_of_files() if all_listed else None

    def _refusal_of_files(self) -> UsageError | None:
        for kind, patterns, otherwise in (
            ("file", self._files, _FILE_GLOBS),
            ("keyword", self._keywords, _KEYWORD_GLOBS),
        ):
            if patterns.globs and self._items:
                return _refusal(f"no {kind} matches {patterns.words}", patterns.nearest(), otherwise)
        if self._items and not self._wanted_items:
            return UsageError(
                f"none of the {self._items:,} items in these albums match the filters, so there is nothing to copy",
                hint="Remove one filter at a time, with --dry-run, to find the one that excludes them.",
            )
        return None

    def _albums_asked(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        filters = self._filters
        yield "--album", filters.albums
        yield "--folder", filters.folders
        yield "left after --exclude-album", filters.exclude_albums
        yield "left after --exclude-folder", filters.exclude_folders


def _refusal(sentence: str, nearest: list[str], otherwise: str = _GLOBS) -> UsageError:
    quoted = ", ".join(f"'{name}'" for name in nearest)
    return UsageError(sentence, hint=f"Did you mean {quoted}?" if nearest else otherwise)
