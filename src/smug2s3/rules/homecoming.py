"""Plans how an album comes back to a disk: for each of its files a path, and the time it gets there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from smug2s3.errors import UsageError
from smug2s3.models import COMPONENT, Album, Asset, StoreTarget
from smug2s3.rules import keys, sidecar
from smug2s3.rules.filters import day_of
from smug2s3.rules.plan import stored_name
from smug2s3.rules.xmp import Naming, sidecar_keys

PART = ".smug2s3.part"
"""The ending of a file that is not complete yet."""

_OURS = re.compile(rf"\.smug2s3.*|.*{re.escape(PART)}", re.IGNORECASE | re.DOTALL)
"""Names of files that `get` makes for itself."""

XMP = ".xmp"

LEAST_NAME_BYTES = 40
"""No disk of today has shorter names, and a digest and a suffix need some of it."""


class Times(StrEnum):
    """Which moment becomes a file's time."""

    TAKEN = "taken"
    """When it was taken; if unknown, when it was uploaded."""
    UPLOADED = "uploaded"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedFile:
    """A stored file of an album."""

    asset: Asset
    key: str
    size: int | None
    md5: str | None
    """Hex, of the stored bytes; ``None`` if nobody knows it."""
    reference: bool = False
    """Whether the object at ``key`` belongs to another album."""
    gone: bool = False
    """Whether the album no longer lists it on SmugMug."""
    xmp: bytes = b""
    """Its XMP sidecar, packed; empty if none is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedAlbum:
    """An album with its stored files."""

    album: Album
    files: tuple[ArchivedFile, ...]
    lacking: int = 0
    """Items that SmugMug lists and that are not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFile:
    """A file as it is to be on the disk."""

    key: str
    path: str
    """Relative to the folder, in POSIX form."""
    wanted: str
    """The path with the name that it has in the archive."""
    size: int | None
    md5: str | None
    moment: float | None
    """Its time, in seconds since the epoch; ``None`` to leave it."""
    reference: bool
    body: bytes = b""
    """Its bytes, packed, if it is a sidecar: these are not read from the bucket."""

    @property
    def name(self) -> str:
        """Its name alone."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that a disk takes."""

    longest: int = 255
    """In bytes of UTF-8."""
    plain: bool = False
    """Whether only ASCII, as on a disk that was mounted with an old character set."""

    def fitted(self, name: str, fallback: str, ending: str = "") -> str:
        """``name`` as this disk takes it, with ``ending``, and room for that of a file that is not complete yet.

        It is never one of those that `get` uses itself.
        """
        safe = keys.safe_name(name, fallback=fallback)
        if _OURS.fullmatch(safe):
            safe = f"_{safe}_"
        if self.plain and not safe.isascii():
            stem, suffix = keys.split_suffix(safe.encode("ascii", "replace").decode().replace("?", "_"))
            safe = f"{stem}~{hashlib.md5(safe.encode(), usedforsecurity=False).hexdigest()[:8]}{suffix}"
        return keys.shorten(safe, max(LEAST_NAME_BYTES, self.longest) - len(PART) - len(ending)) + ending


ANY = Names()
"""What today's disks take."""


def times(text: str) -> Times:
    """Parse ``--times``; raises UsageError."""
    if text not in set(Times):
        raise UsageError(f"--times {text!r} is not valid", hint=f"Use one of {', '.join(Times)}.")
    return Times(text)


def home_files(
    archived: ArchivedAlbum, *, which: Times, names: Names = ANY, zone: tzinfo | None = None
) -> list[tuple[ArchivedFile, HomeFile]]:
    """Every file of the album with its place, whatever the filters want, so that names never depend on them.

    All files of an album are in its directory of today, also those stored before it was renamed. Names are safe on every
    system, taken by the disk (``names``), and distinct even on a disk that ignores case: among equal names, that of the
    album's own earliest upload stays. ``zone`` is the time zone of this computer if it is not the system's.
    """
    files = {owner: file for owner, (_, file) in _by_owner((file.key, file) for file in archived.files).items()}
    directory = _directory(archived.album, names)
    wanted = {owner: _name(file) for owner, file in files.items()}
    given = _shared({owner: name for owner, name in wanted.items() if COMPONENT not in owner}, files, names, {})
    beside = {owner: _beside(owner, wanted, given) for owner in wanted if COMPONENT in owner}
    given |= _shared(beside, files, names, {keys.fold(name): owner for owner, name in given.items()})
    return [
        (
            files[owner],
            HomeFile(
                key=files[owner].key,
                path=f"{directory}/{names.fitted(given[owner], fallback='_')}",
                wanted=f"{archived.album.directory}/{wanted[owner]}",
                size=files[owner].size,
                md5=files[owner].md5,
                moment=moment(which, files[owner].asset, zone),
                reference=files[owner].reference,
            ),
        )
        for owner in files
    ]


def sidecar_files(
    found: Sequence[tuple[ArchivedFile, HomeFile]], naming: Naming, names: Names = ANY
) -> dict[str, HomeFile]:
    """The XMP sidecars of an album's files, by the paths of these; none has the name of a file.

    A file in SmugMug Source may have none of its own.
    """
    owners = {file.path: one for one, file in found if one.xmp}
    components = {path for path, one in owners.items() if one.asset.component_of}
    wanted = sidecar_keys(owners, naming, components=components)
    described = _by_owner((path, one) for path, one in owners.items() if path in wanted)
    claims = (
        keys.Claim(
            owner=owner,
            name=names.fitted(wanted[path].rpartition("/")[2].removesuffix(XMP), fallback="_", ending=XMP),
        )
        for owner, (path, _) in described.items()
    )
    given = keys.share_names(claims, {keys.fold(file.name): "" for _, file in found})
    return {path: _sidecar(path, given[owner], one.xmp) for owner, (path, one) in described.items()}


def _by_owner(files: Iterable[tuple[str, ArchivedFile]]) -> dict[str, tuple[str, ArchivedFile]]:
    """Each file with its place, by its image key; in a damaged document it may have none, or that of a file elsewhere."""
    found: dict[str, tuple[str, ArchivedFile]] = {}
    for place, file in files:
        owner = file.asset.image_key
        if not owner or found.get(owner, (place,))[0] != place:
            owner = f"{owner}-{hashlib.md5(place.encode(errors='replace'), usedforsecurity=False).hexdigest()[:8]}"
        found.setdefault(owner, (place, file))
    return found


def _sidecar(path: str, name: str, packed: bytes) -> HomeFile:
    place, body = f"{path.rpartition('/')[0]}/{name}", sidecar.unpack(packed)
    return HomeFile(
        key="",
        path=place,
        wanted=place,
        size=len(body),
        md5=hashlib.md5(body, usedforsecurity=False).hexdigest(),
        moment=None,
        reference=False,
        body=packed,
    )


def _shared(
    wanted: Mapping[str, str], files: Mapping[str, ArchivedFile], names: Names, taken: Mapping[str, str]
) -> dict[str, str]:
    claims = (
        keys.Claim(
            owner=owner,
            name=names.fitted(name, fallback=keys.safe_name(owner, fallback="_")),
            rank=f"{int(files[owner].reference)}{int(files[owner].gone)}{files[owner].asset.uploaded}",
        )
        for owner, name in wanted.items()
    )
    return keys.share_names(claims, taken)


def _beside(owner: str, wanted: Mapping[str, str], given: Mapping[str, str]) -> str:
    """The name of a file in SmugMug Source: under the stem that its preview gets, if it has that in the archive."""
    preview, name = owner.partition(COMPONENT)[0], wanted[owner]
    stem = keys.split_suffix(wanted.get(preview, ""))[0]
    if not stem or not name.startswith(f"{stem}."):
        return name
    return keys.split_suffix(given[preview])[0] + name[len(stem) :]


def _directory(album: Album, names: Names) -> str:
    """Made safe again: a damaged or foreign document must not lead out of the folder."""
    return "/".join(names.fitted(part, fallback="_") for part in album.directory.split("/"))


def _name(file: ArchivedFile) -> str:
    """The name in the archive; for a reference, the one it would have in this album."""
    return stored_name(file.asset) if file.reference else file.key.rpartition("/")[2]


def moment(which: Times, asset: Asset, zone: tzinfo | None = None) -> float | None:
    """The time of a file; ``None`` if it is unknown or not wanted.

    A camera's clock has no time zone: it is read as that of this computer, so that the disk shows what the camera showed.
    Videos are different: their containers keep UTC.
    """
    if which is Times.NONE:
        return None
    taken = None
    if which is Times.TAKEN:
        taken = instant(asset.taken, UTC if asset.is_video else zone)
    return instant(asset.uploaded, UTC) if taken is None else taken


def moment_of(target: StoreTarget) -> float | None:
    """The time of a file that is stored in a folder: when it was taken, else when it was uploaded, as its metadata say."""
    is_video = target.content_type.startswith("video/")
    return instant(dict(target.metadata).get("date", ""), UTC if is_video else None)


def instant(text: str, zone: tzinfo | None) -> float | None:
    """The moment of a date; ``zone`` is the one it is read in if it names none (``None``: this computer's)."""
    if day_of(text) is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo or zone is None else found.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError, OSError):  # the last for years that the system cannot convert
        return None


def names_of(path: str, directory: str) -> tuple[str, ...]:
    """The names in an album's ``path``, which may contain slashes themselves; its ``directory`` shows where they end."""
    rest = path.split("/")
    parts = directory.split("/")
    found: list[str] = []
    for part in reversed(parts[1:]):
        taken = next((count for count in range(1, len(rest)) if _is_named(rest[-count:], part)), 1)
        if len(rest) <= 1:
            break
        found.append("/".join(rest[-taken:]))
        del rest[-taken:]
    top = ["/".join(rest)] if len(parts) == len(found) + 1 and _is_named(rest, parts[0]) else rest
    return (*top, *reversed(found))


def _is_named(names: list[str], part: str) -> bool:
    return keys.fold(keys.safe_name("/".join(names), fallback="")) == keys.fold(part)


def zip_path(album: Album, number: int, parts: int, names: Names = ANY) -> str:
    """The ZIP of an album, or one of its ``parts``."""
    above, _, _ = _directory(album, names).rpartition("/")
    ending = f"{f' (part {number})' if parts > 1 else ''}.zip"
    fitting = names.fitted(album.directory.rpartition("/")[2], fallback="_", ending=ending)
    return f"{above}/{fitting}" if above else fitting


ENTRY = 256
"""Bytes that a ZIP needs for each file beside its content and its name, twice."""


def zip_parts(files: Iterable[HomeFile], limit: int | None) -> Iterator[list[HomeFile]]:
    """The files of each ZIP, in order; a file larger than ``limit`` gets one of its own."""
    part: list[HomeFile] = []
    count = 0
    for file in files:
        size = (file.size or 0) + 2 * len(file.name.encode()) + ENTRY
        if part and limit is not None and count + size > limit:
            yield part
            part, count = [], 0
        part.append(file)
        count += size
    if part:
        yield part
