"""Reading from a bucket: properties of objects, their bytes, listings."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

from aiohttp import ClientResponse

from smug2s3.errors import StoreBroken, StoreError, StoreRefused, StoreShorter
from smug2s3.flow.retry import retry
from smug2s3.flow.stream import Watchdog
from smug2s3.flow.threads import taken
from smug2s3.models import Head, StoredObject
from smug2s3.rules import digests
from smug2s3.stores.beliefs import kept_by
from smug2s3.stores.bucket import Bucket
from smug2s3.stores.faults import is_malformed, is_under_way
from smug2s3.stores.getter import Getter
from smug2s3.stores.lines import Incoming, Taker
from smug2s3.stores.trials import is_hidden

SIZE = 256 * 1024
"""Bytes that are joined, where the library receives them."""

RESTORED_DAYS = 7
"""For how long a restored copy of an archived object can be read."""


class ReadableBucket(Bucket):
    """The read-only methods of a bucket; see ``smug2s3.ports.store.Store``."""

    ranges = True
    getter: Getter

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The object's bytes, with each read watched; a server that ignores ranges sends others in vain."""
        request = {"Bucket": self.name, "Key": key, **_span(start, end)}
        get = partial(self.client.get_object, **request)
        answer = await self.ask(lambda: self.getter.learned(key, get), key)
        if "ContentRange" not in answer and "Range" in request:
            self.ranges = False
        position = start if "ContentRange" in answer else 0
        async with answer["Body"] as response:
            while chunk := await self._some(response, key):
                wanted = chunk[max(0, start - position) : None if end is None else max(0, end - position)]
                position += len(chunk)
                if wanted:
                    yield wanted
                if position == end:
                    return

    async def _some(self, response: ClientResponse, key: str) -> bytes:
        """The next bytes, joined: each step with a small chunk costs more than to receive it."""
        async with Watchdog(self.stall, lambda: "store") as watchdog:
            try:
                batch: list[bytes] = []
                while sum(map(len, batch)) < SIZE and (chunk := await response.content.read(SIZE)):
                    watchdog.progress()
                    batch.append(chunk)
                return b"".join(batch)
            except Exception as error:
                raise await self.control.judged(error, key) from error

    async def read_into(
        self,
        take: Callable[[memoryview], object],
        key: str,
        start: int = 0,
        end: int | None = None,
        step: int | None = None,
    ) -> AsyncGenerator[int]:
        """Received in the thread that takes it, where that is possible."""
        span, taker = _span(start, end), Taker(take)
        incoming = await self._begun(key, span, taker, step)
        if incoming and span and not incoming.is_ranged:
            self.getter.lines.leave(incoming)
            incoming = None
        if incoming:
            async with aclosing(self._received(incoming, taker, key, step)) as sizes:
                async for size in sizes:
                    yield size
        else:
            async with (
                aclosing(self.read(key, start, end)) as chunks,
                aclosing(taken(self.getter.threads, take, chunks)) as sizes,
            ):
                async for size in sizes:
                    yield size

    async def _begun(self, key: str, span: dict[str, str], taker: Taker, step: int | None) -> Incoming | None:
        """As ``Getter.get``, retried while that may help and ``taker`` has got nothing: no bytes may come twice."""
        broken: StoreError | None = None

        async def attempt() -> Incoming | None:
            nonlocal broken
            try:
                return await self.watched(lambda: self.getter.get(key, span, taker, step), key, taker=taker)
            except StoreError as error:
                if not taker.passed:
                    raise
                broken = error
                return None

        incoming = await retry(self.policy, attempt, side=self.side)
        if broken:
            raise broken
        return incoming

    async def _received(self, incoming: Incoming, taker: Taker, key: str, step: int | None) -> AsyncGenerator[int]:
        """What has been passed on, and then the rest."""
        more = partial(self.getter.more, incoming, taker, step)
        try:
            passed = taker.passed
            yield passed
            while not incoming.over:
                await self.watched(more, key, taker=taker)
                yield taker.passed - passed
                passed = taker.passed
        finally:
            self.getter.lines.leave(incoming)

    def _forget(self) -> None:
        super()._forget()
        self.getter.lines.close()

    async def restore(self, key: str, tier: str) -> None:
        """For a week; objects of Intelligent-Tiering come back for good, and refuse a number of days."""
        wanted: dict[str, Any] = {"GlacierJobParameters": {"Tier": tier.capitalize()}}
        try:
            await self._restore(key, wanted | {"Days": RESTORED_DAYS})
        except StoreRefused as error:
            if not is_malformed(error):
                raise
            await self._restore(key, wanted)

    async def _restore(self, key: str, wanted: dict[str, Any]) -> None:
        async def request() -> None:
            try:
                await self.client.restore_object(Bucket=self.name, Key=key, RestoreRequest=wanted)
            except Exception as error:
                if not is_under_way(error):
                    raise

        await self.ask(request, f"the restoration of {key}")

    async def beginning(self, key: str, size: int) -> bytes:
        """Uses a range, so that the rest is neither sent nor billed."""
        try:
            async with aclosing(self.read(key, 0, size)) as chunks:
                return b"".join([chunk async for chunk in chunks])
        except StoreShorter:  # as any range of an empty object
            return b""

    async def head(self, key: str) -> Head:
        """Metadata values as they were sent (non-ASCII ones are RFC 2047 encoded words)."""
        answer = await self.head_object(key)
        if answer.get("ContentLength") is None:
            raise StoreBroken(f"the S3 server did not report the size of {key}")
        kept = kept_by(answer)
        return Head(
            size=answer["ContentLength"],
            etag=kept.etag,
            metadata={name.lower(): value for name, value in answer.get("Metadata", {}).items()},
            crc64=kept.crc64,
            hidden=kept.hidden,
        )

    async def glance(self, prefix: str) -> tuple[str, ...]:
        """One page of a listing."""
        page = await self.ask(partial(self.page, {"Prefix": prefix}), f"the listing of bucket {self.name}")
        return tuple(entry["Key"] for entry in page.get("Contents", []) if not is_hidden(entry["Key"], prefix))

    async def list(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """A thousand keys per request."""
        where: dict[str, Any] = {"Prefix": prefix}
        seen: set[str] = set()
        while True:
            page = await self.ask(partial(self.page, where), f"the listing of bucket {self.name}")
            seen |= self._marks(page, seen)
            yield [
                StoredObject(key=entry["Key"], size=entry["Size"], etag=digests.clean_etag(entry.get("ETag", "")))
                for entry in page.get("Contents", [])
                if not is_hidden(entry["Key"], prefix)
            ]
            if not page.get("IsTruncated"):
                return
            where["ContinuationToken"] = page["NextContinuationToken"]

    def _marks(self, page: dict[str, Any], seen: set[str]) -> set[str]:
        """Marks that identify a page; raises StoreBroken if one was seen before, since the listing is endless then."""
        marks = {f"at {entry['Key']}" for entry in page.get("Contents", [])[:1]}
        if page.get("IsTruncated"):
            marks.add(f"to {page['NextContinuationToken']}")
        if marks & seen:
            raise StoreBroken(f"the S3 server's listing of bucket {self.name} repeats itself")
        return marks


def _span(start: int, end: int | None) -> dict[str, str]:
    """The header that asks for a range, unless everything is wanted."""
    return {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if start or end is not None else {}
