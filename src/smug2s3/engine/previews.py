"""Reads the previews in a few stored photos, from the start of each file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from smug2s3.errors import StoreError
from smug2s3.ports.store import Store
from smug2s3.rules.exif import HEAD, Preview, preview

TRIES = 3
"""Photos to try for each wanted preview: many have none."""

READERS = 8


async def previews(store: Store, keys: Sequence[str], number: int) -> list[tuple[str, Preview]]:
    """At most ``number`` previews, spread evenly over ``keys``, in their order."""
    chosen = spread(keys, number * TRIES)
    found: dict[str, Preview] = {}
    # Every third first, so that the results are spread, too.
    for begin in range(TRIES):
        for batch in _batches(chosen[begin::TRIES]):
            if len(found) < number:
                looked = await asyncio.gather(*(_look(store, key) for key in batch[: number - len(found)]))
                found |= {key: one for key, one in zip(batch, looked, strict=False) if one}
    return sorted(found.items())


def spread(keys: Sequence[str], number: int) -> list[str]:
    """``number`` of them, evenly spread; or all if there are fewer."""
    if len(keys) <= number:
        return list(keys)
    return [keys[place * len(keys) // number] for place in range(number)]


def _batches(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[begin : begin + READERS] for begin in range(0, len(keys), READERS)]


async def _look(store: Store, key: str) -> Preview | None:
    try:
        return preview(await store.beginning(key, HEAD))
    except StoreError as error:
        if error.ends_the_run:
            raise
        return None  # one picture less on the page; `verify` reports what is wrong
