"""Turns names from SmugMug into object keys: safe everywhere, unique, and independent of the listing's order."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from smug2s3.models import COMPONENT

SIDECAR = "_album.json"
"""The name of each album's metadata file, which no photo can have."""

FILE_BYTES = 180
DIRECTORY_NAME_BYTES = 120
DIRECTORY_BYTES = 600
LEAST_NAME_BYTES = 24
"""With a prefix of at most 100 bytes, these keep every key under S3's limit of 1,024 bytes of UTF-8."""

# What Windows forbids in names, what separates folders, and what XML 1.0 (so an S3 listing) cannot contain.
_UNSAFE = re.compile('[<>:"/\\\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\..*)?", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_VIDEO_SUFFIX = re.compile(r"\.(mov|avi|mpe?g|mp4|m4v|mts|m2ts|3gp|3g2|wmv|mkv|webm|flv|ogv|vob)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim of an owner (image or node) to a name; among equal names, the lowest ``rank`` gets it unchanged."""

    owner: str
    name: str
    rank: str = ""


def fold(key: str) -> str:
    """Names equal here would be one file on Windows or macOS: ignores case and Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", key).casefold())


def safe_name(name: str, *, fallback: str, limit: int = FILE_BYTES) -> str:
    """``name`` as one segment of a key: NFC, restorable on every system, at most ``limit`` bytes.

    Never empty, never ``.`` or ``..``; ``fallback`` replaces a name of which nothing is left.
    """
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip().rstrip(". ")
    if not cleaned.strip("._ "):
        cleaned = fallback
    if _RESERVED.fullmatch(cleaned):
        cleaned = f"_{cleaned}"
    return shorten(cleaned, limit)


def shorten(name: str, limit: int) -> str:
    """``name`` in at most ``limit`` bytes of UTF-8; a digest replaces what was cut, the suffix stays."""
    if len(name.encode()) <= limit:
        return name
    stem, suffix = split_suffix(name)
    tail = f"~{_digest(name)[:8]}{suffix}"
    return _cut(stem, limit - len(tail.encode())) + tail


def split_suffix(name: str) -> tuple[str, str]:
    """``("IMG_1", ".JPG")``; only a short ending after the last dot counts as a suffix."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and 0 < len(ending.encode()) <= 8 else (name, "")


def file_name(filename: str, *, image_key: str, is_video: bool, suffix: str) -> str:
    """The name a file is stored under, before duplicates get a suffix.

    SmugMug keeps a video's uploaded name (``clip.MOV``) but gives an MP4 rendition, so a video's suffix is
    made to fit the bytes; a file without a name is called by its image key.
    """
    name = safe_name(filename, fallback="")
    if not name:
        return safe_name(f"{image_key}.{suffix}", fallback=image_key)
    if is_video and not name.lower().endswith(f".{suffix}"):
        return safe_name(_VIDEO_SUFFIX.sub("", name) + f".{suffix}", fallback=image_key)
    return name


def child_directory(parent: str, name: str) -> str:
    """The directory of a folder or album called ``name`` inside ``parent``; both already safe."""
    if not parent:
        return shorten(name, DIRECTORY_NAME_BYTES)
    space = DIRECTORY_BYTES - len(parent.encode()) - 1
    if space < LEAST_NAME_BYTES:  # deeper than SmugMug itself allows: a digest replaces the folders in between
        top = parent.partition("/")[0]
        parent, space = f"{top}/~{_digest(parent)[:16]}", DIRECTORY_NAME_BYTES
    return f"{parent}/{shorten(name, min(space, DIRECTORY_NAME_BYTES))}"


def component_key(image_key: str, name: str) -> str:
    """What a component of an image has in the place of an image key: it may become part of a file's name."""
    return f"{image_key}{COMPONENT}{name if _PLAIN.fullmatch(name) else _digest(name)[:16]}"


def share_names(claims: Iterable[Claim], taken: Mapping[str, str]) -> dict[str, str]:
    """A unique name for every owner, independent of the order of the claims.

    Among equal names (ignoring case and Unicode form) the lowest rank keeps the name unchanged, the
    others get their owner's key added. ``taken`` maps folded names to their current owner.
    """
    names: dict[str, str] = {}
    used = dict(taken)
    ordered = sorted(claims, key=lambda claim: (claim.rank, claim.owner))
    waiting = [claim for claim in ordered if not _take(claim, claim.name, used, names)]
    for claim in waiting:
        stem, suffix = split_suffix(claim.name)
        number = 1
        while not _take(claim, _tagged(stem, suffix, claim.owner, number), used, names):
            number += 1
    return names


def _take(claim: Claim, name: str, used: dict[str, str], names: dict[str, str]) -> bool:
    if used.setdefault(fold(name), claim.owner) != claim.owner:
        return False
    names[claim.owner] = name
    return True


def _tagged(stem: str, suffix: str, owner: str, number: int) -> str:
    tail = f"-{owner}{f'-{number}' if number > 1 else ''}{suffix}"
    return _cut(stem, FILE_BYTES - len(tail.encode())) + tail


def is_tagged(name: str, wanted: str, owner: str) -> bool:
    """Whether ``name`` is what ``owner`` gets instead of ``wanted`` if others have that."""
    stem, suffix = split_suffix(wanted)
    return any(name == _tagged(stem, suffix, owner, number) for number in range(1, 10))


def _cut(text: str, limit: int) -> str:
    return text.encode()[: max(limit, 0)].decode(errors="ignore").rstrip(". ")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
