"""Walks the folder tree concurrently and visits every album; reports what it could not list."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

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

WITHOUT_MEDIA = ("Page", "System Album")
"""Types of nodes that may have no album and no children."""

# Sorted by a constant, so that editing a folder meanwhile does not shift its pages.
_CHILDREN: dict[str, str | int] = {"_expand": "Album", "_verbosity": 1, "SortMethod": "DateAdded"}

Visit = Callable[[Album], Awaitable[None]]
Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class _Folder:
    uri: str
    children_uri: str
    names: tuple[str, ...]
    directory: str
    records: tuple[bytes, ...]
    has_children: bool | None = None

    @property
    def path(self) -> str:
        return "/".join(self.names) or "the top folder"

    def below(self, name: str) -> str:
        """The path of something in it, for people."""
        return "/".join((*self.names, name))


@dataclass(frozen=True, slots=True)
class _Child:
    node: Node
    album: wire.AlbumFacts | None


class TreeWalk:
    """One walk; ``visit`` gets every album and may be slow, ``report`` gets each folder that failed and why."""

    def __init__(
        self, client: SmugMugClient, directories: Directories, visit: Visit, report: Report, *, account: str = ""
    ) -> None:
        self._client = client
        self._account = account
        self._directories = directories
        self._visit = visit
        self._report = report
        self._places = asyncio.Semaphore(FOLDERS_AT_ONCE)
        self._seen: set[str] = set()
        self._shown = Shown()

    async def run(self, root_uri: str) -> Shown:
        """Walk everything below the root node; raises only errors that stop the whole run.

        The gaps are those passed to ``report``; without any, every album was visited.
        """
        uri = root_uri.partition("?")[0]
        async with task_group() as group:
            await self._folder(group, _Folder(uri, f"{uri}!children", (), "", ()))
        return self._shown

    async def _folder(self, group: asyncio.TaskGroup, folder: _Folder) -> None:
        async with self._places:
            try:
                whole = await self._children(folder)
            except Exception as raised:  # noqa: BLE001 - one odd folder must not end the walk
                self._survive(raised, folder.path)
                return
            for gap in whole.shown.gaps:
                self._miss(folder.path, gap)
            await self._hand_out(group, folder, list(whole.entries.values()))

    async def _hand_out(self, group: asyncio.TaskGroup, folder: _Folder, children: list[_Child]) -> None:
        directories = self._directories.name_children(folder.directory, [child.node for child in children])
        for child in children:
            if child.node.node_id in self._seen:
                continue
            self._seen.add(child.node.node_id)
            directory = directories[child.node.node_id]
            if _holds_nodes(child):
                group.create_task(self._folder(group, _below(folder, child.node, directory)))
            elif _is_album(child):
                await self._album(folder, child, directory)
            elif child.node.kind not in WITHOUT_MEDIA:
                what = f"a {child.node.kind}" if child.node.kind else "an unknown type"
                self._miss(folder.below(child.node.name), f"SmugMug lists it as {what} that cannot be opened")

    async def _album(self, folder: _Folder, child: _Child, directory: str) -> None:
        path = folder.below(child.node.name)
        try:
            facts = child.album or await self._album_facts(child.node, path)
        except Exception as raised:  # noqa: BLE001 - one odd album must not end the walk
            self._survive(raised, path)
            return
        if facts.key:
            album = _album(folder, child.node, facts, directory)
            await self._visit(replace(album, account=self._account))
        else:
            self._miss(path, "SmugMug gave no key to list the album with")

    def _survive(self, raised: Exception, path: str) -> None:
        """Report a folder that failed and continue, unless nothing else would work either."""
        error = foreseen(raised)
        if error.ends_the_run:
            raise error
        self._miss(path, str(error))

    def _miss(self, path: str, reason: str) -> None:
        self._shown += Shown((f"{path}: {reason}",))
        self._report(path, reason)

    async def _album_facts(self, node: Node, path: str) -> wire.AlbumFacts:
        """Get an album that was listed without its record, if necessary by its node's link."""
        address = node.album_uri
        if address is None:
            page = await self._client.get(_address(node), {"_verbosity": 1}, what=f"album {path}")
            address = wire.uri(page.one or {}, "Album")
        if address is None:
            raise SourceBroken("SmugMug gave no address to list the album at")
        page = await self._client.get(address, {"_verbosity": 1}, what=f"album {path}")
        if page.one is None:
            raise SourceBroken(f"SmugMug shows no details of album {path}")
        return wire.read_album(page.one)

    async def _children(self, folder: _Folder) -> Whole[_Child]:
        """The children of a folder; one that is empty although SmugMug says otherwise is requested again."""
        whole = await self._listed(folder)
        if not _hollow(folder, whole):
            return whole
        folder = replace(folder, has_children=await self._has_children(folder))
        whole = await self._listed(folder) if folder.has_children else whole
        if folder.has_children and _hollow(folder, whole):
            return Whole({}, Shown(("SmugMug says that it is not empty, but lists nothing",)))
        return whole

    async def _listed(self, folder: _Folder) -> Whole[_Child]:
        async def read(start: int, count: int) -> Part[_Child]:
            params = {"start": start, "count": count, **_CHILDREN}
            page = await self._client.get(folder.children_uri, params, what=f"folder {folder.path}")
            children = [_read_child(page, entry) for entry in page.objects]
            return Part.of(page, "a node", [(child.node.node_id, child.node.name, child) for child in children])

        return await read_whole(read, CHILDREN_A_PAGE)

    async def _has_children(self, folder: _Folder) -> bool | None:
        page = await self._client.get(folder.uri, {"_verbosity": 1}, what=f"folder {folder.path}")
        return wire.read_node(page.one or {}).has_children


def _hollow(folder: _Folder, whole: Whole[_Child]) -> bool:
    """Whether only its list is empty, although the folder claims children."""
    return whole.shown.whole and not whole.entries and folder.has_children is not False


def _holds_nodes(child: _Child) -> bool:
    """Whether there may be albums in it; for an unknown type, if SmugMug gives an address of its children."""
    node = child.node
    if node.kind in WITHOUT_MEDIA:
        return bool(node.children_uri and node.has_children)
    return node.kind == "Folder" or bool(node.children_uri and not _is_album(child))


def _is_album(child: _Child) -> bool:
    return child.node.kind == "Album" or bool(child.node.album_uri or child.album)


def _read_child(page: wire.Page, entry: wire.Json) -> _Child:
    node, found = wire.read_node(entry), page.expansion(entry, "Album")
    album = wire.read_album(found) if found else None
    if album and not node.node_id:
        node = replace(node, node_id=album.node_id)
    return _Child(node, album)


def _below(folder: _Folder, node: Node, directory: str) -> _Folder:
    return _Folder(
        uri=_address(node),
        children_uri=node.children_uri or f"/api/v2/node/{node.node_id}!children",
        names=(*folder.names, node.name),
        directory=directory,
        records=(*folder.records, node.record),
        has_children=node.has_children,
    )


def _address(node: Node) -> str:
    return node.uri or f"/api/v2/node/{node.node_id}"


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
