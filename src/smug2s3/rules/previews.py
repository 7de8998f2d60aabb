"""Which of SmugMug's reduced pictures are to be copied for an album, and which stored ones show nothing any more."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from smug2s3.models import Rendition
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.preview_keys import Size, preview_key, previewed

_TYPICAL = {
    Size.TINY: 4_000,
    Size.THUMB: 9_000,
    Size.SMALL: 48_000,
    Size.MEDIUM: 83_000,
    Size.LARGE: 123_000,
    Size.XLARGE: 184_000,
    Size.X2LARGE: 253_000,
    Size.X3LARGE: 354_000,
    Size.X4LARGE: 530_000,
    Size.X5LARGE: 759_000,
    Size.FOUR_K: 1_500_000,
    Size.FIVE_K: 2_500_000,
}
"""Bytes of each size: S to X3 and X5 as recorded for a photo, the others estimated. SmugMug lists not all lengths."""


def typical(size: Size) -> int:
    """The bytes of most pictures in this size."""
    return _TYPICAL[size]


class Preview(NamedTuple):
    """A preview to copy."""

    image_key: str
    rendition: Rendition

    @property
    def expected(self) -> int:
        """Its length, or that of most pictures in this size."""
        length = self.rendition.length
        return typical(Size(self.rendition.size)) if length is None else length


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the ledger has of an album's previews; empty if there are none."""

    previews: Mapping[str, str] = field(default_factory=dict)
    """When each was stored, by key."""
    md5s: Mapping[str, str] = field(default_factory=dict)
    """Of each, by key."""
    files: Mapping[str, str] = field(default_factory=dict)
    """When each of the album's photos and videos was stored, by key."""

    def shows(self, key: str, file: str) -> bool:
        """Whether the preview at ``key`` is there and shows what is stored at ``file`` now."""
        return key in self.previews and self.previews[key] >= self.files.get(file, "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The previews of an album."""

    to_copy: tuple[Preview, ...]
    unavailable: int
    """Those that SmugMug does not offer, or only with a watermark."""
    needless: int
    """Those of pictures that are not larger themselves."""

    @property
    def bytes(self) -> int:
        """Of those to copy, as far as known; the rest as in most pictures."""
        return sum(preview.expected for preview in self.to_copy)


def wanted(steps: Iterable[Step], recorded: Recorded, *, prefix: str) -> Wanted:
    """What to copy after ``steps``: previews that are not stored, and those of files that are replaced.

    Files in SmugMug Source have none: the photo beside them has.
    """
    to_copy: list[Preview] = []
    unavailable = needless = 0
    for step in steps:
        for one in step.asset.renditions:
            if one.needless:
                needless += 1
            elif not one.url or step.action is Action.UNAVAILABLE:
                unavailable += 1
            elif step.action is Action.MOVE or not recorded.shows(_key(step.key, one, prefix), step.key):
                to_copy.append(Preview(step.asset.image_key, one))
    return Wanted(tuple(to_copy), unavailable, needless)


def outdated(recorded: Recorded, files: Collection[str], *, prefix: str) -> Iterator[str]:
    """The keys of stored previews that show an earlier version of a file, or are there under its new name, too.

    ``files`` are the keys of all of the album's files, also of those that SmugMug no longer lists. A preview of any
    other file stays: it may be all that is left of a photo.
    """
    found = {key: shown for key in recorded.previews if (shown := previewed(key, prefix=prefix))}
    right = {key: file in files and recorded.shows(key, file) for key, (file, _) in found.items()}
    there = {(size, recorded.md5s.get(key)) for key, (_, size) in found.items() if right[key]}
    for key, (file, size) in found.items():
        if not right[key] and (file in files or (size, recorded.md5s.get(key)) in there):
            yield key


def packed(previews: Iterable[Preview]) -> bytes:
    """Previews in little memory, until their album's files are stored; empty if there are none."""
    rows = [(image, *rendition) for image, rendition in previews]
    return zlib.compress(json.dumps(rows).encode(), 1) if rows else b""


def unpacked(data: bytes) -> Iterator[Preview]:
    """The previews that were packed."""
    for image, *rendition in json.loads(zlib.decompress(data)) if data else ():
        yield Preview(image, Rendition(*rendition))


def stored_at(preview: Preview, file: str, *, prefix: str) -> str:
    """The key of a preview of the file at ``file``."""
    return _key(file, preview.rendition, prefix)


def _key(file: str, rendition: Rendition, prefix: str) -> str:
    return preview_key(file, Size(rendition.size), prefix=prefix)
