"""What `smug2s3 ls` and `smug2s3 find` print: a line for each folder, album and file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smug2s3.models import Known
from smug2s3.reporting.amounts import amount, plural
from smug2s3.reporting.names import sanitize, width
from smug2s3.rules.contents import AlbumTotals, Contents, FolderTotals

WORDS = 60
"""Characters of a title or caption in a line."""

STORED = (Known.MOVED, Known.GONE)


def folder_lines(found: Contents) -> Iterator[str]:
    """Folders first, with a slash; then albums."""
    for folder in found.folders:
        yield _line(plural(folder.files, "file"), folder.bytes, f"{folder.path}/", plural(folder.albums, "album"))
    for album in found.albums:
        yield _line(plural(album.files, "file"), album.bytes, album.path, album.privacy)


def file_line(file: Mapping[str, Any]) -> str:
    """One file: when it was taken, its size, its path, and its title or caption; why it is not stored, if it is not."""
    state = "" if file["state"] in STORED else f"({file['state']})"
    words = " ".join((file["title"] or file["caption"]).split())
    words = words if len(words) <= WORDS else f"{words[: WORDS - 1]}…"
    return _line(
        (file["taken"] or file["uploaded"])[:10], file["size"], file["path"], " ".join(filter(None, (state, words)))
    )


def _line(first: str, size: int | None, name: str, remark: str) -> str:
    space = " " * (12 - width(first))
    amounts = "" if size is None else amount(size)
    return sanitize(f"{first}{space}{amounts:>9}  {name}{'  ' if remark else ''}{remark}") + "\n"


def total_line(files: int, size: int, elsewhere: int = 0) -> str:
    """What all lines of stored files add up to; ``elsewhere`` are those that are not in the bucket."""
    more = f" Not in the bucket: {plural(elsewhere, 'file')}." if elsewhere else ""
    return f"{plural(files, 'file')}, {amount(size)}.{more}"


def folder_document(path: str, found: Contents, files: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
    """`ls --json`."""
    return {
        "path": path,
        "folders": [_folder(folder) for folder in found.folders],
        "albums": [_album(album) for album in found.albums],
        "files": files,
    }


def _folder(folder: FolderTotals) -> dict[str, Any]:
    return {"path": folder.path, "albums": folder.albums, "files": folder.files, "bytes": folder.bytes}


def _album(album: AlbumTotals) -> dict[str, Any]:
    return {
        "path": album.path,
        "directory": album.directory,
        "album_key": album.key,
        "privacy": album.privacy,
        "files": album.files,
        "bytes": album.bytes,
    }
