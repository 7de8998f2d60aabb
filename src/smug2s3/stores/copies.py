"""A copy that the store makes by itself, believed no more than what it was made of, and no more than it shows itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from smug2s3.errors import StoreBroken, StoreCorrupt, StoreError, StoreMissing
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import md5_of
from smug2s3.models import Proof, Receipt
from smug2s3.ports import Store
from smug2s3.rules.proof import unchanged


class Copying:
    """Looks at what is to be copied before, and at the copy after; reads either back where its ETag says nothing."""

    def __init__(self, store: Store, policy: RetryPolicy) -> None:
        self._store = store
        self._policy = policy

    async def run(self, source: Receipt, key: str, make: Callable[[], Awaitable[object]]) -> Receipt:
        """What became of ``source`` at ``key`` once ``make`` had the store do it; see ``Store.copy``.

        A copy that is wrong, or that cannot be looked at, is removed again. Where the store did not say that it made
        one, nothing is removed: what lies there may be what lay there before.
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
        copied = replace(source, key=key, etag=head.etag, crc64=head.crc64)
        if head.size == source.size:
            if head.etag == source.md5:
                return replace(copied, proof=Proof.ETAG)
            if unchanged(head, source):
                return copied
            # As a copy of what came in parts, or an encrypted one: it has another ETag, which is no MD5.
            if await self._md5(key) == source.md5:
                return replace(copied, proof=Proof.READ)
        raise StoreCorrupt(f"the S3 server's copy of {source.key} differs from the original")

    async def _undo(self, key: str) -> None:
        with suppress(StoreError):  # What went wrong first is what the user must hear of.
            await self._store.delete(key)

    async def _md5(self, key: str) -> str:
        return await retry(self._policy, lambda: md5_of(self._store.read(key)))
