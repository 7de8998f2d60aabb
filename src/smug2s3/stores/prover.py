"""Proves that an uploaded object is what was sent."""

from __future__ import annotations

import asyncio

from smug2s3.errors import StoreBroken, StoreCorrupt, StoreError, StoreMissing, StoreRefused, StoreUnreachable
from smug2s3.flow.stream import md5_of
from smug2s3.models import Proof
from smug2s3.stores.beliefs import Beliefs, Kept, kept_by
from smug2s3.stores.bucket import ODD
from smug2s3.stores.quirks import MIB
from smug2s3.stores.reading import ReadableBucket

WORTH_A_TRY = 1 * MIB
"""From this size on, hashing a file costs more than testing whether the server checks it."""

READ_BACK = 1 * MIB
"""Up to this size, an object that nothing else proves is read back at once: `_album.json` and small photos.

Larger ones stay unproven until ``verify --deep`` reads them, since reading everything twice is the user's choice.
"""


class Prover:
    """Proves that an object is what was sent, as cheaply as possible."""

    def __init__(self, bucket: ReadableBucket, beliefs: Beliefs) -> None:
        self._bucket = bucket
        self._beliefs = beliefs
        self._trying = asyncio.Lock()

    async def proven(self, key: str, kept: Kept, *, size: int, md5: str, hashed: bool = True) -> tuple[Kept, Proof]:
        """What the server stored, and how it is proven, as cheaply as possible.

        ``hashed``: whether its MD5 was computed here, too. Raises StoreCorrupt if the bytes differ, and deletes them.
        """
        if not kept.etag:
            kept = await self._asked_for(key, kept, size)
        proof = self._beliefs.judge(kept, md5)
        if proof in (Proof.ETAG, Proof.PARTS):
            return kept, proof
        if proof is None or not kept.certain or not hashed:
            return kept, await self._read_back(key, md5, kept)
        if await self._refuses_wrong_md5():
            return kept, Proof.CHECKED  # sent with the right Content-MD5
        return kept, await self._read_if_small(key, kept, size, md5)

    async def _asked_for(self, key: str, kept: Kept, size: int) -> Kept:
        """Ask for an object that the server accepted without returning an ETag."""
        try:
            answer = await self._bucket.head_object(key)
        except StoreMissing:
            raise StoreBroken(f"the S3 server accepted {key}, but has no such object", hint=ODD) from None
        found = answer.get("ContentLength")
        if found != size:
            raise StoreBroken(f"the S3 server accepted {key}, but has {found} of {size} bytes", hint=ODD)
        return kept_by(answer, parts=kept.parts, certain=False)

    async def _read_if_small(self, key: str, kept: Kept, size: int, md5: str) -> Proof:
        if size > READ_BACK:
            return Proof.NONE
        try:
            return await self._read_back(key, md5, kept)
        except StoreRefused:
            return Proof.NONE  # this key may not read, or the object was archived at once

    async def _read_back(self, key: str, md5: str, kept: Kept) -> Proof:
        """The ETag is not the MD5 of what was sent: either this server's ETags are not MD5s, or the bytes are wrong."""
        if await md5_of(self._bucket.read(key)) != md5:
            if not kept.certain:
                raise StoreUnreachable(f"the S3 server did not confirm {key}, and has different bytes there")
            await self._bucket.delete(key)
            raise StoreCorrupt(f"the stored bytes differ from those sent for {key}; they were deleted")
        if self._beliefs.etags_are_md5 is None and not kept.parts:
            self._beliefs.etags_are_md5 = False
        return Proof.READ

    async def checks_for_itself(self, size: int) -> bool:
        """Whether the server was seen to reject wrong bytes and to return the MD5 of stored ones.

        The first large file triggers the test: hashing it here would cost more than two requests.
        """
        if not self._beliefs.etags_are_md5 or (self._beliefs.refuses_wrong_md5 is None and size < WORTH_A_TRY):
            return False
        return await self._refuses_wrong_md5()

    async def _refuses_wrong_md5(self) -> bool:
        """Test it once."""
        async with self._trying:
            if self._beliefs.refuses_wrong_md5 is None:
                self._beliefs.refuses_wrong_md5 = await self._seen_to_refuse()
        return self._beliefs.refuses_wrong_md5

    async def _seen_to_refuse(self) -> bool:
        try:
            return await self._bucket.tried(lambda probe: probe.refuses_wrong_md5())
        except StoreError as error:
            if error.ends_the_run:
                raise
            return False  # without a clear answer, every byte is hashed here
