"""An XMP sidecar: what SmugMug says of a file, as other programs read it. A pure function, so it changes only with that."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any
from xml.sax.saxutils import escape

from smug2s3.models import Asset, Position
from smug2s3.rules.keys import split_suffix

ROOT = "SmugMug"
"""The topmost tag; below it are the folders and the album."""


class Naming(StrEnum):
    """How sidecars are named."""

    FULL = "full"
    """``IMG.jpg.xmp``."""
    STEM = "stem"
    """``IMG.xmp``."""

    @classmethod
    def parse(cls, text: str) -> Naming:
        """The one that is named; raises ValueError with what there is."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            raise ValueError("must be full or stem") from None


_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
}
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot contain."""

_CAMERA = ("Make", "Model", "Exposure", "ISO", "Aperture", "FocalLength")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")

_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6]|blockquote)\s*>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|center|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|small|span|strike|strong|sub"
    r"|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]*|\s*/)?>",
    re.IGNORECASE,
)
"""Only these: `<jane@example.com>` and `a <b c` are text."""
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")


def render(asset: Asset, *, album: Sequence[str], suffix: str, camera: bool) -> bytes:
    """The sidecar of a file.

    ``album`` are the names of its folders and of the album, ``suffix`` the ending of its name in the bucket.
    ``camera``: whether its own bytes have camera data (``has_camera_data``): then they have the better date.
    """
    body = "".join(f"  {line}\n" for line in _properties(asset, album, suffix, camera))
    spaces = "".join(f'\n    xmlns:{prefix}="{address}"' for prefix, address in _NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f' <rdf:Description rdf:about=""{spaces}>\n{body}'
        ' </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>\n'
    ).encode()


def has_camera_data(metadata: Mapping[str, Any]) -> bool:
    """Whether SmugMug found camera data in the file, from its record of them; it writes "" for what is not there."""
    return any(metadata.get(name) for name in _CAMERA)


def sidecar_keys(keys: Iterable[str], naming: Naming, *, components: Container[str] = frozenset()) -> dict[str, str]:
    """The key of each file's sidecar.

    Files that would share one (a photo and its video) keep their whole names in it. ``components`` are files in SmugMug
    Source among ``keys``: one that is called like its photo shares the photo's sidecar, and an XMP file among them has
    none and is never overwritten by one.
    """
    keys = list(keys)
    taken = {key.casefold() for key in keys}
    stems = Counter(_stem(key).casefold() for key in keys if key not in components)

    def name(key: str) -> str:
        short = naming is Naming.STEM and stems[_stem(key).casefold()] == 1
        return f"{_stem(key) if short else key}.xmp"

    described = (key for key in keys if not (key in components and (naming is Naming.STEM or _is_xmp(key))))
    names = {key: name(key) for key in described}
    return {key: sidecar for key, sidecar in names.items() if sidecar.casefold() not in taken}


def _is_xmp(key: str) -> bool:
    return key.lower().endswith(".xmp")


def caption_text(caption: str) -> str:
    """A caption without its HTML."""
    text = _TAG.sub("", _BREAK.sub("\n", _SCRIPT.sub("", caption)))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _properties(asset: Asset, album: Sequence[str], suffix: str, camera: bool) -> Iterator[str]:
    title, caption = _clean(asset.title), _clean(caption_text(asset.caption))
    words = list(dict.fromkeys(filter(None, map(_clean, asset.keywords))))
    place = [ROOT, *(name for name in map(_clean, album) if name)]
    if title:
        yield _words("dc:title", title)
    if caption:
        yield _words("dc:description", caption)
        yield _words("tiff:ImageDescription", caption)
    if words:
        yield _list("dc:subject", "Bag", words)
    yield _list("lr:hierarchicalSubject", "Bag", _tags(words, place, "|", "/"))
    yield _list("digiKam:TagsList", "Seq", _tags(words, place, "/", "|"))
    yield _plain("photoshop:SidecarForExtension", _clean(suffix))
    if asset.position:
        yield from _place(asset.position)
    if _MOMENT.fullmatch(asset.taken) and not (camera or asset.is_video):
        yield _plain("exif:DateTimeOriginal", asset.taken)
        yield _plain("photoshop:DateCreated", asset.taken)


def _tags(words: Iterable[str], place: Iterable[str], separator: str, instead: str) -> list[str]:
    """All keywords and the album's place. A separator within a name would make two tags of it."""
    return [
        *(word.replace(separator, instead) for word in words),
        separator.join(name.replace(separator, instead) for name in place),
    ]


def _place(position: Position) -> Iterator[str]:
    yield _plain("exif:GPSLatitude", _degrees(position.latitude, "NS"))
    yield _plain("exif:GPSLongitude", _degrees(position.longitude, "EW"))
    if position.altitude is not None:
        height = Fraction(abs(position.altitude)).limit_denominator(1000)
        yield _plain("exif:GPSAltitude", f"{height.numerator}/{height.denominator}")
        yield _plain("exif:GPSAltitudeRef", "1" if position.altitude < 0 else "0")


def _degrees(value: float, signs: str) -> str:
    """``60,43.916500N``: whole degrees, and minutes with six decimals."""
    degrees, rest = divmod(round(abs(value) * 60_000_000), 60_000_000)
    return f"{degrees},{rest // 1_000_000}.{rest % 1_000_000:06d}{signs[value < 0]}"


def _words(name: str, text: str) -> str:
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt></{name}>'


def _list(name: str, kind: str, items: Iterable[str]) -> str:
    lines = "".join(f"<rdf:li>{escape(item)}</rdf:li>" for item in items)
    return f"<{name}><rdf:{kind}>{lines}</rdf:{kind}></{name}>"


def _plain(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _clean(text: str) -> str:
    """``text`` without what XML forbids or changes: line breaks become line feeds."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _stem(key: str) -> str:
    directory, slash, name = key.rpartition("/")
    return directory + slash + split_suffix(name)[0]
