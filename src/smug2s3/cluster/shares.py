"""How work, places and bandwidth are shared out among workers: pure decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BATCH_FILES = 100
"""Files that travel together at most: beyond that Dask's cost a file is no longer worth speaking of."""

BATCH_BYTES = 64 * 1024 * 1024
"""Bytes after which a batch is full; a file that is larger travels alone."""

AHEAD_BYTES = 4 * BATCH_BYTES
"""What a worker may have before it beyond the files it can move at once: who runs dry loses a moment, no more."""

AHEAD_FILES = 200
"""The same in files."""

AHEAD_SECONDS = 0.5
"""For how long a worker's files should last: until it has told that they are done, and others have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One worker, and what it has to do."""

    places: int
    """Files it moves at once."""
    files: int = 0
    bytes: int = 0
    batches: int = 0
    most_batches: int = 2
    pace: float = 0.0
    """Files a second it lately finished."""


def target(load: Load) -> int:
    """Files that a worker should have, those that wait for their turn with it included."""
    return load.places + min(max(load.places, int(load.pace * AHEAD_SECONDS)), AHEAD_FILES)


def room(load: Load) -> int:
    """Files it can be given now; 0 until a batch of them is worth sending."""
    if load.batches >= load.most_batches or not load.places:
        return 0
    wanted = load.places if load.bytes >= AHEAD_BYTES else target(load)
    free = wanted - load.files
    return free if load.files < load.places or free >= max(1, target(load) // 4) else 0


def batch_size(sizes: Iterable[int | None], room: int) -> int:
    """How many of the files that wait go into one batch: the first at least."""
    count = total = 0
    for size in sizes:
        total += size or 0
        if count and total > BATCH_BYTES:
            break
        count += 1
        if count >= min(room, BATCH_FILES):
            break
    return count


def places(whole: int | None, workers: int) -> list[int | None]:
    """Files at once for each of so many workers, if ``whole`` is what all of them may do."""
    if whole is None:
        return [None] * workers
    return [whole // workers + (place < whole % workers) for place in range(workers)]
