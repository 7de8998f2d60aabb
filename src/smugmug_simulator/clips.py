"""Videos that play: a few seconds of Motion JPEG in an MP4, put together box by box."""

import hashlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from smugmug_simulator.pictures import Picture, paint

_FRAMES_A_SECOND = 8
_IDENTITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
# Motion JPEG in MP4: object type 0x6C in a visual stream (ISO/IEC 14496-1).
_OBJECT_JPEG, _STREAM_VISUAL = 0x6C, 0x11


@dataclass(frozen=True, slots=True)
class Clip:
    """A landscape in which the sun moves."""

    seed: int
    title: str
    frames: int = 24
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
    frames = [_frame(clip, number) for number in range(clip.frames)]
    head = _box("ftyp", b"isom", struct.pack(">I", 0x200), b"isommp41")
    first = len(head) + 8
    offsets = [first + sum(map(len, frames[:number])) for number in range(len(frames))]
    return head + _box("mdat", *frames) + _movie(clip, [len(frame) for frame in frames], offsets)


def _frame(clip: Clip, number: int) -> bytes:
    file = io.BytesIO()
    paint(clip.first, shift=number / clip.frames / 2).save(file, "JPEG", quality=70)
    return file.getvalue()


def _box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind.encode() + body


def _full(kind: str, flags: int, *parts: bytes) -> bytes:
    """A box with version 0 and flags."""
    return _box(kind, struct.pack(">I", flags), *parts)


def _movie(clip: Clip, sizes: list[int], offsets: list[int]) -> bytes:
    """The index; one tick is one frame."""
    ticks, rate = clip.frames, _FRAMES_A_SECOND
    header = _full(
        "mvhd",
        0,
        struct.pack(">4I", 0, 0, rate, ticks),
        struct.pack(">IH10x", 0x10000, 0x100),
        _IDENTITY,
        bytes(24),
        struct.pack(">I", 2),
    )
    shape = (
        struct.pack(">5I8x4H", 0, 0, 1, 0, ticks, 0, 0, 0, 0)
        + _IDENTITY
        + struct.pack(">2I", clip.width << 16, clip.height << 16)
    )
    media = _box(
        "mdia",
        _full("mdhd", 0, struct.pack(">4I2H", 0, 0, rate, ticks, 0x55C4, 0)),
        _handler(),
        _information(clip, sizes, offsets),
    )
    return _box("moov", header, _box("trak", _full("tkhd", 3, shape), media))


def _handler() -> bytes:
    return _full("hdlr", 0, struct.pack(">I4s12x", 0, b"vide"), b"VideoHandler\0")


def _information(clip: Clip, sizes: list[int], offsets: list[int]) -> bytes:
    data = _box("dinf", _full("dref", 0, struct.pack(">I", 1), _full("url ", 1)))
    return _box("minf", _full("vmhd", 1, bytes(8)), data, _samples(clip, sizes, offsets))


def _samples(clip: Clip, sizes: list[int], offsets: list[int]) -> bytes:
    """Each frame is a chunk of its own and lasts one tick."""
    count = len(sizes)
    return _box(
        "stbl",
        _full("stsd", 0, struct.pack(">I", 1), _description(clip)),
        _full("stts", 0, struct.pack(">3I", 1, count, 1)),
        _full("stsc", 0, struct.pack(">4I", 1, 1, 1, 1)),
        _full("stsz", 0, struct.pack(f">2I{count}I", 0, count, *sizes)),
        _full("stco", 0, struct.pack(f">I{count}I", count, *offsets)),
    )


def _description(clip: Clip) -> bytes:
    entry = struct.pack(">6xH16x2H2I4xH32sHh", 1, clip.width, clip.height, 0x480000, 0x480000, 1, b"", 24, -1)
    decoder = struct.pack(">BB", 0x04, 13) + struct.pack(">BBBHII", _OBJECT_JPEG, _STREAM_VISUAL, 0, 0, 0, 0)
    stream = struct.pack(">HB", 1, 0) + decoder + struct.pack(">3B", 0x06, 1, 2)
    return _box("mp4v", entry, _full("esds", 0, struct.pack(">BB", 0x03, len(stream)), stream))
