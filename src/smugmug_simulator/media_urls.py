"""Where the bytes of an image are: the paths of the media host, and what each of them serves."""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from smugmug_simulator.clips import Clip
from smugmug_simulator.content import Content, noise_photo, noise_video
from smugmug_simulator.model import Component, Image, Node, Quirk
from smugmug_simulator.naming import media_name
from smugmug_simulator.pictures import Picture, Reduced
from smugmug_simulator.scene import Scene
from smugmug_simulator.world import KEY_LETTERS

# name of the size, code in URLs, longest side (recorded)
PHOTO_SIZES = (
    ("Tiny", "Ti", 100),
    ("Thumb", "Th", 150),
    ("Small", "S", 400),
    ("Medium", "M", 600),
    ("Large", "L", 800),
    ("XLarge", "XL", 1024),
    ("X2Large", "X2", 1280),
    ("X3Large", "X3", 1600),
    ("X4Large", "X4", 2048),
    ("X5Large", "X5", 2560),
    ("4K", "4K", 3840),
    ("5K", "5K", 5120),
)
_MADE_ON_DEMAND = "X4Large"
# cut to a square (recorded)
_SQUARE = frozenset({"Tiny", "Thumb"})
VAULT = "/smugvault/"
VIDEO_WIDTHS = (110, 200, 320, 640, 960, 1280, 1920)


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size of an image: how large it is and what its bytes are."""

    name: str
    code: str
    width: int
    height: int
    content: Content
    extension: str = "jpg"
    # Generated on demand, so the API does not know its size (documented; recorded for X4Large).
    on_demand: bool = False


def media_url(scene: Scene, album: Node, image: Image, code: str, extension: str = "jpg") -> str:
    """The address of one size; albums that are not public hide their names (recorded)."""
    open_name = album.privacy == "Public"
    folder = scene.world.url_path(album) if open_name else "/photos"
    name = media_name(image.file_name, image.key) if open_name else f"i-{image.key}"
    return f"{scene.origin}{folder}/i-{image.key}/{image.serial}/{_hash(image, code)}/{code}/{name}-{code}.{extension}"


def vault_url(scene: Scene, component: Component) -> str:
    """The address of a file in SmugMug Source: on another host than the photos, and signed by itself."""
    local = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
    scheme, _, place = scene.origin.partition("://")
    host, colon, port = place.partition(":")
    origin = f"{scheme}://{local.get(host, host)}{colon}{port}"
    return f"{origin}{VAULT}{component.key}/{vault_signature(component)}/{quote(component.file_name)}"


def vault_signature(component: Component) -> str:
    """Without it, the vault gives nothing."""
    return hashlib.sha256(f"vault/{component.key}/{component.content.md5}".encode()).hexdigest()


def _hash(image: Image, code: str) -> str:
    digest = hashlib.sha256(f"{image.key_serial}/{code}".encode()).digest() * 2
    return "".join(KEY_LETTERS[byte % len(KEY_LETTERS)] for byte in digest[:40])


def photo_renditions(image: Image) -> list[Rendition]:
    """The sizes below the original, each a JPEG."""
    longest = max(image.width, image.height)
    return [_scaled(image, name, code, side) for name, code, side in PHOTO_SIZES if side < longest or side <= 150]


def _scaled(image: Image, name: str, code: str, side: int) -> Rendition:
    width, height = _fitted(image, side, square=name in _SQUARE)
    if shown := _shown(image):
        return Rendition(name, code, width, height, Reduced(shown, width, height), on_demand=True)
    seed = int.from_bytes(hashlib.sha256(f"{image.key_serial}/{code}".encode()).digest()[:4])
    return Rendition(
        name, code, width, height, noise_photo(seed, 600 + side * side // 40), on_demand=name == _MADE_ON_DEMAND
    )


def _fitted(image: Image, side: int, *, square: bool) -> tuple[int, int]:
    """The width and the height of a size; never more than the image itself has."""
    if square:
        side = max(1, min(side, image.width, image.height))
        return side, side
    factor = side / max(image.width, image.height, 1)
    return max(1, round(image.width * factor)), max(1, round(image.height * factor))


def _shown(image: Image) -> Picture | None:
    """The picture behind an image that is a real one, or the first frame of a video that plays."""
    content = image.content
    return content.first if isinstance(content, Clip) else content if isinstance(content, Picture) else None


def video_renditions(image: Image) -> list[Rendition]:
    """The MP4s of a video; the widest one is all that is left of the upload (probed 2026-10)."""
    if Quirk.NO_VIDEO in image.quirks:
        return []
    widths = [width for width in VIDEO_WIDTHS if width < image.width]
    smaller = [_video(image, width, noise_video(width, 500 + width)) for width in widths]
    return [*smaller, _video(image, image.width, image.content)]


def _video(image: Image, width: int, content: Content) -> Rendition:
    height = round(image.height * width / max(image.width, 1))
    return Rendition(str(width), str(width), width, height, content, "mp4")


def still(image: Image) -> Content:
    """The JPEG that ArchivedUri of a video leads to; its size and MD5 have nothing to do with the upload (probed 2026-10)."""
    if shown := _shown(image):
        return shown
    seed = int.from_bytes(hashlib.sha256(image.key.encode()).digest()[:4])
    return noise_photo(seed, 2_000 + seed % 3_000)


def archived(image: Image) -> Content:
    """The target of ArchivedUri."""
    return still(image) if image.is_video else image.content
