"""Small pictures in the folder of `gallery`: made of its files with Pillow, or taken out of them; once for each content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from smug2s3.rules import jpeg
from smug2s3.rules.exif import HEAD, preview
from smug2s3.rules.gallery_pages import THUMBNAILS, distinct
from smug2s3.rules.viewing import SHOWN_BY_BROWSERS, Item
from smug2s3.viewer.disk_links import Place
from smug2s3.viewer.making import can_make, made
from smug2s3.viewer.pictures import LARGE, LEAST, LONGEST_FILE, SMALL
from smug2s3.viewer.shelves import FolderShelf

LIGHT = 150_000
"""Bytes of a file that is shown on a tile as it is."""


class Thumbnails:
    """Those of one folder. Methods block."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._shelf = FolderShelf(root)
        self._albums: set[str] = set()
        self._counting = Lock()
        self.made = 0

    @contextmanager
    def of(self, album_key: str) -> Iterator[Callable[[Item, str], tuple[Item, Place]]]:
        """Places an album's items by their paths, each in any thread; at the end of the block what is left over is removed."""
        folder = f"{THUMBNAILS}/{distinct(album_key)}"
        used: set[str] = set()

        def placed(item: Item, path: str) -> tuple[Item, Place]:
            return item, self._place(item, path, folder, used) if path else Place()

        yield placed
        self._albums.add(folder)
        self._sweep(folder, used)

    def end(self) -> None:
        """Remove the folders of albums that are there no more."""
        for folder in _names(self._root / THUMBNAILS):
            if f"{THUMBNAILS}/{folder}" not in self._albums:
                self._sweep(f"{THUMBNAILS}/{folder}", set())

    def _sweep(self, folder: str, used: set[str]) -> None:
        for name in _names(self._root / folder):
            if name not in used:
                with suppress(OSError):
                    (self._root / folder / name).unlink()
        with suppress(OSError):
            (self._root / folder).rmdir()

    def _place(self, item: Item, path: str, folder: str, used: set[str]) -> Place:
        shown = path if item.suffix in SHOWN_BY_BROWSERS else ""
        small = shown if shown and (item.size or 0) <= LIGHT else self._kept(item, path, folder, SMALL, used) or shown
        return Place(file=path, small=small, large=shown or self._kept(item, path, folder, LARGE, used) or small)

    def _kept(self, item: Item, path: str, folder: str, edge: int, used: set[str]) -> str:
        """The path of a picture that is there or was just made; empty if there can be none."""
        name = f"{_content(item)}-{edge}.jpg"
        target = self._root / folder / name
        if not target.is_file():
            body = self._made(item, self._root / path, edge)
            if body is None:
                return ""
            self._shelf.replace(f"{folder}/{name}", body)
            with self._counting:
                self.made += 1
        used.add(name)
        return f"{folder}/{name}"

    def _made(self, item: Item, file: Path, edge: int) -> bytes | None:
        if item.is_video or (item.size or 0) > LONGEST_FILE:
            return None
        try:
            with file.open("rb") as opened:
                return made(opened, edge) if can_make(item.suffix) else _inside(item, opened.read(HEAD), edge)
        except OSError:  # its tile shows what there is
            return None


def _inside(item: Item, head: bytes, edge: int) -> bytes | None:
    """The preview of a JPEG's camera, without Pillow."""
    found = preview(head) if item.suffix in (".jpg", ".jpeg") and edge == SMALL else None
    if found is None or max(jpeg.pixels(found.jpeg)) < LEAST:
        return None
    return jpeg.oriented(found.jpeg, found.orientation)


def _content(item: Item) -> str:
    """Names the content: what is made of it holds until that changes."""
    return hashlib.sha256(f"{item.md5 or item.key}\0{item.size}".encode(errors="replace")).hexdigest()[:20]


def _names(folder: Path) -> list[str]:
    try:
        return [one.name for one in folder.iterdir()]
    except OSError:
        return []
