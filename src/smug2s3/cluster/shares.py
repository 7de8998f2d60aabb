"""Pure rules that divide files and concurrency among workers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BATCH_FILES = 100
"""Most files in a batch: beyond this, Dask's overhead per file is negligible."""

BATCH_BYTES = 64 * 1024 * 1024
"""Most bytes in a batch; a larger file has a batch of its own."""

AHEAD_BYTES = 4 * BATCH_BYTES
"""Bytes from which a worker gets no files beyond those it can copy at once; running dry costs it only a moment."""

AHEAD_FILES = 200
"""Most files to assign beyond those a worker can copy at once."""

AHEAD_SECONDS = 0.5
"""How long a worker's waiting files should last: until its report and then the next batch have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A worker's capacity and the files assigned to it."""

    places: int
    """Files it copies at once."""
    files: int = 0
    bytes: int = 0
    batches: int = 0
    most_batches: int = 2
    pace: float = 0.0
    """Files it copied a second, lately."""


def target(load: Load) -> int:
    """How many files a worker should hold, including those that wait there."""
    return load.places + min(max(load.places, int(load.pace * AHEAD_SECONDS)), AHEAD_FILES)


def room(load: Load) -> int:
    """How many files to assign now; 0 until a batch is worth sending."""
    if load.batches >= load.most_batches or not load.places:
        return 0
    wanted = load.places if load.bytes >= AHEAD_BYTES else target(load)
    free = wanted - load.files
    return free if load.files < load.places or free >= max(1, target(load) // 4) else 0


def batch_size(sizes: Iterable[int | None], room: int) -> int:
    """How many of the waiting files go into one batch; at least the first."""
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
    """Divide ``whole``, the limit on concurrent files, among the workers; ``None`` if each adapts by itself."""
    if whole is None:
        return [None] * workers
    return [whole // workers + (place < whole % workers) for place in range(workers)]
