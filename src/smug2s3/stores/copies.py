"""Server-side copies, verified against the recorded source and by their own ETags."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from smug2s3.errors import StoreArchived, StoreBroken, StoreCorrupt, StoreError, StoreMissing, StoreRefused
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import md5_of
from smug2s3.models import Proof, Receipt, StoreTarget
from smug2s3.rules.proof import unchanged
from smug2s3.stores.bucket import ODD
from smug2s3.stores.faults import cannot_do, may_be_about_options
from smug2s3.stores.offers import TRIED, Offers, headers
from smug2s3.stores.reading import ReadableBucket

_ARCHIVED = (
    "files in an archive class keep the metadata they have: their new titles, captions and keywords are only in the album's "
    "_album.json"
)


class Copying:
    """Checks the source before and the copy after; reads either back if its ETag proves nothing."""

    def __init__(self, store: ReadableBucket, policy: RetryPolicy) -> None:
        self._store = store
        self._policy = policy
        self._metadata: list[dict[str, str]] = []
        """Of the source before, and of the copy after."""

    def ignored(self, wanted: Mapping[str, str]) -> bool:
        """Whether the server confirmed a copy with other metadata, and kept the old."""
        before, after = self._metadata
        return before == after != wanted

    async def run(self, source: Receipt, key: str, make: Callable[[], Awaitable[object]]) -> Receipt:
        """Copy ``source`` to ``key`` by ``make``, and verify it; see ``Store.copy``.

        A copy that is wrong or cannot be checked is deleted again. If the server did not confirm a copy,
        nothing is deleted: the object may be the previous one.
        """
        source = await self._as_recorded(source)
        await make()
        try:
            return await self._proven(source, key)
        except BaseException:
            if key != source.key:
                await asyncio.shield(self._undo(key))
            raise

    async def _as_recorded(self, source: Receipt) -> Receipt:
        head = await self._store.head(source.key)
        self._metadata = [head.metadata]
        same = unchanged(head, source)
        if same is None and await self._md5(source.key) == source.md5:
            return replace(source, etag=head.etag, proof=Proof.READ)
        if not same:
            raise StoreCorrupt(f"{source.key} has changed since it was stored")
        return source

    async def _proven(self, source: Receipt, key: str) -> Receipt:
        try:
            head = await self._store.head(key)
        except StoreMissing:
            raise StoreBroken(f"the S3 server reported {source.key} as copied, but has no such object") from None
        self._metadata.append(head.metadata)
        copied = replace(source, key=key, etag=head.etag, crc64=head.crc64)
        if head.size == source.size:
            if head.etag == source.md5:
                return replace(copied, proof=Proof.ETAG)
            if unchanged(head, source):
                return copied
            # As for a copy of a multipart or an encrypted object: it has another ETag, which is not an MD5.
            if await self._md5(key) == source.md5:
                return replace(copied, proof=Proof.READ)
        raise StoreCorrupt(f"the S3 server's copy of {source.key} differs from the original")

    async def _undo(self, key: str) -> None:
        with suppress(StoreError):  # the first error is the one to report
            await self._store.delete(key)

    async def _md5(self, key: str) -> str:
        return await retry(self._policy, lambda: md5_of(self._store.read(key)))


class Copier:
    """Copies within one bucket, and learns which metadata its server cannot write to copies."""

    def __init__(self, bucket: ReadableBucket, offers: Offers) -> None:
        self._bucket = bucket
        self._offers = offers
        self._describes_copies = True
        """Whether a copy can have other metadata than its source."""
        self._noted: set[str] = set()

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """Copy on the server; bytes are only read back if the ETag proves nothing."""
        if not self._describes_copies:
            return await self._copied_as_it_is(source, target)
        try:
            copied = await self._offers.taken(
                target,
                lambda fitting: self._copied(source, fitting.key, **_replaced_metadata(fitting)),
                again=lambda: True,
                tries=TRIED,
            )
        except StoreArchived:
            if source.key != target.key:
                raise
            self._note(_ARCHIVED)
            return source
        except StoreRefused as refusal:
            return await self._copied_otherwise(source, target, refusal)
        return replace(copied, nameless=self._offers.withholds_name(target))

    async def _copied(self, source: Receipt, key: str, **said: Any) -> Receipt:
        async def once() -> None:
            answer = await self._bucket.client.copy_object(
                Bucket=self._bucket.name, Key=key, CopySource={"Bucket": self._bucket.name, "Key": source.key}, **said
            )
            # Some servers send an empty element; a missing one is not a response.
            if answer["ResponseMetadata"]["HTTPHeaders"].get("content-length") == "0":
                raise StoreBroken(f"the S3 server reported {source.key} as copied, but described no copy", hint=ODD)

        make = partial(self._bucket.ask, once, f"the copy to {key}", within=self._bucket.work)
        copying = Copying(self._bucket, self._bucket.policy)
        copied = await copying.run(source, key, make)
        # Only in place: a renamed file has the metadata it had, and some servers alter what they were given.
        if key == source.key and copying.ignored(said["Metadata"]):
            self._keeps_metadata()
        return copied

    async def _copied_otherwise(self, source: Receipt, target: StoreTarget, refusal: StoreRefused) -> Receipt:
        """Copy with the source's metadata if the server refuses only other metadata, and remember that."""
        if not (cannot_do(refusal) if source.key == target.key else may_be_about_options(refusal)):
            raise refusal
        try:
            copied = await self._copied_as_it_is(source, target)
        except StoreError:
            raise refusal from None
        self._keeps_metadata()
        return copied

    def _keeps_metadata(self) -> None:
        if self._describes_copies:
            self._describes_copies = False
            self._note(
                "the bucket cannot update the metadata of a stored file: new titles, captions and keywords are only in "
                "the album's _album.json"
            )

    def _note(self, text: str) -> None:
        if text not in self._noted:
            self._noted.add(text)
            self._bucket.reporter.note(text)

    async def _copied_as_it_is(self, source: Receipt, target: StoreTarget) -> Receipt:
        return source if source.key == target.key else await self._copied(source, target.key)


def _replaced_metadata(target: StoreTarget) -> dict[str, Any]:
    """Parameters that replace the source's metadata in a copy."""
    return {"MetadataDirective": "REPLACE", **headers(target)}
