"""One viewer's view of a world: privacy, locks and hidden images."""

from dataclasses import dataclass, field

from smugmug_simulator.model import Image, Node, Privacy, Security
from smugmug_simulator.world import World

_PRIVACY_ORDER: tuple[Privacy, ...] = ("Public", "Unlisted", "Private")


@dataclass(frozen=True, slots=True)
class Viewer:
    """The owner with Access=Full, or a viewer who sees public things and what they unlocked."""

    full: bool
    unlocked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a page may hold: documented nowhere, probed 2026-09. Lower ones are a fair trap for clients."""

    albums: int = 100
    children: int = 200
    images: int = 1000


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a response depends on besides the request."""

    world: World
    viewer: Viewer
    origin: str
    limits: Limits = field(default_factory=Limits)
    # Inside an expansion some responses differ from the direct one (probed: metadata of fresh uploads is empty).
    expanding: bool = False
    # A node, album or image, by key or name, that this one response does not list.
    hidden: str = ""

    def privacy(self, node: Node) -> Privacy:
        """Private is inherited; Unlisted folders do not cap a public album (probed 2026-10)."""
        if any(part.privacy == "Private" for part in self.world.ancestors(node)):
            return "Private"
        return node.privacy

    def security(self, node: Node) -> Security:
        """The nearest lock on the way up."""
        return next((part.security for part in self.world.ancestors(node) if part.security != "None"), "None")

    def locked(self, node: Node) -> bool:
        """Whether this viewer would need a password."""
        if self.viewer.full:
            return False
        return any(
            part.security != "None" and part.id not in self.viewer.unlocked for part in self.world.ancestors(node)
        )

    def visible(self, node: Node) -> bool:
        """Whether the node exists for this viewer at all."""
        return self.viewer.full or self.privacy(node) != "Private"

    def listed(self, node: Node) -> bool:
        """Whether the node appears in lists."""
        if self.hidden and self.hidden in (node.id, node.name, node.album.key if node.album else ""):
            return False
        return self.viewer.full or self.privacy(node) == "Public"

    def level(self, node: Node) -> str:
        """The ResponseLevel of what this viewer gets to see of the node."""
        if self.viewer.full:
            return "Full"
        return "Password" if self.locked(node) else "Public"

    def shows(self, image: Image) -> bool:
        """Whether the image is listed for this viewer."""
        if self.hidden and self.hidden in (image.key, image.file_name):
            return False
        return self.viewer.full or not image.hidden

    def _sees_all(self, album_key: str) -> bool:
        return not self.hidden and (self.viewer.full or not self.world.hidden_images(album_key))

    def image_total(self, album_key: str) -> int:
        """How many images of an album this viewer sees."""
        if self._sees_all(album_key):
            return self.world.image_count(album_key)
        return len([1 for image in self.world.images(album_key) if self.shows(image)])

    def image_page(self, album_key: str, start: int, stop: int) -> list[Image]:
        """A part of what this viewer sees of an album."""
        if self._sees_all(album_key):
            return self.world.images(album_key, start, stop)
        return [image for image in self.world.images(album_key) if self.shows(image)][start:stop]
