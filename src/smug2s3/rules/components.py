"""Other files of a photo or video in SmugMug Source: RAW, PSD, XMP, untouched videos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from smug2s3.errors import UsageError
from smug2s3.models import COMPONENT, Asset, Entry, Known, Listing
from smug2s3.rules import keys, sidecar

NOT_GIVEN = "SmugMug does not give this API key the files in SmugMug Source"
"""The beginning of the reason, which says how SmugMug refused."""

NOT_LISTED = "SmugMug hints at such a file in SmugMug Source, but does not list it"

NOT_SAID = "SmugMug does not list the files in SmugMug Source"
"""The same, for a photo or video without any hint at such files; the reason says how SmugMug refused."""

ENOUGH = 20
"""So many refusals without any success, in ``SEVERAL`` albums, mean that all others would be refused, too.

A 404 may also mean that this one image has no other files.
"""

SEVERAL = 3
"""Albums in which SmugMug must have refused; and those that are tried again in every run, however often it did."""


class Raw(StrEnum):
    """For which photos and videos SmugMug is asked for other files."""

    AUTO = "auto"
    """Where the listing hints at them."""
    ALL = "all"
    """For every one: a request each."""
    OFF = "off"

    @classmethod
    def parse(cls, text: str) -> Raw:
        """Raises ValueError."""
        if text.strip() not in set(cls):
            raise ValueError(f"must be one of {', '.join(cls)}")
        return cls(text.strip())


def raw_option(text: str) -> Raw:
    """Parse ``--raw``; raises UsageError."""
    try:
        return Raw.parse(text)
    except ValueError as error:
        raise UsageError(f"--raw {error}, not {text!r}") from None


class Refusals:
    """Whether a service that refused enough files gives none at all, so that it is not asked a thousand times."""

    def __init__(self) -> None:
        self.answered = False
        """Whether it ever gave one."""
        self._reason = ""
        self._by_album: Counter[str] = Counter()

    def add(self, album_key: str, reason: str) -> None:
        """Record a refusal."""
        self._reason = reason
        self._by_album[album_key] += 1

    @property
    def any(self) -> bool:
        """Whether it refused one."""
        return bool(self._by_album)

    def closed(self, album_key: str) -> str:
        """Why it is not asked for more files of the album; empty if it is."""
        several = len(self._by_album) >= SEVERAL or self._by_album[album_key] >= ENOUGH
        closed = several and self._by_album.total() >= ENOUGH and not self.answered
        return f"not asked for, since others were refused: {self._reason}" if closed else ""


def component(
    asset: Asset, name: str, *, filename: str, url: str | None, size: int | None, md5: str | None, unavailable: str = ""
) -> Asset:
    """The component ``name`` of ``asset``, which shares its words, dates and place with it.

    It has no serial number, so that it is not copied again when its preview is replaced.
    """
    return replace(
        asset,
        image_key=keys.component_key(asset.image_key, name),
        serial=0,
        filename=filename,
        format=keys.split_suffix(filename)[1].removeprefix(".").lower(),
        url=url,
        size=size,
        md5=md5,
        original=True,
        resolve_uri=None,
        unavailable=unavailable,
        components=(),
        renditions=(),
    )


def stored_beside(asset: Asset, preview: str, preview_key: str) -> str:
    """The name of a component: the stem of its preview's name in the bucket (``preview`` on SmugMug), and its own ending.

    ``IMG_1.RW2.dop`` beside ``IMG_1.JPG`` keeps both its endings.
    """
    stem, filename = keys.split_suffix(preview)[0], asset.filename
    whole = bool(stem) and filename.lower().startswith(f"{stem.lower()}.")
    ending = filename[len(stem) :] if whole else keys.split_suffix(filename)[1] or f".{asset.format}"
    beside = keys.split_suffix(preview_key.rpartition("/")[2])[0]
    return keys.safe_name(beside + ending, fallback=asset.image_key)


def with_stored(listing: Listing, known: Mapping[str, Entry]) -> Listing:
    """The listing with what is stored of images whose components SmugMug was not asked for, or did not give.

    Nothing newer is known of these files, so they are as they were.
    """
    stored: dict[str, list[Entry]] = {}
    for entry in known.values():
        parent, found, _ = entry.image_key.partition(COMPONENT)
        if found and entry.state is Known.MOVED and parent in listing.unasked:
            stored.setdefault(parent, []).append(entry)
    if not stored:
        return listing
    pairs = list(_joined(listing, stored))
    return replace(listing, assets=tuple(asset for asset, _ in pairs), records=tuple(record for _, record in pairs))


def _joined(listing: Listing, stored: Mapping[str, list[Entry]]) -> Iterator[tuple[Asset, bytes]]:
    for asset, record in zip(listing.assets, listing.records, strict=True):
        kept = stored.get(asset.component_of or asset.image_key, [])
        if asset.component_of and any(_has_suffix(entry, asset.format) for entry in kept):
            continue  # only a hint at one of those that are stored
        yield asset, record
        if not asset.component_of:
            yield from (_kept(asset, record, entry) for entry in kept)


def _has_suffix(entry: Entry, suffix: str) -> bool:
    return keys.fold(entry.key).endswith(f".{suffix}")


def _kept(asset: Asset, record: bytes, entry: Entry) -> tuple[Asset, bytes]:
    name, filename = entry.image_key.partition(COMPONENT)[2], entry.key.rpartition("/")[2]
    md5 = entry.identity.split("|")[1] or None
    said = {"ComponentKey": name, "FileName": filename} | ({"MD5": md5} if md5 else {})
    return component(asset, name, filename=filename, url=None, size=None, md5=md5), sidecar.with_component(record, said)


def among(stored: Mapping[str, str]) -> frozenset[str]:
    """The keys of components among files by image key."""
    return frozenset(key for image, key in stored.items() if COMPONENT in image)


def summarized(unavailable: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Items and why they are not available, with one line for all that SmugMug refused for the same reason."""
    refused: Counter[str] = Counter()
    for label, reason in unavailable:
        if is_refusal(reason):
            refused[reason] += 1
        else:
            yield label, reason
    for reason, count in refused.items():
        ending = "" if count == 1 else "s"
        yield (
            f"{count:,} item{ending}" if reason.startswith(NOT_SAID) else f"{count:,} file{ending} in SmugMug Source",
            reason,
        )


def is_refusal(reason: str) -> bool:
    """Whether an item or file is not available since SmugMug refused it, as it may refuse all others."""
    return reason.startswith((NOT_GIVEN, NOT_SAID))
