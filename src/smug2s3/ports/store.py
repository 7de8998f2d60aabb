"""Where bytes end up."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

from smug2s3.flow.outage import Presence
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Head, Receipt, StoredObject, StoreTarget


class Store(Protocol):
    """Where bytes end up. Keys include the prefix. Every method raises a StoreError, never a library's own."""

    @property
    def side(self) -> Presence:
        """The store as one to be waited for while it is away; only around ``put`` and ``read``, all else waits by itself."""

    async def check(self, prefix: str) -> None:
        """Raise StoreUnusable if credentials or bucket are wrong; writes nothing."""

    async def put(self, target: StoreTarget, stream: CheckedStream) -> Receipt:
        """Store the whole stream or nothing. Whatever ended the stream comes out unchanged."""

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """Copy within the store what is recorded as ``source``, to the same or another key, with new metadata.

        Raises StoreCorrupt if what lies there is something else by what the store says of it, or if the copy is; such
        a copy is removed again, and onto itself nothing was changed.
        """

    async def delete(self, key: str) -> None:
        """Remove one object; one that is not there is no error."""

    def read(self, key: str) -> AsyncGenerator[bytes]:
        """The bytes of one object; raises StoreMissing if it is not there. Whoever may stop before its end closes it."""

    async def beginning(self, key: str, size: int) -> bytes:
        """The first ``size`` bytes of one object, fewer where it is smaller; no more of it is asked for."""

    async def head(self, key: str) -> Head:
        """What the store tells of one object without its bytes; raises StoreMissing."""

    async def glance(self, prefix: str) -> tuple[str, ...]:
        """The keys of a thousand objects at most whose key begins with ``prefix``: one request, and no byte is read."""

    def list(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """All objects whose key begins with ``prefix``, in pages, in any order."""
