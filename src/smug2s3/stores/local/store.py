"""A folder as destination, as on a USB disk or a NAS: an object is a file, visible only once it is complete."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from smug2s3.errors import SourceBroken, StoreAway, StoreCorrupt, StoreError, StoreUnreachable
from smug2s3.flow.outage import Kind, Listener, Side, Waits
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream, Watchdog, md5_of
from smug2s3.flow.threads import in_thread, taken
from smug2s3.models import Head, Proof, Receipt, StoredObject, StoreTarget
from smug2s3.ports.reporter import Reporter
from smug2s3.stores.local.blocking_io import FolderIO, Found
from smug2s3.stores.local.faults import FolderAway, translate
from smug2s3.stores.local.folder import Folder
from smug2s3.stores.local.probe import FolderProbe
from smug2s3.stores.trials import is_hidden

_ONCE = RetryPolicy(attempts=1)
_DISK = Kind(StoreUnreachable, FolderAway, StoreAway)
"""If a disk is gone, its folder is missing or every operation fails."""

T = TypeVar("T")
Batch = list[bytes]

BATCH = 1024 * 1024
"""Bytes per read or write; a transfer holds about as many in memory."""

STALL = 60.0
"""Seconds without a byte from the source after which the transfer is cancelled."""

THREADS = 16
"""Concurrent operations, so that the disk can sync many files at once. The event loop's own threads stay free for
looking up host names."""


class LocalStore:
    """One folder. Data of objects that is not in their files is in its hidden folder."""

    def __init__(
        self,
        folder: Folder,
        threads: ThreadPoolExecutor,
        *,
        stall: float = STALL,
        waits: Waits | None = None,
        listener: Listener | None = None,
    ) -> None:
        self._folder = folder
        self._io = FolderIO(folder)
        self._threads = threads
        self._stall = stall
        self.side = Side("the folder", _DISK, self._look, waits=waits or Waits(), listener=listener or Reporter())

    async def check(self, prefix: str) -> None:
        """Access the folder."""
        await self._ask(f"the listing of {prefix}", self._io.look)

    async def _look(self) -> None:
        await self._do("a test of the folder", self._io.look)

    async def put(self, target: StoreTarget, stream: CheckedStream) -> Receipt:
        """Write to a temporary file first; renamed once it is verified and synced to disk."""
        temp_file = self._io.temp_file()
        try:
            await self._do(target.key, self._io.begin, target.key, temp_file)
            async for batch in self._batches(stream):
                await self._do(target.key, temp_file.write, batch)
            await self._do(target.key, self._io.place, temp_file, target, stream.count, stream.md5)
        finally:
            await self._do(target.key, temp_file.discard)
        return Receipt(
            key=target.key,
            size=stream.count,
            md5=stream.md5,
            etag=stream.md5,
            proof=Proof.ETAG,
            stored_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """Onto itself, only rewrite the record; to another key, read and verify the bytes again."""
        key = source.key
        found = await self._ask(key, self._io.find, key)
        try:
            if key != target.key:
                async with aclosing(self.read(key)) as chunks:
                    await self.put(target, CheckedStream(chunks, size=source.size, md5=source.md5))
                return replace(source, key=target.key, etag=source.md5, proof=Proof.READ)
            if (found.md5 or await md5_of(self.read(key))) == source.md5:
                await self._do(key, self._io.describe, found, target, source.md5)
                return replace(source, etag=source.md5, proof=source.proof or Proof.ETAG)
        except SourceBroken:
            pass
        raise StoreCorrupt(f"{key} has changed since it was stored")

    async def delete(self, key: str) -> None:
        """Delete one object, and folders that become empty."""
        await self._ask(f"the deletion of {key}", self._io.remove, key)

    ranges = False
    """A disk is faster when it reads one after the other."""

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """Read the object in batches."""
        with ExitStack() as opened:
            file = await self._ask(key, lambda: opened.enter_context(self._io.find(key).path.open("rb")))
            await self._do(key, file.seek, start)
            while chunk := await self._do(key, file.read, BATCH if end is None else min(BATCH, end - start)):
                start += len(chunk)
                yield chunk

    async def read_into(
        self,
        take: Callable[[memoryview], object],
        key: str,
        start: int = 0,
        end: int | None = None,
        step: int | None = None,  # noqa: ARG002 - each batch is smaller
    ) -> AsyncGenerator[int]:
        """Each batch is taken while the next one is read."""
        async with (
            aclosing(self.read(key, start, end)) as chunks,
            aclosing(taken(self._threads, take, chunks)) as sizes,
        ):
            async for count in sizes:
                yield count

    async def restore(self, key: str, tier: str) -> None:
        """A folder has no archive."""

    async def beginning(self, key: str, size: int) -> bytes:
        """The start of the object, in one read."""

        def first() -> bytes:
            with self._io.find(key).path.open("rb") as file:
                return file.read(size)

        return await self._ask(key, first)

    async def head(self, key: str) -> Head:
        """From the record; metadata is empty if there is none."""
        found = await self._ask(key, self._io.find, key)
        listed = await self._listed(found)
        metadata = dict(found.record.metadata) if found.record else {}
        return Head(size=listed.size, etag=listed.etag, metadata=metadata)

    async def glance(self, prefix: str) -> tuple[str, ...]:
        """The first page of a listing, without hashing."""
        pages = self._io.pages(prefix)
        found = await self._do("the listing", next, pages, [])
        return tuple(one.key for one in found if not is_hidden(one.key, prefix))

    async def list(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """The recorded MD5 is the ETag; a file changed since, or without a record, is hashed."""
        pages = self._io.pages(prefix)
        while (page := await self._do("the listing", next, pages, None)) is not None:
            yield [await self._listed(found) for found in page if not is_hidden(found.key, prefix)]

    def probe(self, prefix: str) -> FolderProbe:
        """A probe of this folder."""
        return FolderProbe(self, self._folder, prefix)

    async def _ask(self, what: str, step: Callable[..., T], *arguments: object) -> T:
        """As ``_do``, for a step that can be repeated once a disconnected disk is back."""
        return await retry(_ONCE, lambda: self._do(what, step, *arguments), side=self.side)

    async def _do(self, what: str, step: Callable[..., T], *arguments: object) -> T:
        """The result of ``step`` in a thread."""
        try:
            return await in_thread(self._threads, step, *arguments)
        except OSError as error:
            raise translate(error, what, self._folder.root) from error

    async def _batches(self, stream: CheckedStream) -> AsyncIterator[Batch]:
        chunks = aiter(stream)
        while batch := await self._batch(chunks, stream):
            yield batch

    async def _batch(self, chunks: AsyncIterator[bytes], stream: CheckedStream) -> Batch:
        """Joined chunks for writing; only the source is watched, since a slow disk is not a failed one."""
        batch: Batch = []
        size = 0
        async with Watchdog(self._stall, lambda: "source") as watchdog:
            stream.alive = watchdog.progress
            while size < BATCH and (chunk := await anext(chunks, None)):
                batch.append(chunk)
                size += len(chunk)
        return batch

    async def _listed(self, found: Found) -> StoredObject:
        try:
            md5 = found.md5 or await md5_of(self.read(found.key))
        except StoreError as error:
            if error.ends_the_run:
                raise
            md5 = ""  # An unreadable file must not hide the others, so it counts as not proven.
        return StoredObject(key=found.key, size=found.entry.st_size, etag=md5)


@asynccontextmanager
async def open_local(
    root: Path, *, stall: float = STALL, waits: Waits | None = None, listener: Listener | None = None
) -> AsyncIterator[LocalStore]:
    """A folder destination, with its own threads, which end with the block."""
    with ThreadPoolExecutor(THREADS, "smug2s3-disk") as threads:
        yield LocalStore(Folder(root), threads, stall=stall, waits=waits, listener=listener)
