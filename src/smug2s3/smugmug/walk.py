"""Goes through the folder tree and hands out every album in it, folders side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smug2s3.errors import SourceBroken, foreseen
from smug2s3.flow.together import task_group
from smug2s3.models import Album, Node, Shown
from smug2s3.rules.directories import Directories
from smug2s3.smugmug import wire
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.smugmug.paging import Part, Whole, read_whole

CHILDREN_A_PAGE = 200
"""SmugMug's own maximum for a folder's children (probed)."""

FOLDERS_AT_ONCE = 4

# Sorted by what never changes, so that a folder edited meanwhile does not shift its pages.
_CHILDREN: dict[str, str | int] = {"_expand": "Album", "_verbosity": 1, "SortMethod": "DateAdded"}

Visit = Callable[[Album], Awaitable[None]]
Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class _Folder:
    children_uri: str
    names: tuple[str, ...]
    directory: str
    records: tuple[bytes, ...]

    @property
    def path(self) -> str:
        return "/".join(self.names) or "the top folder"


@dataclass(frozen=True, slots=True)
class _Child:
    node: Node
    album: wire.AlbumFacts | None


class TreeWalk:
    """One walk; ``visit`` gets every album and may be slow, ``report`` gets what could not be walked and why."""

    def __init__(self, client: SmugMugClient, directories: Directories, visit: Visit, report: Report) -> None:
        self._client = client
        self._directories = directories
        self._visit = visit
        self._report = report
        self._places = asyncio.Semaphore(FOLDERS_AT_ONCE)
        self._seen: set[str] = set()

    async def run(self, root_uri: str) -> Shown:
        """Walk everything below the root node; raises only what ends the whole run."""
        root = _Folder(f"{root_uri.partition('?')[0]}!children", (), "", ())
        async with task_group() as group:
            await self._folder(group, root)
        return Shown()

    async def _folder(self, group: asyncio.TaskGroup, folder: _Folder) -> None:
        async with self._places:
            try:
                whole = await self._children(folder)
            except Exception as raised:  # noqa: BLE001 - one odd folder must not end the walk
                self._survive(raised, folder.path)
                return
            for problem in whole.unreadable:
                self._report(folder.path, problem)
            await self._hand_out(group, folder, list(whole.entries.values()))

    async def _hand_out(self, group: asyncio.TaskGroup, folder: _Folder, children: list[_Child]) -> None:
        directories = self._directories.name_children(folder.directory, [child.node for child in children])
        for child in children:
            if child.node.node_id in self._seen:
                continue
            self._seen.add(child.node.node_id)
            directory = directories[child.node.node_id]
            if child.node.kind == "Folder":
                group.create_task(self._folder(group, _below(folder, child.node, directory)))
            elif child.node.album_uri or child.album:
                await self._album(folder, child, directory)

    async def _album(self, folder: _Folder, child: _Child, directory: str) -> None:
        path = "/".join((*folder.names, child.node.name))
        try:
            facts = child.album or await self._album_facts(child.node, path)
        except Exception as raised:  # noqa: BLE001 - one odd album must not end the walk
            self._survive(raised, path)
            return
        await self._visit(_album(folder, child.node, facts, directory))

    def _survive(self, raised: Exception, path: str) -> None:
        """Name what could not be walked and go on, unless nothing else would work either."""
        error = foreseen(raised)
        if error.ends_the_run:
            raise error
        self._report(path, str(error))

    async def _album_facts(self, node: Node, path: str) -> wire.AlbumFacts:
        page = await self._client.get(node.album_uri or "", {"_verbosity": 1}, what=f"album {path}")
        if page.one is None:
            raise SourceBroken(f"SmugMug shows nothing of album {path}")
        return wire.read_album(page.one)

    async def _children(self, folder: _Folder) -> Whole[_Child]:
        async def read(start: int, count: int) -> Part[_Child]:
            params = {"start": start, "count": count, **_CHILDREN}
            page = await self._client.get(folder.children_uri, params, what=f"folder {folder.path}")
            children = [_read_child(page, entry) for entry in page.objects]
            return Part(page.start, page.count, page.total, {child.node.node_id: child for child in children})

        return await read_whole(read, CHILDREN_A_PAGE)


def _read_child(page: wire.Page, entry: wire.Json) -> _Child:
    album = page.expansion(entry, "Album")
    return _Child(wire.read_node(entry), wire.read_album(album) if album else None)


def _below(folder: _Folder, node: Node, directory: str) -> _Folder:
    uri = node.children_uri or f"/api/v2/node/{node.node_id}!children"
    return _Folder(uri, (*folder.names, node.name), directory, (*folder.records, node.record))


def _album(folder: _Folder, node: Node, facts: wire.AlbumFacts, directory: str) -> Album:
    return Album(
        key=facts.key,
        node_id=node.node_id,
        name=node.name,
        folder=folder.names,
        directory=directory,
        images_uri=facts.images_uri,
        image_count=facts.image_count,
        images_last_updated=facts.images_last_updated,
        last_updated=facts.last_updated,
        original_sizes=facts.original_sizes,
        locked=facts.locked,
        record=facts.record,
        ancestors=(*folder.records, node.record),
    )
