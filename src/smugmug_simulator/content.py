"""Bytes from a seed: any slice of any asset is computed on demand, so nothing is stored."""

import hashlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol

JPEG_MAGIC = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
MP4_MAGIC = bytes.fromhex("0000001866747970") + b"mp42" + bytes(4) + b"mp42isom"

_BLOCK_SIZE = 4 << 20
_CHUNK = 1 << 20
_STEP = 256 << 10
_TAIL = 32
# Streams differ from their first kilobyte on, so a client that mixes up two of them is detected.
_VARIANTS = 61
_GROWING = threading.Lock()


class Content(Protocol):
    """Bytes of a known length and digest, readable from anywhere."""

    @property
    def size(self) -> int:
        """The length in bytes."""

    @property
    def md5(self) -> str:
        """The MD5 of all bytes, in hexadecimal."""

    def chunks(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """The bytes from `start` up to `stop`, in pieces of at most a megabyte."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Content small or precious enough to hold in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """The length in bytes."""
        return len(self.data)

    @property
    def md5(self) -> str:
        """The MD5 of all bytes, in hexadecimal."""
        return hashlib.md5(self.data, usedforsecurity=False).hexdigest()

    def chunks(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """The bytes from `start` up to `stop` in one piece."""
        if start < stop:
            yield memoryview(self.data)[start:stop]


@dataclass(frozen=True, slots=True)
class Noise:
    """A file signature, incompressible filling, and a tail that no other seed has."""

    seed: int
    size: int
    magic: bytes = JPEG_MAGIC

    @property
    def md5(self) -> str:
        """The MD5 of all bytes; costs at most a quarter megabyte of hashing once its stream has been walked."""
        body = max(0, self.size - _TAIL)
        digest = _stream_digest(self.magic, self.seed % _VARIANTS, body)
        digest.update(self._tail())
        return digest.hexdigest()

    def chunks(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """The bytes from `start` up to `stop`, in pieces of at most a megabyte."""
        body = max(0, self.size - _TAIL)
        yield from _stream(self.magic, self.seed % _VARIANTS, start, min(stop, body))
        if stop > body:
            yield self._tail()[max(start - body, 0) : stop - body]

    def _tail(self) -> bytes:
        return hashlib.sha256(f"{self.seed}/{self.size}".encode()).digest()[: min(self.size, _TAIL)]


def noise_photo(seed: int, size: int) -> Noise:
    """A photo that is not a real picture."""
    return Noise(seed, size)


def noise_video(seed: int, size: int) -> Noise:
    """A video that does not play."""
    return Noise(seed, size, MP4_MAGIC)


@cache
def _block() -> memoryview:
    return memoryview(random.Random(20131).randbytes(_BLOCK_SIZE))  # noqa: S311 - filling, not secrets


def _stream(magic: bytes, variant: int, start: int, stop: int) -> Iterator[bytes | memoryview]:
    """The endless stream of one variant, in slices at block boundaries so that no byte is copied."""
    position = start
    while position < stop:
        if position < len(magic):
            piece: bytes | memoryview = magic[position : min(stop, len(magic))]
        else:
            offset = (position + variant * 65_537) % _BLOCK_SIZE
            piece = _block()[offset : offset + min(_CHUNK, stop - position)]
        yield piece
        position += len(piece)


@cache
def _checkpoints(magic: bytes, variant: int) -> list["hashlib._Hash"]:
    """Digest states of one stream at every `_STEP` bytes; it grows as needed."""
    del magic, variant
    return [hashlib.md5(usedforsecurity=False)]


def _stream_digest(magic: bytes, variant: int, length: int) -> "hashlib._Hash":
    states = _checkpoints(magic, variant)
    with _GROWING:  # hashing releases the GIL, and two threads that add the same step would corrupt all later ones
        while len(states) <= length // _STEP:
            done = (len(states) - 1) * _STEP
            states.append(_fed(states[-1], magic, variant, done, done + _STEP))
    return _fed(states[length // _STEP], magic, variant, length // _STEP * _STEP, length)


def _fed(state: "hashlib._Hash", magic: bytes, variant: int, start: int, stop: int) -> "hashlib._Hash":
    digest = state.copy()
    for piece in _stream(magic, variant, start, stop):
        digest.update(piece)
    return digest
