"""Reading from a bucket: properties of objects, their bytes, listings."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from typing import Any

from smug2s3.errors import StoreBroken
from smug2s3.models import Head, StoredObject
from smug2s3.rules import digests
from smug2s3.stores.beliefs import kept_by
from smug2s3.stores.bucket import Bucket
from smug2s3.stores.trials import is_hidden

_READ = 256 * 1024


class ReadableBucket(Bucket):
    """The read-only methods of a bucket; see ``smug2s3.ports.store.Store``."""

    async def read(self, key: str) -> AsyncGenerator[bytes]:
        """The object's bytes, with each read watched."""
        answer = await self.ask(lambda: self.client.get_object(Bucket=self.name, Key=key), key)
        body = answer["Body"]
        async with body:
            while chunk := await self.watched(lambda: body.read(_READ), key):
                yield chunk

    async def beginning(self, key: str, size: int) -> bytes:
        """Uses a range, so that the rest is neither sent nor billed."""
        wanted = {"Bucket": self.name, "Key": key, "Range": f"bytes=0-{size - 1}"}
        answer = await self.ask(lambda: self.client.get_object(**wanted), key)
        body = answer["Body"]
        found = b""
        async with body:
            while len(found) < size and (chunk := await self.watched(lambda: body.read(_READ), key)):
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
