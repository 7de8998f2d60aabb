"""Videos that play in every browser: a few seconds of AV1, which Pillow writes as an animated AVIF."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from smugmug_simulator.pictures import Picture, paint

_FRAMES_A_SECOND = 6


@dataclass(frozen=True, slots=True)
class Clip:
    """A landscape in which the sun moves."""

    seed: int
    title: str
    frames: int = 12
    width: int = 640
    height: int = 360

    @property
    def first(self) -> Picture:
        """Its first frame."""
        return Picture(self.seed, self.title, None, self.width, self.height)

    @property
    def duration(self) -> float:
        """How long it plays, in seconds."""
        return self.frames / _FRAMES_A_SECOND

    @property
    def size(self) -> int:
        """The length in bytes."""
        return len(_mp4(self))

    @property
    def md5(self) -> str:
        """The MD5 of all bytes, in hexadecimal."""
        return hashlib.md5(_mp4(self), usedforsecurity=False).hexdigest()

    def chunks(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """The bytes from `start` up to `stop` in one piece."""
        if start < stop:
            yield memoryview(_mp4(self))[start:stop]


@lru_cache(maxsize=16)
def _mp4(clip: Clip) -> bytes:
    first, *others = (paint(clip.first, shift=number / clip.frames / 2) for number in range(clip.frames))
    file = io.BytesIO()
    options = {"quality": 60, "speed": 10, "duration": 1000 // _FRAMES_A_SECOND, "max_threads": 1}
    first.save(file, "AVIF", save_all=True, append_images=others, **options)
    return _as_video(file.getvalue())


def _as_video(avif: bytes) -> bytes:
    """The same frames in the same boxes: only the brand, the kind of the track and the moment of writing differ."""
    data = bytearray(avif.replace(b"ftypavis", b"ftypisom", 1).replace(b"pict", b"vide"))
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        times = data.index(box) + 8
        data[times : times + 16] = bytes(16)
    return bytes(data)
