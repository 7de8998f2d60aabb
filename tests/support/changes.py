"""What people do on SmugMug between two runs; every change takes two numbers that say to what, and tells what it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from smugmug_simulator import World
from smugmug_simulator.content import noise_photo, noise_video
from smugmug_simulator.model import Image, Node, Quirk

T = TypeVar("T")

ALBUMS = ("Garden", "garden", "Summer", "Winter")
PHOTOS = ("a.jpg", "A.JPG", "b.jpg", "c.jpg")
WORDS = ("", "plain", "Schöne Aussicht · 一番")
NO_FILE = frozenset({Quirk.NO_VIDEO})
NO_ORIGINAL = frozenset({Quirk.NO_ARCHIVED, Quirk.NO_ORIGINAL_SIZE_DETAIL})
RAW = (Quirk.COMPONENTS_RAW_GROUP, Quirk.COMPONENTS_RAW_EXTENSION)


class Clock:
    """Every look at it is a second later, so that whatever changes changes its date."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(slots=True)
class Account:
    """An account that people work on."""

    world: World = field(default_factory=lambda: World("mine", clock=Clock()))
    unlisted: list[tuple[str, str]] = field(default_factory=list)
    """Album and image of what no list shows for now."""
    number: int = 0

    def albums(self) -> list[Node]:
        return sorted(self.world.album_nodes(), key=lambda node: node.added)

    def folders(self) -> list[Node]:
        found = [node for node in self.world.nodes.values() if node.type == "Folder"]
        return sorted(found, key=lambda node: node.added)

    def images(self) -> list[Image]:
        """What albums list, each once, the oldest first."""
        listed = {asset.image_key for asset in self.world.assets()}
        return sorted((i for i in self.world.stored_images() if i.key in listed), key=lambda image: image.uploaded)

    @property
    def miscounted(self) -> bool:
        """Whether SmugMug's count of the account is another than that of its albums, whatever it makes of collected items."""
        total = self.world.asset_count()
        return max(0, total + self.world.account_count_error) not in (total, len(self.images()))

    def upload(self, album: Node, name: str, **fields: Any) -> str:
        """A file like no other; a video is larger than any photo."""
        assert album.album is not None
        self.number += 1
        content = (
            noise_video(self.number, 600 + self.number)
            if fields.get("is_video")
            else noise_photo(self.number, 200 + self.number)
        )
        key = self.world.add_image(album.album.key, name, content, **fields)
        return f"adds {name} ({key}) to {album.name}"

    def change(self, image: Image, *, touch: bool = False, **fields: Any) -> None:
        """Change an image's record; with ``touch`` its albums' dates move too."""
        self.world._stored[image.key] = replace(image, updated=self.world.clock(), **fields)
        for album in self.world.homes(image.key) if touch else ():
            self.world._touch_images(album)


def pick(things: Sequence[T], number: int) -> T | None:
    """One of them, if there is any."""
    return things[number % len(things)] if things else None


def _add(account: Account, which: int, other: int) -> str:
    album = pick(account.albums(), which)
    if album is None:
        return ""
    lacks, said = (((), ""), ((Quirk.NO_MD5,), ", without an MD5"), ((Quirk.NO_SIZE,), ", without a size"))[
        other // 4 % 3
    ]
    return account.upload(album, PHOTOS[other % len(PHOTOS)], quirks=frozenset(lacks)) + said


def _add_album(account: Account, which: int, other: int) -> str:
    folder = pick(account.folders(), which)
    assert folder is not None
    key = account.world.add_album(ALBUMS[other % len(ALBUMS)], folder.id)
    node = account.world.album(key)
    assert node is not None
    return f"makes album {node.name} ({key}) in {folder.name or 'the root'} and {account.upload(node, 'first.jpg')}"


def _add_subtree(account: Account, which: int, other: int) -> str:
    folder = pick(account.folders(), which)
    assert folder is not None
    inner = account.world.add_folder(f"Trips {account.number}", account.world.add_folder("Deep", folder.id))
    key = account.world.add_album(ALBUMS[other % len(ALBUMS)], inner)
    node = account.world.album(key)
    assert node is not None
    return f"makes folders Deep/Trips with album {node.name} ({key}) and {account.upload(node, 'deep.jpg')}"


def _delete(account: Account, which: int, _other: int) -> str:
    image = pick(account.images(), which)
    if image is None or any(key == image.key for _, key in account.unlisted):
        return ""
    account.world.delete_image(image.key)
    return f"deletes {image.file_name} ({image.key})"


def _replace(account: Account, which: int, other: int) -> str:
    image = pick(account.images(), which)
    if image is None:
        return ""
    touch = bool(other % 2)
    account.world.replace_image(image.key, touch_album=touch)
    return f"replaces {image.file_name} ({image.key}), its album's date {'moves' if touch else 'stays'}"


def _describe(account: Account, which: int, other: int) -> str:
    image = pick(account.images(), which)
    if image is None:
        return ""
    words, touch = WORDS[other % 3], bool(other // 3 % 2)
    what: dict[str, Any] = (
        {"title": words}, {"caption": words}, {"keywords": tuple(words.split())},
    )[other // 6 % 3]  # fmt: skip
    account.change(image, touch=touch, **what)
    return f"writes {what} to {image.file_name} ({image.key}), its albums' dates {'move' if touch else 'stay'}"


def _rename_album(account: Account, which: int, other: int) -> str:
    album = pick(account.albums(), which)
    if album is None or album.album is None:
        return ""
    account.world.rename_album(album.album.key, name := f"{ALBUMS[other % len(ALBUMS)]}{other % 2 or ''}")
    return f"renames album {album.name} ({album.album.key}) to {name}"


def _rename_folder(account: Account, which: int, other: int) -> str:
    folder = pick(account.folders()[1:], which)
    if folder is None:
        return ""
    account.world.rename_folder(folder.id, name := ("Family", "Friends", "Garden")[other % 3])
    return f"renames folder {folder.name} to {name}"


def _move_album(account: Account, which: int, other: int) -> str:
    album, folder = pick(account.albums(), which), pick(account.folders(), other)
    if album is None or album.album is None or folder is None:
        return ""
    account.world.move_album(album.album.key, folder.id)
    return f"moves album {album.name} ({album.album.key}) to {folder.name or 'the root'}"


def _collect(account: Account, which: int, other: int) -> str:
    image, album = pick(account.images(), which), pick(account.albums(), other)
    if image is None or album is None or album.album is None or album.album.key in account.world.homes(image.key):
        return ""
    account.world.collect_image(album.album.key, image.key)
    return f"collects {image.file_name} ({image.key}) into {album.name}"


def _take_out(account: Account, which: int, other: int) -> str:
    image = pick([i for i in account.images() if len(account.world.homes(i.key)) > 1], which)
    if image is None:
        return ""
    homes = account.world.homes(image.key)
    account.world.remove_from_album(album := homes[other % len(homes)], image.key)
    return f"takes {image.file_name} ({image.key}) out of {_name(account, album)}"


def _unlist(account: Account, which: int, other: int) -> str:
    image = pick(account.images(), which)
    if image is None:
        return ""
    homes = account.world.homes(image.key)
    account.world.remove_from_album(album := homes[other % len(homes)], image.key)
    account.unlisted.append((album, image.key))
    return f"unlists {image.file_name} ({image.key}) in {_name(account, album)}"


def _list_again(account: Account, _which: int, _other: int) -> str:
    if not account.unlisted:
        return ""
    album, key = account.unlisted.pop()
    if album in account.world.homes(key):
        return ""
    account.world.collect_image(album, key)
    return f"lists {key} in {_name(account, album)} again"


def _add_video(account: Account, which: int, other: int) -> str:
    album = pick(account.albums(), which)
    if album is None:
        return ""
    shape = {"is_video": True, "format": "MP4", "duration": 3.5, "width": 1280, "height": 720}
    lost = {"quirks": NO_FILE, "processing": True, "status": "Preprocess"}
    how = ({}, lost, lost | {"sub_status": "CanNotProcess"})[other % 3]
    said = ("", ", still being processed", ", which cannot be processed")[other % 3]
    return account.upload(album, "clip.mov", **shape, **how) + said


def _add_reduced(account: Account, which: int, _other: int) -> str:
    album = pick(account.albums(), which)
    if album is None:
        return ""
    return account.upload(album, "reduced.jpg", quirks=NO_ORIGINAL) + ", of which no original is offered"


def _process(account: Account, which: int, _other: int) -> str:
    image = pick([i for i in account.images() if i.unobtainable], which)
    if image is None:
        return ""
    account.change(image, quirks=frozenset(), processing=False, status="Open", sub_status="NFS")
    return f"has a file of {image.file_name} ({image.key}) now"


def _process_again(account: Account, which: int, other: int) -> str:
    image = pick([i for i in account.images() if i.is_video and not i.unobtainable], which)
    if image is None:
        return ""
    replaced = bool(other % 2)
    if replaced:
        image = account.world.replace_image(image.key)
    account.change(image, quirks=NO_FILE, processing=True, status="Preprocess")
    return f"{'replaces' if replaced else 'works on'} {image.file_name} ({image.key}), which has no file meanwhile"


def _hide(account: Account, which: int, other: int) -> str:
    image = pick(account.images(), which)
    if image is None:
        return ""
    account.change(image, hidden=not image.hidden, touch=bool(other % 2))
    return f"{'shows' if image.hidden else 'hides'} {image.file_name} ({image.key})"


def _add_raw(account: Account, which: int, other: int) -> str:
    album = pick(account.albums(), which)
    if album is None:
        return ""
    hint = RAW[other % len(RAW)]
    said = account.upload(album, "raw.jpg", quirks=frozenset({hint}))
    if other // 2 % 2:
        return f"{said}, which hints at a RAW that is not there"
    account.world.add_component(account.images()[-1].key, "raw.RW2", noise_photo(account.number, 300), hint=hint)
    return f"{said}, with a RAW beside it"


def _protect(account: Account, which: int, other: int) -> str:
    album = pick(account.albums(), which)
    if album is None:
        return ""
    how: dict[str, Any] = ({"security": "Password", "password": "secret"}, {"privacy": "Private"}, {})[other % 3]
    plain = {"security": "None", "password": "", "privacy": "Public"}
    account.world.nodes[album.id] = replace(album, **(plain | how))
    return f"album {album.name} is {('locked by a password', 'private', 'open to all')[other % 3]} now"


def _miscount(account: Account, which: int, _other: int) -> str:
    account.world.account_count_error = error = (1, -1, 0, 3)[which % 4]
    return f"the account counts {error:+} items beside those in albums" if error else "the account counts rightly"


def _name(account: Account, album_key: str) -> str:
    node = account.world.album(album_key)
    return node.name if node else album_key


CHANGES: dict[str, Callable[[Account, int, int], str]] = {
    "add": _add,
    "describe": _describe,
    "replace": _replace,
    "delete": _delete,
    "add_album": _add_album,
    "add_subtree": _add_subtree,
    "rename_album": _rename_album,
    "rename_folder": _rename_folder,
    "move_album": _move_album,
    "collect": _collect,
    "take_out": _take_out,
    "unlist": _unlist,
    "list_again": _list_again,
    "add_video": _add_video,
    "add_reduced": _add_reduced,
    "process": _process,
    "process_again": _process_again,
    "hide": _hide,
    "add_raw": _add_raw,
    "protect": _protect,
    "miscount": _miscount,
}
"""By name, the simplest first."""
