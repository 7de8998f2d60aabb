"""What SmugMug has now held against what lies in the store, both looked at without the program that is judged."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smugmug_simulator import World
from smugmug_simulator.model import Image, Quirk
from tests.support.bucket import SIDECAR

Objects = Mapping[str, bytes]

_RAW = {Quirk.COMPONENTS_RAW_GROUP, Quirk.COMPONENTS_RAW_EXTENSION}


@dataclass(frozen=True, slots=True)
class Truth:
    """How a store and an account stand to each other."""

    lacking: tuple[str, ...]
    """What SmugMug can give and the store does not have as SmugMug has it now, each in a sentence."""
    not_given: tuple[str, ...]
    """File names of what SmugMug itself cannot give, a line for each item."""
    extra: int
    """Images that hint at a file in SmugMug Source where there is none."""


def look(world: World, objects: Objects, prefix: str, *, but: Collection[str] = ()) -> Truth:
    """The whole truth about every item in every album, as far as it lies below ``prefix``.

    Nothing is said of what lies, or should lie, at the keys of ``but``.
    """
    objects = {key: data for key, data in objects.items() if key.startswith(prefix)}
    documents = _documents(objects)
    lacking: list[str] = []
    not_given: list[str] = []
    for node in world.album_nodes():
        assert node.album is not None
        images = world.images(node.album.key)
        tries = [_Album(node.name, document, objects, but) for document in documents[node.album.key]]
        # A renamed album leaves its former file behind, so any one of them may tell it all.
        told = sorted(([*one.lacking(images)] for one in tries), key=len)
        lacking += told[0] if told else [f"{node.name}: it has no {SIDECAR}"]
        not_given += [
            image.file_name for image in images if image.unobtainable and not any(one.has(image) for one in tries)
        ]
    extra = sum(bool(image.quirks & _RAW and not image.components) for image in _listed(world))
    return Truth(tuple(lacking), tuple(not_given), extra)


async def undescribed(
    world: World, objects: Objects, prefix: str, said_of: Callable[[str], Awaitable[dict[str, str]]]
) -> list[str]:
    """Of what lies there as it should: which objects do not tell themselves what SmugMug says of them."""
    objects = {key: data for key, data in objects.items() if key.startswith(prefix)}
    found: list[str] = []
    for album, documents in _documents(objects).items():
        for image in world.images(album) if world.album(album) else ():
            keys = {one.key_of(image) for one in (_Album("", it, objects, ()) for it in documents) if one.has(image)}
            told = [await said_of(key) for key in sorted(keys)]
            if told and not any(_describes(said, image) for said in told):
                found.append(f"{image.file_name} ({image.key}) at {', '.join(keys)} tells {told[0]}")
    return found


def _describes(said: dict[str, str], image: Image) -> bool:
    wanted = {"title": image.title, "caption": image.caption, "image-key": image.key}
    return all(said.get(name, "") == text for name, text in wanted.items())


def _listed(world: World) -> Iterator[Image]:
    for node in world.album_nodes():
        assert node.album is not None
        yield from world.images(node.album.key)


def _documents(objects: Objects) -> Mapping[str, list[dict[str, Any]]]:
    """Every album's own files, by the album they say they are of."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for key, data in objects.items():
        if key.rpartition("/")[2] != SIDECAR:
            continue
        try:
            document = json.loads(data)
            found[document["album"]["AlbumKey"]].append(document)
        except (ValueError, TypeError, KeyError):
            continue  # damaged, so it tells nothing
    return found


class _Album:
    """One album by one of its own files."""

    def __init__(self, name: str, document: dict[str, Any], objects: Objects, but: Collection[str]) -> None:
        self.name = name
        self.document = document
        self.objects = objects
        self.but = but
        items = document["items"]
        self.items = {item["image"]["ImageKey"]: item for item in items if "component" not in item}
        self.components = {
            (item["image"]["ImageKey"], item["component"].get("ComponentKey")): item.get("key") or ""
            for item in items
            if "component" in item
        }

    def lacking(self, images: list[Image]) -> Iterator[str]:
        told = self.document["album"].get("Name")
        if told != self.name:
            yield f"{self.name}: its {SIDECAR} calls it {told}"
        for image in images:
            wrong = self._wrong(image)
            if wrong:
                yield f"{self.name}/{image.file_name} ({image.key}): {wrong}"
            for one in image.components if image.quirks & _RAW and not image.unobtainable else ():
                key = self.components.get((image.key, one.key), "")
                if key not in self.but and not self._lies_at(key, one.content.md5):
                    yield f"{self.name}/{one.file_name} ({image.key}): its bytes do not lie at {key or 'any key'}"

    def _wrong(self, image: Image) -> str:
        item = self.items.get(image.key)
        if item is None:
            return f"it is not in {SIDECAR}"
        for name, has in (("Title", image.title), ("Caption", image.caption), ("KeywordArray", list(image.keywords))):
            if item["image"].get(name) != has:
                return f"its {name} in {SIDECAR} is {item['image'].get(name)!r}, not {has!r}"
        if image.unobtainable or self.has(image):
            return ""
        key = item.get("key")
        if not key:
            return f"{SIDECAR} names no file of it"
        if key in self.but:
            return ""
        return f"other bytes lie at {key}" if key in self.objects else f"nothing lies at {key}"

    def has(self, image: Image) -> bool:
        """Whether its bytes lie where the file says."""
        return self._lies_at(self.key_of(image), image.content.md5)

    def _lies_at(self, key: str, md5: str) -> bool:
        data = self.objects.get(key)
        return data is not None and hashlib.md5(data, usedforsecurity=False).hexdigest() == md5

    def key_of(self, image: Image) -> str:
        """Where the file says that it lies; empty if it does not."""
        return self.items.get(image.key, {}).get("key") or ""
