"""One account in memory: its tree, its images, methods to change it, and the truth about it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal

from smugmug_simulator.content import Content, noise_photo
from smugmug_simulator.model import Album, Asset, Component, Image, Listing, Node, Quirk, User
from smugmug_simulator.naming import url_name

# Letters and digits SmugMug's own keys are made of.
KEY_LETTERS = "23456789bcdfghjkmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ"

# How `!components` is answered; whether a key with OAuth gets it is not known, two endpoints beside it answer 404 (2026-09).
Components = Literal["given", "404", "403", "401", "web page"]
# What the address of a file in the vault needs besides its own signature: not known either.
Vault = Literal["open", "oauth", "login", "forbidden"]
UnsignedPrivateMedia = Literal["open", "empty", "login", "forbidden"]


def now() -> datetime:
    """This second, as SmugMug writes times."""
    return datetime.now(UTC).replace(microsecond=0)


class World:
    """An account: the source of all responses; tests may change it between runs."""

    def __init__(
        self, name: str, *, seed: int = 1, user: User | None = None, clock: Callable[[], datetime] = now
    ) -> None:
        self.name = name
        self.user = user or User()
        self.clock = clock
        # The response without a signature for media of private albums; reports disagree (2018-2026).
        self.unsigned_private_media: UnsignedPrivateMedia = "open"
        self.components: Components = "given"
        self.vault: Vault = "open"
        # From this start on `user!albums` answers 404, as one account saw in 2021.
        self.broken_albums_start: int | None = None
        # User.ImageCount minus the items that all albums list together.
        self.account_count_error = 0
        self.nodes: dict[str, Node] = {}
        self.random = random.Random(seed)  # noqa: S311 - a reproducible world
        self._children: dict[str, list[str]] = {}
        self._albums: dict[str, str] = {}
        self._stored: dict[str, Image] = {}
        self._listings: dict[str, list[str] | Listing] = {}
        self._homes: dict[str, list[str]] = {}
        self._locate: Callable[[str], str | None] = lambda _key: None
        self._counter = count(1)
        self.root = self._grow(Node(id=self._key(5), type="Folder", name="", url_name="", parent=None, **self._dates()))

    # Reading

    def node(self, node_id: str) -> Node | None:
        """The node of that id."""
        return self.nodes.get(node_id)

    def album(self, album_key: str) -> Node | None:
        """The node of the album of that key."""
        node_id = self._albums.get(album_key)
        return self.nodes[node_id] if node_id else None

    def album_nodes(self) -> list[Node]:
        """All ordinary albums, newest first, which is how `user!albums` lists them unasked."""
        return [
            self.nodes[node_id] for node_id in reversed(self._albums.values()) if self.nodes[node_id].type == "Album"
        ]

    def children(self, node_id: str) -> list[Node]:
        """The nodes directly in a folder, in the organizer's order."""
        return [self.nodes[child] for child in self._children.get(node_id, [])]

    def has_children(self, node_id: str) -> bool:
        """Whether it has child nodes; never for an album."""
        return bool(self._children.get(node_id))

    def ancestors(self, node: Node) -> list[Node]:
        """The node itself, its parent, and so on up to the root."""
        line = [node]
        while line[-1].parent:
            line.append(self.nodes[line[-1].parent])
        return line

    def url_path(self, node: Node) -> str:
        """The path by URL names: `/` for the root, `/Family/Summer` for others."""
        return "/" + "/".join(part.url_name for part in reversed(self.ancestors(node)[:-1]))

    def at_path(self, path: str) -> Node | None:
        """The node at a path of URL names."""
        node: Node | None = self.nodes[self.root]
        for part in path.strip("/").split("/") if path.strip("/") else ():
            node = next((child for child in self.children(node.id) if child.url_name == part), None) if node else None
        return node

    def image(self, image_key: str) -> Image | None:
        """The image of that key, unless it has been deleted altogether."""
        if image_key in self._stored:
            return self._stored[image_key]
        listing = self._listings.get(self._locate(image_key) or "")
        index = None if listing is None or isinstance(listing, list) else listing.index(image_key)
        return None if index is None or listing is None or isinstance(listing, list) else listing[index]

    def component(self, key: str) -> Component | None:
        """The file in SmugMug Source of that key, also of a preview."""
        image = self.image(key[:-1]) if key.endswith("p") else None
        if image is not None:
            return Component(key=key, file_name=image.file_name, content=image.content)
        every = (component for image in self._stored.values() for component in image.components)
        return next((component for component in every if component.key == key), None)

    def homes(self, image_key: str) -> list[str]:
        """The albums an image is in; the first is where it was uploaded."""
        if image_key in self._homes:
            return self._homes[image_key]
        album_key = self._locate(image_key)
        return [album_key] if album_key and not isinstance(self._listings[album_key], list) else []

    def image_count(self, album_key: str) -> int:
        """How many images an album lists."""
        return len(self._listings[album_key])

    def images(self, album_key: str, start: int = 0, stop: int | None = None) -> list[Image]:
        """Part of an album's images, in the order of the album."""
        listing = self._listings[album_key]
        if isinstance(listing, list):
            return [self._stored[key] for key in listing[start:stop]]
        return [listing[index] for index in range(*slice(start, stop).indices(len(listing)))]

    def stored_images(self) -> list[Image]:
        """The images kept in memory, each once."""
        return list(self._stored.values())

    def total_bytes(self, album_key: str) -> int:
        """The sum of an album's contents, which Album.OriginalSizes shows its owner."""
        listing = self._listings[album_key]
        return (
            sum(self._stored[key].content.size for key in listing) if isinstance(listing, list) else listing.total_bytes
        )

    def hidden_images(self, album_key: str) -> bool:
        """Whether other users see less of an album than its owner; computed images are never hidden."""
        listing = self._listings[album_key]
        return isinstance(listing, list) and any(self._stored[key].hidden for key in listing)

    def assets(self) -> Iterator[Asset]:
        """What a complete copy must have, album by album; a collected image counts in each of its albums."""
        for node_id in list(self._albums.values()):
            node = self.nodes[node_id]
            folders = tuple(part.name for part in reversed(self.ancestors(node)[1:-1]))
            for index in range(self.image_count(_album(node).key)):
                image = self.images(_album(node).key, index, index + 1)[0]
                line = Asset.of(node, folders, image)
                yield line
                yield from (line.beside(component, self._refusal) for component in image.components)

    @property
    def _refusal(self) -> str:
        """Why nothing in SmugMug Source can be had."""
        if self.components != "given":
            return f"!components answers {self.components}"
        return "" if self.vault in {"open", "oauth"} else f"the vault answers {self.vault}"

    def asset_count(self) -> int:
        """How many images all albums list together, without files in SmugMug Source."""
        return sum(len(listing) for listing in self._listings.values())

    # Changing

    def add_folder(self, name: str, parent: str | None = None, **fields: Any) -> str:
        """Make a folder and return its node id."""
        return self._grow(self._new_node("Folder", name, parent, fields))

    def add_page(self, name: str, parent: str | None = None, **fields: Any) -> str:
        """Make a page, which is a node without media, and return its node id."""
        return self._grow(self._new_node("Page", name, parent, fields))

    def add_album(self, name: str, parent: str | None = None, **fields: Any) -> str:
        """Make an album and return its key; fields of Node and Album may be given."""
        settings = {
            key: fields.pop(key) for key in list(fields) if key in Album.__dataclass_fields__ and key != "keywords"
        }
        given: dict[str, Any] = {"key": self._key(6), "images_updated": self.clock()} | settings
        album = Album(**given)
        node = self._new_node(fields.pop("type", "Album"), name, parent, fields)
        self._albums[album.key] = self._grow(replace(node, album=album))
        self._listings[album.key] = []
        return album.key

    def add_listing(self, album_key: str, listing: Listing, locate: Callable[[str], str | None]) -> None:
        """Let an album's images be computed; `locate` finds the album of any such image."""
        self._listings[album_key] = listing
        self._locate = locate

    def add_image(self, album_key: str, file_name: str, content: Content | None = None, **fields: Any) -> str:
        """Upload an image to the end of an album and return its key."""
        moment = self.clock()
        dates = {"uploaded": moment, "updated": moment}
        body = content or noise_photo(next(self._counter), 4000 + self.random.randrange(4000))
        given: dict[str, Any] = {"key": self._key(7), "file_name": file_name, "content": body} | dates | fields
        image = Image(**given)
        self._stored[image.key] = image
        self._homes[image.key] = [album_key]
        self._stored_keys(album_key).append(image.key)
        self._touch_images(album_key)
        return image.key

    def add_component(
        self,
        image_key: str,
        file_name: str,
        content: Content | None = None,
        *,
        hint: Quirk | None = Quirk.COMPONENTS_RAW_GROUP,
    ) -> Component:
        """Put another file of an image into SmugMug Source; `hint` is how its album shows that, or None if it does not."""
        image = self._own(image_key)
        body = content or noise_photo(2_000_000 + next(self._counter), 9000)
        component = Component(key=self._key(9), file_name=file_name, content=body)
        quirks = image.quirks | ({hint} if hint else set())
        self._stored[image_key] = replace(image, components=(*image.components, component), quirks=quirks)
        return component

    def remove_components(self, image_key: str) -> None:
        """Delete everything of an image that is in SmugMug Source; its album no longer hints at it."""
        image = self._own(image_key)
        hints = {Quirk.COMPONENTS_RAW_GROUP, Quirk.COMPONENTS_RAW_EXTENSION}
        self._stored[image_key] = replace(image, components=(), quirks=image.quirks - hints)

    def rename_image(self, image_key: str, file_name: str) -> None:
        """Change its file name."""
        self._stored[image_key] = replace(self._own(image_key), file_name=file_name, updated=self.clock())

    def replace_image(self, image_key: str, content: Content | None = None, *, touch_album: bool = False) -> Image:
        """Replace the bytes: Serial rises, Date stays. Whether the album notices is not known, hence the switch."""
        old = self._own(image_key)
        body = content or noise_photo(1_000_000 + next(self._counter), old.content.size + 17)
        self._stored[image_key] = replace(old, serial=old.serial + 1, content=body, updated=self.clock())
        if touch_album:
            self._touch_images(self.homes(image_key)[0])
        return self._stored[image_key]

    def delete_image(self, image_key: str) -> None:
        """Delete an image; it goes from every album it was collected into (probed 2026-10)."""
        self._own(image_key)
        for album_key in self._homes.pop(image_key):
            self._stored_keys(album_key).remove(image_key)
            self._touch_images(album_key)
        del self._stored[image_key]

    def set_caption(self, image_key: str, caption: str) -> None:
        """Change words only: LastUpdated changes, bytes and Serial do not."""
        self._stored[image_key] = replace(self._own(image_key), caption=caption, updated=self.clock())

    def rename_album(self, album_key: str, name: str) -> None:
        """Change an album's name and URL name; Album.LastUpdated changes."""
        self._rename(self._albums[album_key], name)

    def rename_folder(self, node_id: str, name: str) -> None:
        """Change a folder's name and URL name."""
        self._rename(node_id, name)

    def move_album(self, album_key: str, parent: str) -> None:
        """Move an album to another folder."""
        node = self.nodes[self._albums[album_key]]
        self._children[str(node.parent)].remove(node.id)
        self._children.setdefault(parent, []).append(node.id)
        self.nodes[node.id] = replace(node, parent=parent, modified=self.clock())

    def collect_image(self, album_key: str, image_key: str) -> None:
        """Show an image in one more album, under the same key."""
        self._own(image_key)
        self._homes[image_key].append(album_key)
        self._stored_keys(album_key).append(image_key)
        self._touch_images(album_key)

    def remove_from_album(self, album_key: str, image_key: str) -> None:
        """Take an image out of one of several albums, whichever had it first."""
        self._own(image_key)
        self._homes[image_key].remove(album_key)
        self._stored_keys(album_key).remove(image_key)
        self._touch_images(album_key)

    def delete_node(self, node_id: str) -> None:
        """Delete an album or a folder with all below; an image goes with the album it was uploaded to (probed 2026-10)."""
        for child in list(self._children.pop(node_id, ())):
            self.delete_node(child)
        node = self.nodes.pop(node_id)
        if node.parent in self._children:
            self._children[str(node.parent)].remove(node_id)
        if node.album:
            self._empty(node.album.key)
            del self._albums[node.album.key], self._listings[node.album.key]

    def miscount(self, album_key: str, by: int) -> None:
        """From now on an album counts so many more images than it lists."""
        node = self.nodes[self._albums[album_key]]
        self.nodes[node.id] = replace(node, album=replace(_album(node), count_error=by))

    def reorder(self, album_key: str) -> None:
        """Move the first image to the end, as a changed sort order would."""
        keys = self._stored_keys(album_key)
        keys.append(keys.pop(0))

    # Inside

    def _own(self, image_key: str) -> Image:
        """The image as one kept in memory, which is what can be changed."""
        if image_key not in self._stored and (album_key := self._locate(image_key)):
            self._stored_keys(album_key)
        return self._stored[image_key]

    def _stored_keys(self, album_key: str) -> list[str]:
        listing = self._listings[album_key]
        if isinstance(listing, list):
            return listing
        images = [listing[index] for index in range(len(listing))]
        self._stored.update({image.key: image for image in images})
        self._homes.update({image.key: [album_key] for image in images})
        keys = [image.key for image in images]
        self._listings[album_key] = keys
        return keys

    def _empty(self, album_key: str) -> None:
        for image_key in list(self._stored_keys(album_key)):
            if self._homes[image_key][0] == album_key:
                for home in self._homes.pop(image_key):
                    self._stored_keys(home).remove(image_key)
                del self._stored[image_key]
            else:
                self._homes[image_key].remove(album_key)

    def _touch_images(self, album_key: str) -> None:
        node = self.nodes[self._albums[album_key]]
        self.nodes[node.id] = replace(node, album=replace(_album(node), images_updated=self.clock()))

    def _rename(self, node_id: str, name: str) -> None:
        node = self.nodes[node_id]
        siblings = [child.url_name for child in self.children(str(node.parent)) if child.id != node_id]
        self.nodes[node_id] = replace(node, name=name, url_name=url_name(name, siblings), modified=self.clock())

    def _new_node(self, kind: str, name: str, parent: str | None, fields: dict[str, Any]) -> Node:
        home = parent or self.root
        siblings = self._children.setdefault(home, [])
        if "url_name" not in fields:
            fields = {"url_name": url_name(name, {self.nodes[child].url_name for child in siblings})} | fields
        given = {"id": self._key(6), "sort_index": len(siblings) + 1} | self._dates() | fields
        return Node(type=kind, name=name, parent=home, **given)  # type: ignore[arg-type]

    def _grow(self, node: Node) -> str:
        self.nodes[node.id] = node
        if node.parent:
            self._children.setdefault(node.parent, []).append(node.id)
        return node.id

    def _dates(self) -> dict[str, Any]:
        moment = self.clock()
        return {"added": moment, "modified": moment}

    def _key(self, length: int) -> str:
        while True:
            key = "".join(self.random.choices(KEY_LETTERS, k=length))
            if key not in self.nodes and key not in self._albums and key not in self._stored:
                return key


def _album(node: Node) -> Album:
    assert node.album is not None
    return node.album
