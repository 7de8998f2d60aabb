"""Checks before the first upload whether the prefix is free, or whose archive it contains."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from smug2s3.errors import StoreError, StoreMissing
from smug2s3.flow.retry import A_FEW_TRIES, retry
from smug2s3.flow.stream import joined
from smug2s3.ports.source import Source
from smug2s3.ports.store import Store
from smug2s3.rules.album_lines import LARGEST
from smug2s3.rules.foreign_json import read_json
from smug2s3.rules.gallery_pages import is_page
from smug2s3.rules.keys import SIDECAR
from smug2s3.rules.ownership import Found, Whose, archive_prefix, of_prefix
from smug2s3.rules.preview_keys import file_of

ALBUMS_READ = 3
"""The most `_album.json` files to read; all name the same account, unless damaged or gone from SmugMug."""

DIRECTORIES_SAMPLED = 10
"""The most directories of which one file is looked at, soon after the first upload."""

Document = Mapping[str, Any]


async def look(store: Store, source: Source | None, account: str, prefix: str) -> Found:
    """Whose files are under ``prefix``, by a page of the listing and an `_album.json`: usually two requests.

    If that file does not name ``account``, SmugMug is asked who owns the album, since accounts can be renamed and files
    of earlier versions name none; without a ``source`` it counts as unnamed.
    """
    keys = await _glance(store, prefix)
    if not keys:
        return Found(whose=Whose.NOBODYS)
    # A page may end before its first `_album.json`, which sorts after most photo names.
    directories = dict.fromkeys(key.rpartition("/")[0] for key in keys if "/" in key.removeprefix(prefix))
    albums = _album_files(keys) or [f"{directory}/{SIDECAR}" for directory in directories]
    found = await _by_albums(store, source, account, prefix, albums)
    if found and found.whose is Whose.FURTHER_DOWN:
        by_files = await _by_files(store, source, account, prefix, _outside(found.prefix, keys))
        return found if by_files.whose is Whose.STRANGERS else by_files
    return found or await _by_files(store, source, account, prefix, keys)


async def refuse_anothers(
    store: Store, source: Source, account: str, prefix: str, is_ours: Callable[[str], Awaitable[bool]] | None
) -> None:
    """Raise PrefixTaken if another account started at the same time: its files are under the prefix by now.

    Called after this run's first upload, so of two runs at least one sees the other. ``is_ours``: whether an album is
    one of this run's; ``None`` if there were other files before.
    """
    keys = await _glance(store, prefix)
    found = await _by_albums(store, source, account, prefix, _album_files(keys))
    if found is None and is_ours:
        found = await _by_others_files(store, source, account, prefix, keys, is_ours)
    foreign = {Whose.ANOTHERS, Whose.UNNAMED} if is_ours else {Whose.ANOTHERS}
    refusal = of_prefix(found, prefix) if found and found.whose in foreign else None
    if refusal:
        raise refusal


async def _glance(store: Store, prefix: str) -> tuple[str, ...]:
    """Keys of a page of the listing; instead of previews, which may fill it, the files that they show, and no pages of `gallery`."""
    keys = tuple(map(file_of, await store.glance(prefix)))
    return tuple(key for key in keys if not is_page(key)) or keys


def _album_files(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.endswith(f"/{SIDECAR}")]


def _outside(archive: str, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if not key.startswith(archive)]


async def _by_albums(
    store: Store, source: Source | None, account: str, prefix: str, albums: Sequence[str]
) -> Found | None:
    undecided: Found | None = None
    while albums and (read := await _first_of(store, albums[:ALBUMS_READ])):
        found = await _whose(source, account, *read)
        albums = albums[albums.index(found.key) + 1 :]
        if found.prefix != prefix and found.prefix.startswith(prefix):
            albums = _outside(found.prefix, albums)  # that archive does not overlap with ours
            undecided = undecided or replace(found, whose=Whose.FURTHER_DOWN)
        elif found.whose is Whose.UNNAMED:
            undecided = found
        else:
            return found
    return undecided


async def _whose(source: Source | None, account: str, key: str, document: Document) -> Found:
    named = str(document.get("account") or "")
    prefix = archive_prefix(key.rpartition("/")[0], document)
    album = str(document.get("album", {}).get("AlbumKey") or "")
    if album and named != account and source:
        named = await source.owner_of(album) or named
    if not named or not account:
        return Found(whose=Whose.UNNAMED, account=named, key=key, prefix=prefix)
    whose = Whose.OURS if named == account else Whose.ANOTHERS
    return Found(whose=whose, account=named, key=key, prefix=prefix)


async def _first_of(store: Store, albums: Sequence[str]) -> tuple[str, Document] | None:
    """The first usable `_album.json`; of one that may not be read, only its key."""
    for key in albums:
        try:
            body = await retry(A_FEW_TRIES, lambda key=key: _read(store, key), side=store.side)  # type: ignore[misc]
        except StoreMissing:
            continue
        except StoreError as error:
            if error.ends_the_run or error.retryable:
                raise
            return key, {}
        if document := _document(body):
            return key, document
    return None


async def _read(store: Store, key: str) -> bytes:
    return await joined(store.read(key), LARGEST)


def _document(body: bytes) -> Document:
    """The contents of an `_album.json`; empty if it is damaged or not from smug2s3."""
    try:
        document = read_json(body)
    except ValueError:
        return {}
    ours = isinstance(document, dict) and "smug2s3" in document and isinstance(document.get("album"), dict)
    return document if ours else {}


async def _by_files(store: Store, source: Source | None, account: str, prefix: str, keys: Iterable[str]) -> Found:
    """A run that stopped in its first album left only files, whose metadata names the album."""
    for key in _one_of_each_directory(keys)[:ALBUMS_READ]:
        if album := await _album_of(store, key):
            whose, named = await _owner(source, account, album)
            return Found(whose=whose, account=named, key=key, prefix=prefix)
    return Found(whose=Whose.STRANGERS, prefix=prefix)


async def _by_others_files(
    store: Store,
    source: Source,
    account: str,
    prefix: str,
    keys: Iterable[str],
    is_ours: Callable[[str], Awaitable[bool]],
) -> Found | None:
    for key in _one_of_each_directory(keys)[:DIRECTORIES_SAMPLED]:
        if (album := await _album_of(store, key)) and not await is_ours(album):
            whose, named = await _owner(source, account, album)
            return Found(whose=whose, account=named, key=key, prefix=prefix)
    return None


async def _owner(source: Source | None, account: str, album: str) -> tuple[Whose, str]:
    """Whose album it is by what SmugMug says, and the owner's nickname."""
    named = await source.owner_of(album) if source else ""
    return (Whose.INCOMPLETE if named == account else Whose.ANOTHERS) if named else Whose.UNNAMED, named


def _one_of_each_directory(keys: Iterable[str]) -> list[str]:
    return list({key.rpartition("/")[0]: key for key in keys}.values())


async def _album_of(store: Store, key: str) -> str:
    """The album of an object; empty if it is not from smug2s3 or must not be read."""
    try:
        metadata = (await store.head(key)).metadata
    except StoreError as error:
        if error.ends_the_run:
            raise
        return ""
    return metadata.get("album-key", "") if "image-key" in metadata else ""
