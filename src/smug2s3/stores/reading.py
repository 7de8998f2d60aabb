"""Reading from a bucket: properties of objects, their bytes, listings."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any

from aiohttp import ClientResponse

from smug2s3.errors import StoreBroken, StoreCorrupt, StoreRefused
from smug2s3.flow.stream import Watchdog
from smug2s3.models import Head, StoredObject
from smug2s3.rules import digests
from smug2s3.stores.beliefs import kept_by
from smug2s3.stores.bucket import Bucket
from smug2s3.stores.faults import is_beyond_the_end, is_malformed, is_under_way
from smug2s3.stores.incoming import SIZE, Incoming, taken_over
from smug2s3.stores.trials import is_hidden

RESTORED_DAYS = 7
"""For how long a restored copy of an archived object can be read."""


class ReadableBucket(Bucket):
    """The read-only methods of a bucket; see ``smug2s3.ports.store.Store``."""

    ranges = True

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The object's bytes, with each read watched; a server that ignores ranges sends others in vain."""
        request = {"Bucket": self.name, "Key": key}
        if start or end is not None:
            request["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        answer = await self.ask(lambda: self.client.get_object(**request), key)
        if "ContentRange" not in answer and "Range" in request:
            self.ranges = False
        position = start if "ContentRange" in answer else 0
        async with answer["Body"] as response, aclosing(self._chunks(response, key)) as chunks:
            async for chunk in chunks:
                wanted = chunk[max(0, start - position) : None if end is None else max(0, end - position)]
                position += len(chunk)
                if wanted:
                    yield wanted
                if position == end:
                    return

    async def _chunks(self, response: ClientResponse, key: str) -> AsyncGenerator[bytes]:
        begun, incoming = taken_over(response) or (b"", None)
        if begun:
            yield begun
        try:
            while chunk := await self._some(incoming or response, key):
                yield chunk
        finally:
            if incoming:
                incoming.give_back()

    async def _some(self, body: Incoming | ClientResponse, key: str) -> bytes:
        """The next bytes, joined: each step with a small chunk costs more than to receive it."""
        async with Watchdog(self.stall, lambda: "store") as watchdog:
            try:
                if isinstance(body, Incoming):
                    body.alive = watchdog.progress
                    return await body.read()
                batch: list[bytes] = []
                while sum(map(len, batch)) < SIZE and (chunk := await body.content.read(SIZE)):
                    watchdog.progress()
                    batch.append(chunk)
                return b"".join(batch)
            except Exception as error:
                raise await self.control.judged(error, key) from error

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
        wanted = {"Bucket": self.name, "Key": key, "Range": f"bytes=0-{size - 1}"}
        try:
            answer = await self.ask(lambda: self.client.get_object(**wanted), key)
        except StoreCorrupt as error:
            if not is_beyond_the_end(error):
                raise
            return b""
        body = answer["Body"]
        found = b""
        async with body:
            while len(found) < size and (chunk := await self.watched(lambda: body.read(SIZE), key)):
                found += chunk
        return found[:size]

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
