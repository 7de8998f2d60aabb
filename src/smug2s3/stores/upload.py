"""Uploads one object: as one streaming PUT, buffered first, or in parts."""

from __future__ import annotations

from datetime import UTC, datetime

from smug2s3.errors import SettingsError, StoreBusy, StoreTooLarge
from smug2s3.flow.budget import Budget
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Receipt, StoreTarget
from smug2s3.rules import digests
from smug2s3.stores.beliefs import Beliefs, Kept, kept_by
from smug2s3.stores.body import StreamBody
from smug2s3.stores.multipart import MultipartUpload
from smug2s3.stores.offers import TRIED, Offers, headers
from smug2s3.stores.prover import Prover
from smug2s3.stores.quirks import MIB, Provider, smaller_pieces
from smug2s3.stores.reading import ReadableBucket
from smug2s3.stores.sender import Sender

BUFFERED = 8 * MIB
"""Up to this size, bytes of unknown MD5 are buffered first, so that the server can check them."""

GATHERED = 256 * 1024
"""Up to this size, a file is always buffered: sent in one piece, it saves the wait for ``100 Continue``."""

BYTES_HELD = 48 * MIB
"""Memory limit for all uploads of the process together (parts, and small files of unknown MD5), unless the
user sets another one or the provider needs larger parts."""


class Uploader:
    """Sends one object per call, in one piece or in parts."""

    def __init__(
        self, bucket: ReadableBucket, provider: Provider, sender: Sender, offers: Offers, beliefs: Beliefs, held: Budget
    ) -> None:
        self._bucket = bucket
        self._provider = provider
        self._sender = sender
        self._offers = offers
        self._beliefs = beliefs
        self._prover = Prover(bucket, beliefs)
        self._held = held

    async def put(self, target: StoreTarget, stream: CheckedStream) -> tuple[Receipt, bool]:
        """The receipt, and whether an earlier process started this upload, with older metadata."""
        used = self._provider
        try:
            sent = await self._sent(target, stream)
        except StoreTooLarge as refusal:
            if not self._takes_less(used, stream.size):
                raise
            raise StoreBusy(
                f"the S3 server refused {target.key} as too large; sending it in smaller parts"
            ) from refusal
        kept, proof = await self._prover.proven(
            target.key, sent, size=stream.count, md5=stream.md5, hashed=stream.hashed
        )
        receipt = Receipt(
            key=target.key,
            size=stream.count,
            md5=stream.md5,
            etag=kept.etag,
            crc64=kept.crc64,
            stored_at=datetime.now(UTC).isoformat(timespec="seconds"),
            proof=proof,
            nameless=self._offers.withholds_name(target),
        )
        return receipt, sent.taken_up

    def _takes_less(self, used: Provider, size: int | None) -> bool:
        """Whether less is sent at once from now on than was ``used``; others may have found that out meanwhile."""
        if self._provider == used:
            self._provider = smaller_pieces(used, size)
            if self._provider != used:
                self._bucket.reporter.note(
                    "the S3 server does not accept that much in one request: files over "
                    f"{self._provider.single_put // MIB} MiB are sent in parts of {self._provider.part_size // MIB} MiB "
                    "from now on"
                )
        return self._provider != used

    async def _sent(self, target: StoreTarget, stream: CheckedStream) -> Kept:
        largest = BUFFERED if stream.expected_md5 is None else self._provider.single_put
        if stream.size is None or stream.size > largest:
            return await self._offers.taken(
                target, lambda fitting: self._put_parts(fitting, stream), again=lambda: not stream.count, tries=TRIED
            )
        if stream.expected_md5 is None or stream.size <= GATHERED:
            async with self._held.borrow(stream.size):
                return await self._put_once(target, await self._gathered(stream, target.key), stream)
        if await self._prover.checks_for_itself(stream.size):
            stream.trust_receiver()
        return await self._put_once(target, StreamBody(stream), stream)

    async def _gathered(self, stream: CheckedStream, key: str) -> bytes:
        async with self._bucket.watching(stream, key):
            return b"".join([chunk async for chunk in stream])

    async def _put_once(self, target: StoreTarget, body: bytes | StreamBody, stream: CheckedStream) -> Kept:
        """A streamed body cannot be sent twice: the whole asset is retried with a new stream."""

        async def once(fitting: StoreTarget) -> Kept:
            md5 = digests.content_md5(stream.expected_md5 or stream.md5) if self._beliefs.takes_md5 else ""
            size = stream.count if isinstance(body, bytes) else stream.size or 0
            async with self._bucket.watching(stream, target.key):
                return kept_by(await self._sender.put(fitting, body, size=size, content_md5=md5))

        return await self._offers.taken(target, once, again=lambda: not (isinstance(body, StreamBody) and body.started))

    async def _put_parts(self, target: StoreTarget, stream: CheckedStream) -> Kept:
        async with self._bucket.watching(stream, target.key) as watchdog:
            upload = MultipartUpload(
                self._bucket.client,
                self._bucket.name,
                target.key,
                policy=self._bucket.policy,
                held=self._held,
                beliefs=self._beliefs,
                judge=self._bucket.control.judged,
                work=self._bucket.work,
                watchdog=watchdog,
                side=self._bucket.side,
            )
            return await upload.run(stream, self._provider, headers(target))


def bytes_held(provider: Provider, wanted: int | None) -> int:
    """The memory limit for parts; ``wanted`` is the user's setting, or ``None``."""
    if wanted is None:
        return max(BYTES_HELD, provider.part_size)
    if wanted < provider.part_size:
        least = provider.part_size // MIB
        raise SettingsError(
            f"UPLOAD_MEMORY is smaller than one part, which is {least}M for {provider.name}",
            hint=f"Set UPLOAD_MEMORY to {least}M or more, or leave it empty.",
        )
    return wanted
