"""Counts and hashes bytes in transit, and holds back the last chunk until all are verified."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from types import TracebackType
from typing import Any, Self

from smug2s3.errors import SourceBroken, SourceUnreachable, StoreUnreachable


class CheckedStream:
    """The body of one object, read once.

    Iterating gives the source's chunks, each one chunk late: the last chunk only comes after size and MD5 were
    compared with what was promised, so a receiver that needs every byte never completes a wrong object. Raises
    SourceBroken if they differ. ``failure`` keeps whatever the source raised, since an HTTP client in between
    reports that as its own connection error.

    Without promised size or MD5, only a ``framed`` source shows its end: one whose connection shows
    whether it was cut off.

    A receiver known to reject bytes with the wrong MD5 may take over the hashing (``trust_receiver``),
    unless ``hashed_here``.
    """

    def __init__(
        self,
        chunks: AsyncIterable[bytes],
        *,
        size: int | None,
        md5: str | None,
        framed: bool = True,
        hashed_here: bool = False,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.size = size
        """The promised size, or ``None``."""
        self.expected_md5 = md5
        self.count = 0
        self.failure: Exception | None = None
        self.waits_for_source = False
        """True while waiting for the source's next chunk: a stall is then the source's."""
        self._chunks = chunks
        self._framed = framed
        self._hashed_here = hashed_here or md5 is None
        self._hash: Any | None = hashlib.md5(usedforsecurity=False)
        self._on_progress = on_progress
        self._reader: asyncio.Task[Any] | None = None
        self.alive: Callable[[], None] = lambda: None
        """Called for every chunk received or taken; used by a watchdog."""

    @property
    def md5(self) -> str:
        """Hex digest of all bytes; if the receiver hashes, the one it was given."""
        return str(self._hash.hexdigest()) if self._hash else self.expected_md5 or ""

    @property
    def hashed(self) -> bool:
        """Whether the digest is computed here."""
        return self._hash is not None

    def trust_receiver(self) -> None:
        """Leave the hashing to a receiver that compares with ``expected_md5``; call it before the first chunk."""
        if not self._hashed_here:
            self._hash = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        held = b""
        async for chunk in self._received():
            self._take(chunk)
            if held:
                yield held
            held = chunk
        self._prove()
        if held:
            yield held

    async def _received(self) -> AsyncGenerator[bytes]:
        source = aiter(self._chunks)
        while True:
            self.alive()
            self.waits_for_source = True
            self._reader = asyncio.current_task()
            try:
                chunk = await anext(source, None)
            except Exception as error:
                # Not a cancellation: that is due to another failure, as of a refused part.
                self.failure = error
                raise
            self.waits_for_source = False
            self.alive()
            if chunk is None:
                return
            if chunk:
                yield chunk

    async def abandon(self) -> None:
        """End all reading after the request that was sending this has failed.

        An HTTP client reads in a task of its own, and does not wait for its end when the request is given up.
        """
        reader = self._reader
        if reader is not None and reader is not asyncio.current_task() and not reader.done():
            reader.cancel()
            await asyncio.wait({reader})

    def _take(self, chunk: bytes) -> None:
        self.count += len(chunk)
        if self.size is not None and self.count > self.size:
            self._fail(f"received more than the {self.size:,} bytes SmugMug announced")
        if self._hash:
            self._hash.update(chunk)
        self._on_progress(len(chunk))

    def _prove(self) -> None:
        if self.size is None and self.expected_md5 is None and not self._framed:
            self._fail(
                "SmugMug gave neither a size nor an MD5 for this file and closed the connection: the file may be "
                "incomplete"
            )
        if self.size is not None and self.count != self.size:
            self._fail(f"received only {self.count:,} of {self.size:,} bytes")
        if self.expected_md5 is not None and self.md5 != self.expected_md5:
            self._fail(f"received bytes with MD5 {self.md5}, but SmugMug lists {self.expected_md5}")

    def _fail(self, sentence: str) -> None:
        self.failure = SourceBroken(sentence)
        raise self.failure


async def md5_of(chunks: AsyncIterator[bytes]) -> str:
    """The MD5 (hex) of a stream, such as an object that is read back."""
    found = hashlib.md5(usedforsecurity=False)
    async for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


async def joined(chunks: AsyncGenerator[bytes], limit: int) -> bytes:
    """A stream in one piece, cut off after ``limit`` bytes; closes it."""
    found: list[bytes] = []
    async with aclosing(chunks):
        async for chunk in chunks:
            found.append(chunk[:limit])
            limit -= len(chunk)
            if limit <= 0:
                break
    return b"".join(found)


class Watchdog:
    """Ends work that makes no progress for ``limit`` seconds; an async context manager.

    It also ends a request that neither fails nor proceeds: a server that never answers ``Expect: 100-continue``
    hangs an HTTP client past any read timeout of its own.
    """

    def __init__(self, limit: float, stalled_side: Callable[[], str]) -> None:
        self._limit = limit
        self._stalled_side = stalled_side
        self._timeout = asyncio.timeout(None)
        self._rearm_at = 0.0
        self._excused_until = 0.0
        self._over = False

    def progress(self) -> None:
        """Record progress; called for every chunk, so the deadline is updated only a few times a second."""
        now = asyncio.get_running_loop().time()
        if now >= self._rearm_at and not self._over and not self._timeout.expired():
            self._rearm_at = now + min(0.5, self._limit / 8)
            self._timeout.reschedule(max(now, self._excused_until) + self._limit)

    def excuse(self, seconds: float) -> None:
        """Allow a longer silence, as long as the other side said or is known to need."""
        self._excused_until = max(self._excused_until, asyncio.get_running_loop().time() + seconds)
        self._rearm_at = 0.0
        self.progress()

    @contextmanager
    def at_ease(self) -> Iterator[None]:
        """Suspend the deadline for a legitimate wait, such as for memory."""
        self._timeout.reschedule(None)
        try:
            yield
        finally:
            self._rearm_at = 0.0
            self.progress()

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self.progress()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True  # a body may still be read after its request ended
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise self._verdict() from None

    def _verdict(self) -> SourceUnreachable | StoreUnreachable:
        if self._stalled_side() == "source":
            return SourceUnreachable(f"SmugMug sent no data for {self._limit:g} seconds")
        return StoreUnreachable(f"the S3 server accepted no data for {self._limit:g} seconds")
