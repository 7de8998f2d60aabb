"""Title, caption, keywords as S3 object metadata: ASCII, under the size limit, readable by any mail library."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise

from smug2s3.models import Asset

LIMIT = 1760
"""Bytes of header names and values together; S3 allows 2 KB of names and values without ``x-amz-meta-``, but
``rclone serve s3`` counts that too, with every other header it keeps (measured: 1,817 are left)."""

HEADER = "x-amz-meta-"

TEXTS = ("title", "caption", "filename", "keywords", "date", "format")
"""Values written by people, cameras and programs; the longest are truncated first. The rest is short."""

LESS = (
    "",
    "values longer than 250 bytes are shortened",
    "titles, captions and keywords are shortened to a few words",
    "titles, captions and keywords are left out",
    "only the photo's SmugMug key is written",
    "no metadata is written",
)
"""How the metadata of all files is reduced step by step if a server accepts less."""

Pairs = tuple[tuple[str, str], ...]

_PLAIN = re.compile(r"[!-~]+( [!-~]+)*")
_WORD_BYTES = 45
"""Of UTF-8 an encoded word: 60 characters of base64 and 12 of frame, under RFC 2047's 75."""
_WORD = 75


def describe(asset: Asset) -> Pairs:
    """The ``x-amz-meta-`` names and values of one asset, ready to send; empty values are left out."""
    values = {
        "title": asset.title,
        "caption": asset.caption,
        "date": asset.date,
        "filename": asset.filename,
        "format": asset.format,
        "keywords": "; ".join(asset.keywords),
        "watermarked": _flag(asset.watermarked),
        "hidden": _flag(asset.hidden),
        "original-md5": asset.md5 or "",
        "original-size": "" if asset.size is None else str(asset.size),
        "image-key": asset.image_key,
        "album-key": asset.album_key,
        "serial": str(asset.serial),
        "source": "original" if asset.original else "rendition",
    }
    return tuple(_truncated({name: text for name, text in values.items() if text}).items())


def reduced(pairs: Pairs, step: int) -> Pairs:
    """``pairs`` reduced by ``steps``, for a server that refused the step before; see ``LESS``."""
    if step >= len(LESS) - 1:
        return ()
    if step == len(LESS) - 2:
        return tuple(pair for pair in pairs if pair[0] == "image-key")
    longest = (None, 250, _WORD, 0)[step]
    shorter = {name: value if longest is None else _shortened(name, value, longest) for name, value in pairs}
    if shorter == dict(pairs):
        return pairs
    cut = shorter | {"metadata-truncated": "true"}
    return tuple((name, value) for name, value in cut.items() if value)


def digest(pairs: Pairs) -> str:
    """A digest that changes whenever the metadata of an object must be written again."""
    return hashlib.md5(repr(pairs).encode(), usedforsecurity=False).hexdigest()[:16]


def encode_value(text: str) -> str:
    """``text`` as a header value: itself if it is plain ASCII, else RFC 2047 encoded words (as S3 does)."""
    if _PLAIN.fullmatch(text) and "=?" not in text:
        return text
    return " ".join(f"=?UTF-8?B?{base64.b64encode(piece).decode()}?=" for piece in _pieces(text))


def cost(values: dict[str, str]) -> int:
    """Bytes that count against the server's limit."""
    return sum(len(HEADER) + len(name) + len(encode_value(text)) for name, text in values.items())


def _truncated(values: dict[str, str]) -> dict[str, str]:
    if cost(values) <= LIMIT:
        return {name: encode_value(text) for name, text in values.items()}
    fixed = {name: text for name, text in values.items() if name not in TEXTS} | {"metadata-truncated": "true"}
    texts = {name: text for name, text in values.items() if name in TEXTS}
    share = _fair_share([len(encode_value(text)) for text in texts.values()], LIMIT - cost(fixed) - _names(texts))
    cut = {name: _cut(text, share) for name, text in texts.items()}
    return {name: encode_value(text) for name, text in (cut | fixed).items() if text}


def _names(values: dict[str, str]) -> int:
    return cost(dict.fromkeys(values, ""))


def _fair_share(lengths: list[int], space: int) -> int:
    """The greatest length for all, where shorter values leave their rest to the others."""
    for position, length in enumerate(ordered := sorted(lengths)):
        share = space // (len(ordered) - position)
        if length > share:
            return share
        space -= length
    return max(ordered, default=0)


def _cut(text: str, limit: int) -> str:
    """The longest beginning of ``text`` that takes at most ``limit`` bytes as a header value."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(encode_value(text[:middle].rstrip())) <= limit else (low, middle - 1)
    return text[:low].rstrip()


def _shortened(name: str, value: str, longest: int) -> str:
    """A value that is encoded already; encoded words are never split."""
    if name not in TEXTS or len(value) <= longest:
        return value
    if not value.startswith("=?"):
        return value[:longest].rstrip()
    words = value.split(" ")
    fitting = max((count for count in range(len(words)) if len(" ".join(words[:count])) <= longest), default=0)
    return " ".join(words[:fitting])


def _pieces(text: str) -> list[bytes]:
    """UTF-8 in pieces of at most one encoded word, never cut inside a character."""
    raw = text.encode(errors="replace")
    cuts = [0]
    while cuts[-1] < len(raw):
        end = min(cuts[-1] + _WORD_BYTES, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        cuts.append(end)
    return [raw[start:end] for start, end in pairwise(cuts)]


def _flag(value: bool) -> str:
    return "true" if value else "false"
