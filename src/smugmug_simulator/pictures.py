"""Photos worth looking at: small painted landscapes with EXIF, generated on demand and cached."""

import hashlib
import io
import random
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageFont

_REMEMBERED = 96 << 20
_DATE_TIME_ORIGINAL, _MAKE, _MODEL, _DESCRIPTION, _EXIF_BLOCK = 0x9003, 0x010F, 0x0110, 0x010E, 0x8769
# The built-in font has Latin letters with their accents and not much more.
_LAST_LETTER = "\u017f"
Color = tuple[int, int, int]

# sky at the top, sky at the horizon, nearest hills
_PALETTES: tuple[tuple[Color, Color, Color], ...] = (
    ((58, 110, 165), (253, 222, 179), (34, 60, 52)),
    ((25, 32, 72), (240, 128, 92), (18, 18, 40)),
    ((110, 170, 214), (232, 244, 248), (46, 92, 60)),
    ((86, 60, 120), (250, 190, 170), (40, 28, 62)),
    ((20, 60, 84), (150, 210, 190), (10, 36, 48)),
    ((170, 190, 200), (246, 238, 220), (80, 84, 70)),
)


class _Made(ABC):
    """A JPEG that is made when it is first asked for."""

    __slots__ = ()

    @abstractmethod
    def made(self) -> bytes:
        """All of its bytes."""

    @property
    def size(self) -> int:
        """The length in bytes."""
        return _digest(self)[0]

    @property
    def md5(self) -> str:
        """The MD5 of all bytes, in hexadecimal."""
        return _digest(self)[1]

    def chunks(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """The bytes from `start` up to `stop` in one piece."""
        if start < stop:
            yield memoryview(_remembered(self))[start:stop]


@dataclass(frozen=True, slots=True)
class Picture(_Made):
    """A landscape of a seed; the same seed gives the same hills in every size."""

    seed: int
    title: str
    taken: datetime | None
    width: int = 1200
    height: int = 800

    def made(self) -> bytes:
        """As a JPEG with EXIF."""
        return jpeg(self)


@dataclass(frozen=True, slots=True)
class Reduced(_Made):
    """A smaller JPEG made from a picture: its bytes decoded, cut if it has other proportions, and scaled; without EXIF."""

    original: Picture
    width: int
    height: int

    def made(self) -> bytes:
        """The original in fewer points."""
        return reduced(self)


# Pictures are made in several threads when a world is warmed up.
_lock = Lock()
_bytes: OrderedDict[_Made, bytes] = OrderedDict()
_digests: dict[_Made, tuple[int, str]] = {}


def _remembered(picture: _Made) -> bytes:
    """The bytes of a picture; the latest ones stay in memory, up to a bound."""
    with _lock:
        data = _bytes.pop(picture, None)
    data = data or picture.made()
    with _lock:
        _bytes[picture] = data
        while sum(map(len, _bytes.values())) > _REMEMBERED and len(_bytes) > 1:
            _bytes.popitem(last=False)
    return data


def _digest(picture: _Made) -> tuple[int, str]:
    if picture not in _digests:
        data = _remembered(picture)
        _digests[picture] = (len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
    return _digests[picture]


def jpeg(picture: Picture) -> bytes:
    """The picture as a JPEG with EXIF."""
    file = io.BytesIO()
    paint(picture).save(file, "JPEG", quality=88, exif=_exif(picture))
    return file.getvalue()


def reduced(picture: Reduced) -> bytes:
    """The picture in fewer points."""
    from PIL import Image as Pillow  # noqa: PLC0415
    from PIL import ImageOps  # noqa: PLC0415

    file = io.BytesIO()
    with Pillow.open(io.BytesIO(_remembered(picture.original))) as image:
        ImageOps.fit(image, (picture.width, picture.height)).save(file, "JPEG", quality=85)
    return file.getvalue()


def paint(picture: Picture, shift: float = 0.0) -> "Pillow.Image":
    """The picture itself; `shift` moves the sun, for pictures in motion."""
    from PIL import ImageChops  # noqa: PLC0415 - only worlds with real pictures need Pillow

    rng = random.Random(picture.seed)  # noqa: S311 - a picture, not a secret
    top, horizon, near = rng.choice(_PALETTES)
    size = (max(1, picture.width), max(1, picture.height))
    image = _sky(rng, size, top, horizon, shift)
    for layer in range(3):
        _hills(image, rng, layer, _between(horizon, near, (layer + 1) / 3))
    image = ImageChops.screen(image, _grain(size))
    _write(image, picture)
    return image


def _sky(rng: random.Random, size: tuple[int, int], top: Color, horizon: Color, shift: float) -> "Pillow.Image":
    """A gradient with a sun."""
    from PIL import Image as Pillow  # noqa: PLC0415
    from PIL import ImageDraw  # noqa: PLC0415

    width, height = size
    image = _gradient(height, top, horizon).resize(size, Pillow.Resampling.NEAREST)
    x, y = (rng.uniform(0.15, 0.85) + shift) % 1 * width, rng.uniform(0.2, 0.6) * height
    radius = rng.uniform(0.03, 0.08) * min(size)
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 244, 214))
    return image


@lru_cache(maxsize=32)
def _gradient(height: int, top: Color, horizon: Color) -> "Pillow.Image":
    """One column of the sky."""
    from PIL import Image as Pillow  # noqa: PLC0415

    column = Pillow.new("RGB", (1, height))
    column.putdata([_between(top, horizon, min(1.0, row / height * 1.4)) for row in range(height)])
    return column


def _hills(image: "Pillow.Image", rng: random.Random, layer: int, color: Color) -> None:
    from PIL import ImageDraw  # noqa: PLC0415

    base, swing = 0.55 + 0.14 * layer, 0.16 - 0.03 * layer
    ridge = [(step / 12, base + rng.uniform(-swing, swing)) for step in range(13)]
    points = [(x * image.width, y * image.height) for x, y in [(0.0, 1.0), *ridge, (1.0, 1.0)]]
    ImageDraw.Draw(image).polygon(points, fill=color)


@lru_cache(maxsize=8)
def _grain(size: tuple[int, int]) -> "Pillow.Image":
    """Film grain, which also gives the file the size of a photo: how much lighter each point gets."""
    from PIL import Image as Pillow  # noqa: PLC0415

    noise = random.Random(7).randbytes(400 * 300)  # noqa: S311 - grain
    grey = Pillow.frombytes("L", (400, 300), noise).point([value // 8 for value in range(256)])
    return Pillow.merge("RGB", [grey.resize(size, Pillow.Resampling.BILINEAR)] * 3)


def _write(image: "Pillow.Image", picture: Picture) -> None:
    """The title in a corner, where the built-in font has its letters."""
    from PIL import ImageDraw  # noqa: PLC0415

    if image.width < 300 or any(letter > _LAST_LETTER for letter in picture.title):
        return
    place = (image.width * 0.04, image.height * 0.9)
    ImageDraw.Draw(image).text(place, picture.title, fill=(255, 255, 255), font=_font(max(12, image.width // 36)))


@lru_cache(maxsize=8)
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont  # noqa: PLC0415

    return ImageFont.load_default(size)


def _exif(picture: Picture) -> "Pillow.Exif":
    from PIL import Image as Pillow  # noqa: PLC0415

    exif = Pillow.Exif()
    exif[_MAKE], exif[_MODEL] = "Example", "Camera One"
    exif[_DESCRIPTION] = picture.title.encode("ascii", "replace").decode()
    if picture.taken:
        exif.get_ifd(_EXIF_BLOCK)[_DATE_TIME_ORIGINAL] = picture.taken.strftime("%Y:%m:%d %H:%M:%S")
    return exif


def _between(first: Color, second: Color, part: float) -> Color:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue
