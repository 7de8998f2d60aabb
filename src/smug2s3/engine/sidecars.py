"""Writes `_album.json` if SmugMug's metadata of an album has changed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence

from smug2s3.errors import StoreMissing
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Contents, Entry, Receipt, StoreTarget
from smug2s3.ports.store import Store
from smug2s3.rules import keys, sidecar
from smug2s3.rules.album_lines import LONGEST_LINE
from smug2s3.rules.media_types import media_type


async def store_sidecar(
    store: Store,
    contents: Contents,
    known: Mapping[str, Entry],
    directory: str,
    current: tuple[str, str] | None,
    former: Sequence[sidecar.Former],
) -> Receipt | None:
    """The receipt of a newly written file, or ``None`` if the stored one (``current``: key, MD5) is the same.

    ``known`` is the ledger's state of the album's images after this run's work. Lines of images that
    SmugMug no longer lists are taken from the existing file, unless their objects are gone; ``former`` is
    what the ledger has of them. From a damaged file, only lines that the ledger confirms are taken.
    """
    target = StoreTarget(key=f"{directory}/{keys.SIDECAR}", content_type=media_type("json"))
    listed = frozenset(image for image, _ in contents.items)
    # even a damaged file may have usable lines
    at, was = current or (target.key, "")
    earlier, whole = await _former(store, at, was, listed) if current or former else ([], True)
    former_keys = {one.image_key for one in former}
    taken = {entry.key for entry in known.values() if entry.stored}
    there = [
        line
        for line in earlier
        if sidecar.image_key(line) in former_keys or (whole and await _is_there(store, line, taken))
    ]
    kept = list(sidecar.former_lines(there, former))

    def lines() -> Iterator[bytes]:
        items = (sidecar.item_of(known.get(image), sidecar.unpack(packed)) for image, packed in contents.items)
        return sidecar.render(contents.album, items, kept)

    size, md5 = _measure(lines())
    if current == (target.key, md5) and whole:
        return None
    return await store.put(target, CheckedStream(_sent(lines()), size=size, md5=md5))


async def _former(store: Store, key: str, md5: str, listed: frozenset[str]) -> tuple[list[bytes], bool]:
    """The lines about unlisted images in the file at ``key``, and whether the file is unchanged since it was written."""
    found = hashlib.md5(usedforsecurity=False)

    async def hashed() -> AsyncIterator[bytes]:
        async for chunk in store.read(key):
            found.update(chunk)
            yield chunk

    try:
        lines = [line async for line in _lines(hashed()) if sidecar.is_former(line, listed)]
    except StoreMissing:
        return [], False
    return lines, found.hexdigest() == md5


async def _is_there(store: Store, line: bytes, taken: Collection[str]) -> bool:
    """Whether the object of a removed image, which the ledger no longer has, is still stored; it may never have been."""
    key = sidecar.stored_key(line)
    if not key:
        return True
    try:
        return key not in taken and bool(await store.head(key))
    except StoreMissing:
        return False


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Every line; of a damaged one that has no end, its end."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest[-LONGEST_LINE:] + chunk).split(b"\n")
        for line in lines:
            yield line.rstrip(b",")
    yield rest


def _measure(lines: Iterator[bytes]) -> tuple[int, str]:
    size, md5 = 0, hashlib.md5(usedforsecurity=False)
    for line in lines:
        size += len(line)
        md5.update(line)
    return size, md5.hexdigest()


async def _sent(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Joined into larger pieces for writing."""
    waiting: list[bytes] = []
    count = 0
    for line in lines:
        waiting.append(line)
        count += len(line)
        if count >= 65536:
            yield b"".join(waiting)
            waiting, count = [], 0
    if waiting:
        yield b"".join(waiting)
