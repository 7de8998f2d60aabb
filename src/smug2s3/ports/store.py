"""The destination: a bucket or a folder."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Protocol

from smug2s3.flow.outage import Presence
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Head, Receipt, StoredObject, StoreTarget


class Store(Protocol):
    """The destination. Keys include the prefix. Every method raises a StoreError, never a library's own error."""

    @property
    def side(self) -> Presence:
        """The server, to wait for during an outage of ``put`` and ``read``; all other methods wait themselves."""

    async def check(self, prefix: str) -> None:
        """Raise StoreUnusable if credentials or bucket are wrong; writes nothing."""

    async def put(self, target: StoreTarget, stream: CheckedStream) -> Receipt:
        """Store the whole stream or nothing. An error of the stream is raised unchanged."""

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """Copy the object recorded as ``source`` on the server, to the same or another key, with new metadata.

        Raises StoreCorrupt if the object, according to the server, is something else, or if the copy is; such
        a copy is deleted again, and an object copied onto itself is unchanged.
        """

    async def delete(self, key: str) -> None:
        """Delete one object; a missing one is not an error."""

    ranges: bool
    """Whether several parts of an object are worth reading side by side; may turn out later."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes of one object from ``start`` on, without those from ``end`` on. Close it if you may stop early.

        Raises StoreMissing if it is not there, StoreArchived if it must be restored first.
        """

    def read_into(
        self,
        take: Callable[[memoryview], object],
        key: str,
        start: int = 0,
        end: int | None = None,
        step: int | None = None,
    ) -> AsyncGenerator[int]:
        """As ``read``, but every piece is passed to ``take`` in another thread; yields now and then how much was.

        ``step``: bytes after which the rest waits until they were yielded; by default only time counts.

        After the end, or after it is closed, nothing more is passed on. An error of ``take`` is raised unchanged,
        and ``take`` must not keep what it gets.
        """

    async def restore(self, key: str, tier: str) -> None:
        """Ask for an archived object to be made readable; returns before it is. ``tier``: bulk or standard."""

    async def beginning(self, key: str, size: int) -> bytes:
        """The first ``size`` bytes of one object, or all of a smaller one; requests no more than that."""

    async def head(self, key: str) -> Head:
        """Properties of one object without its bytes; raises StoreMissing."""

    async def glance(self, prefix: str) -> tuple[str, ...]:
        """Keys of at most a thousand objects that begin with ``prefix``: one request, and no object is read."""

    def list(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """All objects whose key begins with ``prefix``, in pages, in any order."""
