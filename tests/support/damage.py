"""What strangers and accidents do to a store between two runs; two numbers say to what, and each tells what it was."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from tests.support.bucket import SIDECAR
from tests.support.changes import PHOTOS, Account, pick
from tests.support.places import Place

Damage = Callable[[Place, Account, str, int, int], Coroutine[Any, Any, str]]


def is_sidecar(key: str) -> bool:
    """Whether it is an album's own file."""
    return key.rpartition("/")[2] == SIDECAR


async def _flip(place: Place, _account: Account, _prefix: str, which: int, other: int) -> str:
    objects = place.objects()
    key = pick(sorted(objects), which)
    if key is None or not objects[key]:
        return ""
    at = other % len(objects[key])
    await place.write(key, objects[key][:at] + bytes([objects[key][at] ^ 1]) + objects[key][at + 1 :])
    return f"flips a bit of {key}"


async def _truncate(place: Place, _account: Account, _prefix: str, which: int, _other: int) -> str:
    objects = place.objects()
    key = pick(sorted(objects), which)
    if key is None:
        return ""
    await place.write(key, objects[key][:-1])
    return f"cuts the last byte off {key}"


async def _remove(place: Place, _account: Account, _prefix: str, which: int, _other: int) -> str:
    key = pick(sorted(place.objects()), which)
    if key is None:
        return ""
    await place.remove(key)
    return f"removes {key}"


async def _swap(place: Place, _account: Account, _prefix: str, which: int, other: int) -> str:
    objects = place.objects()
    key, source = pick(sorted(objects), which), pick(sorted(objects), other)
    if key is None or source is None or objects[key] == objects[source]:
        return ""
    await place.write(key, objects[source])
    return f"writes what lies at {source} over {key}"


async def _forget(place: Place, _account: Account, _prefix: str, which: int, _other: int) -> str:
    key = pick(sorted(key for key in place.objects() if not is_sidecar(key)), which)
    if key is None or not await place.forget(key):
        return ""
    return f"writes {key} anew without its metadata"


async def _stranger(place: Place, _account: Account, prefix: str, which: int, other: int) -> str:
    key = f"{prefix}{('stranger.txt', 'Garden/stranger.jpg', 'manifest.jsonl')[which % 3]}"
    await place.write(key, bytes([other % 256]) * 9)
    return f"puts a stranger's file at {key}"


async def _in_the_way(place: Place, account: Account, prefix: str, which: int, other: int) -> str:
    """Just where a photo will go that comes to an album now."""
    album = pick(account.albums(), which)
    if album is None:
        return ""
    above = [node.name for node in reversed(account.world.ancestors(album)[:-1])]
    name = ("new.jpg", *PHOTOS, SIDECAR)[other % 6]
    key = prefix + "/".join((*above, name))
    if key in place.objects():
        return ""
    await place.write(key, b"a stranger's")
    added = account.upload(album, name) if name == "new.jpg" else "adds nothing"
    return f"puts a stranger's file at {key} and {added}"


DAMAGE: dict[str, Damage] = {
    "flip": _flip,
    "truncate": _truncate,
    "remove": _remove,
    "swap": _swap,
    "stranger": _stranger,
    "in_the_way": _in_the_way,
    "forget": _forget,
}
