"""How what was put into a bucket is known to be what was sent."""

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
"""From this size on, the MD5 of a file costs more than finding out whether the store checks it for us."""

READ_BACK = 1 * MIB
"""Up to this size an object that nothing else proves is read back at once: the albums' own files, and small photos.

What is larger stays unproven until ``verify --deep`` reads it, since reading everything twice is for the user to choose.
"""


class Prover:
    """Finds out what shows that an object is what was sent, as cheaply as can be."""

    def __init__(self, bucket: ReadableBucket, beliefs: Beliefs) -> None:
        self._bucket = bucket
        self._beliefs = beliefs
        self._trying = asyncio.Lock()

    async def proven(self, key: str, kept: Kept, *, size: int, md5: str, hashed: bool = True) -> tuple[Kept, Proof]:
        """What the store keeps, and how it is known to be what was sent, as cheaply as that can be found out.

        ``hashed``: whether its MD5 was taken here, too. Raises StoreCorrupt where it is something else, which is removed.
        """
        if not kept.etag:
            kept = await self._asked_for(key, kept, size)
        proof = self._beliefs.judge(kept, md5)
        if proof in (Proof.ETAG, Proof.PARTS):
            return kept, proof
        if proof is None or not kept.certain or not hashed:
            return kept, await self._read_back(key, md5, kept)
        if await self._refuses_wrong_md5():
            return kept, Proof.CHECKED  # The right one was sent along.
        return kept, await self._read_if_small(key, kept, size, md5)

    async def _asked_for(self, key: str, kept: Kept, size: int) -> Kept:
        """What the store says of an object when asked, which it took without naming an ETag."""
        try:
            answer = await self._bucket.told_of(key)
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
            return Proof.NONE  # This key may not read, or the object went into an archive at once.

    async def _read_back(self, key: str, md5: str, kept: Kept) -> Proof:
        """The ETag is not the MD5 of what was sent: either this store's ETags are no MD5s, or the bytes are wrong."""
        if await md5_of(self._bucket.read(key)) != md5:
            if not kept.certain:
                raise StoreUnreachable(f"the S3 server did not confirm {key}, and has different bytes there")
            await self._bucket.delete(key)
            raise StoreCorrupt(f"the stored bytes differ from those sent for {key}; they were deleted")
        if self._beliefs.etags_are_md5 is None and not kept.parts:
            self._beliefs.etags_are_md5 = False
        return Proof.READ

    async def checks_for_itself(self, size: int) -> bool:
        """Whether the store was seen to refuse bytes of another MD5, and to answer with the MD5 of what it keeps.

        The first large file has it tried: hashing it here would cost more than two requests.
        """
        if not self._beliefs.etags_are_md5 or (self._beliefs.refuses_wrong_md5 is None and size < WORTH_A_TRY):
            return False
        return await self._refuses_wrong_md5()

    async def _refuses_wrong_md5(self) -> bool:
        """Tried once."""
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
            return False  # A store that does not say so clearly gets every byte hashed here.
