"""What `smug2s3 ls` shows of the archive: the folders and albums in a folder, an album, or a file."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

from smug2s3.errors import UsageError
from smug2s3.rules.keys import fold


class AlbumTotals(NamedTuple):
    """An album and what is stored of it."""

    path: str
    directory: str
    key: str
    privacy: str
    files: int
    bytes: int


@dataclass(slots=True)
class FolderTotals:
    """A folder and what is stored of all albums below it."""

    path: str
    albums: int = 0
    files: int = 0
    bytes: int = 0

    def add(self, album: AlbumTotals) -> None:
        """Count an album below it."""
        self.albums += 1
        self.files += album.files
        self.bytes += album.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is at one path."""

    folders: Sequence[FolderTotals]
    albums: Sequence[AlbumTotals]
    """Those directly in the folder."""
    chosen: Sequence[AlbumTotals]
    """If the path is an album's, that album (several may have one path), and nothing else."""
    below: Sequence[AlbumTotals]
    """Every album at the path and below it."""


def contents(albums: Iterable[AlbumTotals], path: str) -> Contents:
    """What is at ``path``, as on SmugMug or as in the bucket; empty for the top. Case is ignored.

    Raises UsageError, with similar paths, if nothing is.
    """
    albums = list(albums)
    if found := _contents(albums, path):
        return found
    raise _unknown(albums, path)


def at(albums: Iterable[AlbumTotals], path: str, *, prefix: str) -> tuple[Contents, str]:
    """What is at ``path``, which may also be a key: below the bucket's ``prefix``, or of a file, whose name is returned.

    Folders and albums of SmugMug come first. Raises UsageError as ``contents`` does.
    """
    albums = list(albums)
    ways = list(dict.fromkeys((path.strip("/"), f"{path.strip('/')}/".removeprefix(prefix).rstrip("/"))))
    for way in ways:
        if found := _contents(albums, way):
            return found, ""
    for way in ways:
        album, _, name = way.rpartition("/")
        if (found := _contents(albums, album)) and found.chosen:
            return found, name
    raise _unknown(albums, path)


def _contents(albums: Iterable[AlbumTotals], path: str) -> Contents | None:
    wanted = fold(path).strip("/")
    chosen = [album for album in albums if wanted and wanted in (fold(album.path), fold(album.directory))]
    below = [(album, place) for album in albums if (place := _below(album, wanted))]
    if wanted and not chosen and not below:
        return None
    folders: dict[str, FolderTotals] = {}
    for album, (shown, levels) in below:
        if levels:
            folder = shown.rsplit("/", levels)[0]
            folders.setdefault(fold(folder), FolderTotals(folder)).add(album)
    return Contents(
        folders=list(folders.values()),
        albums=[album for album, (_, levels) in below if not levels],
        chosen=chosen,
        below=[*chosen, *(album for album, _ in below)],
    )


def named(files: Iterable[dict[str, Any]], name: str, path: str) -> list[dict[str, Any]]:
    """Those of an album's files that have this name on SmugMug or in the bucket; raises UsageError if none has."""
    wanted = fold(name)
    found = [file for file in files if wanted in (fold(file["filename"]), fold(file["path"].rpartition("/")[2]))]
    if not found:
        album = path.strip("/").rpartition("/")[0]
        raise UsageError(f"the album has no file '{name}'", hint=f"`smug2s3 ls {shlex.quote(album)}` lists its files.")
    return found


def _below(album: AlbumTotals, folder: str) -> tuple[str, int] | None:
    """The path of an album in the folder, and how many folders are between; ``None`` if it is not in there."""
    for path in (album.path, album.directory):
        folded = fold(path)
        if not folder or folded.startswith(f"{folder}/"):
            return path, folded.removeprefix(f"{folder}/" if folder else "").count("/")
    return None


def _unknown(albums: Iterable[AlbumTotals], path: str) -> UsageError:
    known = {fold(part): part for album in albums for part in _paths(album.path)}
    close = [known[name] for name in get_close_matches(fold(path).strip("/"), known)]
    quoted = ", ".join(f"'{name}'" for name in close)
    return UsageError(
        f"the archive has no folder or album '{path}'",
        hint=f"Did you mean {quoted}?" if close else "`smug2s3 ls` shows what is at the top.",
    )


def _paths(path: str) -> list[str]:
    """The album's path, and those of its folders."""
    names = path.split("/")
    return ["/".join(names[: depth + 1]) for depth in range(len(names))]
