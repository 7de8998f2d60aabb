"""The archive's files beside the pages of `gallery`: as `get` called them in a folder, or as objects in the bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from smug2s3.ports.catalogue import Catalogue
from smug2s3.rules.homecoming import ArchivedAlbum, Names, Times, home_files
from smug2s3.rules.preview_keys import preview_key
from smug2s3.rules.viewing import SHOWN_BY_BROWSERS, Item
from smug2s3.viewer.disk_links import Place
from smug2s3.viewer.pictures import FITTING, LARGE, MAKERS, SMALL
from smug2s3.viewer.thumbnails import Thumbnails


class Surroundings(Protocol):
    """The archive's files beside the pages."""

    async def placed(self, archived: ArchivedAlbum, items: Sequence[Item]) -> list[tuple[Item, Place]]:
        """An album's items as they are called there, each with its place."""


class InBucket:
    """Implements ``Surroundings`` for pages in the bucket itself: with SmugMug's own reduced pictures, if they are stored."""

    def __init__(self, catalogue: Catalogue, prefix: str) -> None:
        self._catalogue = catalogue
        self._prefix = prefix

    async def placed(self, archived: ArchivedAlbum, items: Sequence[Item]) -> list[tuple[Item, Place]]:  # noqa: ARG002 - the keys say it all
        """Every stored item is there."""
        wanted = [
            preview_key(item.key, size, prefix=self._prefix)
            for item in items
            for some in FITTING.values()
            for size in some
        ]
        there = await asyncio.to_thread(self._catalogue.stored, wanted)
        return [(item, self._place(item, there) if item.stored else Place()) for item in items]

    def _place(self, item: Item, there: frozenset[str]) -> Place:
        file = item.key.removeprefix(self._prefix)
        shown = file if item.suffix in SHOWN_BY_BROWSERS else ""
        small, large = (self._preview(item, edge, there) for edge in (SMALL, LARGE))
        return Place(file=file, small=small or shown, large=large or shown or small)

    def _preview(self, item: Item, edge: int, there: frozenset[str]) -> str:
        keys = (preview_key(item.key, size, prefix=self._prefix) for size in FITTING[edge])
        return next((key.removeprefix(self._prefix) for key in keys if key in there), "")


class InFolder:
    """Implements ``Surroundings`` for a folder that `get` filled; small pictures are made of its files, once."""

    def __init__(self, root: Path, names: Names, thumbnails: Thumbnails) -> None:
        self._root = root
        self._names = names
        self._thumbnails = thumbnails
        self._makers = ThreadPoolExecutor(MAKERS, "pictures")

    def close(self) -> None:
        """Begin nothing more."""
        self._makers.shutdown(wait=True, cancel_futures=True)

    async def has_any(self, archived: ArchivedAlbum) -> bool:
        """Whether one of the album's files is there."""
        return await asyncio.to_thread(lambda: any(map(self._is_there, self._paths(archived).values())))

    async def placed(self, archived: ArchivedAlbum, items: Sequence[Item]) -> list[tuple[Item, Place]]:
        """Looks for every file."""
        found = await asyncio.to_thread(self._found, archived, items)
        with self._thumbnails.of(archived.album.key) as made:
            loop = asyncio.get_running_loop()
            jobs = [loop.run_in_executor(self._makers, made, item, path) for item, path in found]
            try:
                return list(await asyncio.gather(*jobs))
            except BaseException:
                for job in jobs:
                    job.cancel()
                raise

    def _found(self, archived: ArchivedAlbum, items: Sequence[Item]) -> list[tuple[Item, str]]:
        paths = self._paths(archived)
        named = [(item, paths.get(item.image_key, "") if item.stored else "") for item in items]
        return [
            (replace(item, key=path) if path else item, path if path and self._is_there(path) else "")
            for item, path in named
        ]

    def _paths(self, archived: ArchivedAlbum) -> dict[str, str]:
        found = home_files(archived, which=Times.NONE, names=self._names)
        return {one.asset.image_key: file.path for one, file in found}

    def _is_there(self, path: str) -> bool:
        return (self._root / path).is_file()
