"""An ordered queue of files on disk: temporary tables, which vanish with the process."""

from __future__ import annotations

import math
import pickle
import zlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

from smug2s3.ledger import queue_statements
from smug2s3.ledger.database import Database
from smug2s3.models import Contents
from smug2s3.rules import sidecar
from smug2s3.rules.plan import Step

LINES_A_PART = 100
"""Lines compressed together: they are similar, so each takes a quarter of its size alone (measured)."""


class WorkQueue(Database):
    """The part of the ledger with the queue; ``smug2s3.ports.ledger`` documents each method."""

    async def enqueue(self, contents: Contents, ranked: Iterable[tuple[float, Step]]) -> None:
        """Queue an album and its steps."""
        for table in queue_statements.CREATE_QUEUE:
            await self.read(table)
        album, items = contents.album, contents.items
        parts = range(0, len(items), LINES_A_PART)
        await self.write(
            (queue_statements.QUEUE_ALBUM, (album.key, _packed((album, contents.previews)))),
            *(
                (queue_statements.QUEUE_LINES, (album.key, start, _joined(items[start : start + LINES_A_PART])))
                for start in parts
            ),
            *((queue_statements.QUEUE_STEP, (rank, step.key, _packed(step))) for rank, step in ranked),
        )

    async def in_order(self) -> AsyncIterator[list[Step]]:
        """Every step, the lowest rank first, a hundred at a time."""
        for statement in (*queue_statements.CREATE_QUEUE, queue_statements.QUEUE_INDEX):
            await self.read(statement)
        last: tuple[float, str, int] = (-math.inf, "", 0)
        while rows := await self.read(queue_statements.QUEUE_AFTER, *last):
            yield [_unpacked(row[3]) for row in rows]
            last = rows[-1][0], rows[-1][1], rows[-1][2]

    async def contents(self, album_key: str) -> Contents:
        """A queued album."""
        ((packed,),) = await self.read(queue_statements.QUEUED_ALBUM, album_key)
        album, previews = _unpacked(packed)
        items: list[tuple[str, bytes]] = []
        for (part,) in await self.read(queue_statements.QUEUED_LINES, album_key):
            items += _split(part)
        return Contents(album=album, items=tuple(items), previews=previews)


def _packed(value: Any) -> bytes:
    return zlib.compress(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), 1)


def _unpacked(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))  # noqa: S301 - written by this process, into a table nobody else sees


def _joined(part: Iterable[tuple[str, bytes]]) -> bytes:
    return zlib.compress(b"\n".join(sidecar.unpack(line) for _, line in part), 1)


def _split(part: bytes) -> Iterable[tuple[str, bytes]]:
    return ((sidecar.image_key(line), sidecar.pack(line)) for line in zlib.decompress(part).split(b"\n"))
