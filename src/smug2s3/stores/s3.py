"""The store over S3: one streaming PUT a photo, multipart above, every wait watched, every error translated."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from smug2s3 import __version__
from smug2s3.errors import SettingsError, Smug2s3Error, StoreCorrupt, StoreError, StoreRefused, StoreUnusable
from smug2s3.flow.budget import Budget
from smug2s3.flow.idle import drop_idle
from smug2s3.flow.outage import STORE, Hearer, Side, Waits
from smug2s3.flow.retry import Patience, persistently
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.models import Head, Receipt, StoredObject, StoreTarget
from smug2s3.ports import Reporter
from smug2s3.rules import digests
from smug2s3.stores.body import StreamBody
from smug2s3.stores.faults import translate
from smug2s3.stores.multipart import Kept, MultipartUpload, kept_by
from smug2s3.stores.probe import BucketProbe
from smug2s3.stores.quirks import MIB, Provider
from smug2s3.stores.sender import Sender

T = TypeVar("T")

BUFFERED = 8 * MIB
"""Up to this size, bytes whose MD5 nobody named are gathered first, so that the store can check them."""

GATHERED = 256 * 1024
"""Up to this size a file is gathered anyway: sent in one piece, it saves the wait for ``100 Continue``."""

BYTES_HELD = 48 * MIB
"""What all uploads of the process may hold in memory together (parts, and small files of unknown MD5), unless the
user says otherwise or the store wants larger parts."""

WORTH_A_TRY = 1 * MIB
"""From this size on, the MD5 of a file costs more than finding out whether the store checks it for us."""

STALL = 60.0
"""Seconds without a byte taken, or without an answer, after which a request is given up."""

_READ = 256 * 1024


class S3Store:
    """One bucket, through an open low-level S3 client."""

    def __init__(
        self,
        client: Any,
        bucket: str,
        provider: Provider,
        sender: Sender,
        *,
        held: int = BYTES_HELD,
        patience: Patience | None = None,
        stall: float = STALL,
        waits: Waits | None = None,
        hearer: Hearer | None = None,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._sender = sender
        self._provider = provider
        self._patience = patience or Patience()
        self._stall = stall
        self.side = Side(
            "the store", STORE, self._look, waits=waits or Waits(), hearer=hearer or Reporter(), forget=self._forget
        )
        self._held = Budget(held)
        self._refuses_wrong_md5: bool | None = None
        """Unknown until it was tried."""
        self._trying = asyncio.Lock()
        self._etags_are_md5: bool | None = None
        """Unknown until the first answer."""

    async def check(self, prefix: str) -> None:
        """A listing of one key: the least that proves credentials and bucket."""
        try:
            await persistently(self._patience.at_first(), lambda: self._look(prefix), side=self.side)
        except StoreRefused as error:
            hint = "The key needs s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on this bucket."
            raise StoreUnusable(str(error), hint=hint) from error

    async def _look(self, prefix: str = "") -> None:
        look = partial(self._client.list_objects_v2, Bucket=self._bucket, Prefix=prefix, MaxKeys=1)
        await self._watched(look, f"bucket {self._bucket}")

    def _forget(self) -> None:
        for session in self._client._endpoint.http_session._sessions.values():  # noqa: SLF001 - no public way
            drop_idle(session)

    async def put(self, target: StoreTarget, stream: CheckedStream) -> Receipt:
        """The whole stream or nothing; what ended the stream comes out as it was raised."""
        largest = BUFFERED if stream.expected_md5 is None else self._provider.single_put
        if stream.size is None or stream.size > largest:
            kept = await self._put_parts(target, stream)
        elif stream.expected_md5 is None or stream.size <= GATHERED:
            async with self._held.borrow(stream.size):
                kept = await self._put_once(target, await self._gathered(stream, target.key), stream)
        else:
            if await self._checks_for_itself(target.key, stream.size):
                stream.trust_receiver()
            kept = await self._put_once(target, StreamBody(stream), stream)
        return Receipt(
            key=target.key,
            size=stream.count,
            md5=stream.md5,
            etag=kept.etag,
            crc64=kept.crc64,
            stored_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """A copy made by the store itself; no byte passes through here. Some stores return no ETag: then it is empty."""
        answer = await self._ask(
            lambda: self._client.copy_object(
                Bucket=self._bucket,
                Key=target.key,
                CopySource={"Bucket": self._bucket, "Key": source.key},
                MetadataDirective="REPLACE",
                **_headers(target),
            ),
            f"a copy to {target.key}",
        )
        etag = digests.clean_etag(str(answer.get("CopyObjectResult", {}).get("ETag", "")))
        return replace(source, key=target.key, etag=etag or source.etag)

    async def delete(self, key: str) -> None:
        """Remove one object."""
        await self._ask(lambda: self._client.delete_object(Bucket=self._bucket, Key=key), f"the removal of {key}")

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The object's bytes, each read watched."""
        answer = await self._ask(lambda: self._client.get_object(Bucket=self._bucket, Key=key), key)
        body = answer["Body"]
        async with body:
            while chunk := await self._watched(lambda: body.read(_READ), key):
                yield chunk

    async def beginning(self, key: str, size: int) -> bytes:
        """By a range, so that the rest is neither sent nor billed."""
        wanted = {"Bucket": self._bucket, "Key": key, "Range": f"bytes=0-{size - 1}"}
        answer = await self._ask(lambda: self._client.get_object(**wanted), key)
        body = answer["Body"]
        found = b""
        async with body:
            while len(found) < size and (chunk := await self._watched(lambda: body.read(_READ), key)):
                found += chunk
        return found[:size]

    async def head(self, key: str) -> Head:
        """Metadata values as they were sent (non-ASCII ones are RFC 2047 encoded words)."""
        look = partial(self._client.head_object, Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        answer = await self._ask(look, key)
        return Head(
            size=answer["ContentLength"],
            etag=kept_by(answer).etag,
            metadata={name.lower(): value for name, value in answer.get("Metadata", {}).items()},
            crc64=kept_by(answer).crc64,
        )

    async def list(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """A thousand keys a request."""
        where = {"Bucket": self._bucket, "Prefix": prefix}
        while True:
            page = await self._ask(
                partial(self._client.list_objects_v2, **where), f"the listing of bucket {self._bucket}"
            )
            yield [
                StoredObject(key=entry["Key"], size=entry["Size"], etag=digests.clean_etag(entry.get("ETag", "")))
                for entry in page.get("Contents", [])
            ]
            if not page.get("IsTruncated"):
                return
            where["ContinuationToken"] = page["NextContinuationToken"]

    def probe(self, prefix: str) -> BucketProbe:
        """Tries on this bucket what will be asked of it."""
        return BucketProbe(self._client, self._bucket, prefix)

    async def _gathered(self, stream: CheckedStream, key: str) -> bytes:
        async with self._watching(stream, key):
            return b"".join([chunk async for chunk in stream])

    async def _put_once(self, target: StoreTarget, body: bytes | StreamBody, stream: CheckedStream) -> Kept:
        async with self._watching(stream, target.key):
            # A streamed body cannot be sent twice: the whole asset is tried again, with a fresh stream.
            answer = await self._sender.put(
                target,
                body,
                size=stream.count if isinstance(body, bytes) else stream.size or 0,
                content_md5=digests.content_md5(stream.expected_md5 or stream.md5),
            )
        kept = kept_by(answer)
        await self._judge(kept.etag, answer, target.key, stream)
        return kept

    async def _checks_for_itself(self, key: str, size: int) -> bool:
        """Whether the store was seen to refuse bytes of another MD5, and to answer with the MD5 of what it keeps.

        The first large file has it tried, beside its own key: hashing it here would cost more than two requests.
        """
        if not self._etags_are_md5 or (self._refuses_wrong_md5 is None and size < WORTH_A_TRY):
            return False
        async with self._trying:
            if self._refuses_wrong_md5 is None:
                self._refuses_wrong_md5 = await self._seen_to_refuse(key.rpartition("/")[0] + "/")
        return self._refuses_wrong_md5

    async def _seen_to_refuse(self, prefix: str) -> bool:
        try:
            return await self._watched(self.probe(prefix).refuses_wrong_md5, "a first try")
        except StoreError as error:
            if error.ends_the_run:
                raise
            return False  # A store that does not say so clearly gets every byte hashed here.

    async def _judge(self, etag: str, answer: dict[str, Any], key: str, stream: CheckedStream) -> None:
        """What the answer to a PUT proves: an ETag that is the MD5 proves the object, another one has it read back."""
        if etag == stream.md5:
            self._etags_are_md5 = True
        elif not stream.hashed or (
            self._etags_are_md5 is not False and digests.clean_md5(etag) and not _hidden_by_encryption(answer)
        ):
            await self._read_back(key, stream.md5)

    async def _put_parts(self, target: StoreTarget, stream: CheckedStream) -> Kept:
        upload = MultipartUpload(self._client, self._bucket, target.key, self._patience, self._held, self.side)
        async with self._watching(stream, target.key) as watchdog:
            return await upload.run(stream, self._provider, _headers(target), watchdog)

    @asynccontextmanager
    async def _watching(self, stream: CheckedStream, key: str) -> AsyncIterator[Watchdog]:
        """Around requests that send ``stream``; a failure of the stream itself comes out as it was raised."""
        async with Watchdog(self._stall, lambda: "source" if stream.waits_for_source else "store") as watchdog:
            stream.alive = watchdog.progress
            try:
                yield watchdog
            except Exception as error:
                if stream.failure is not None:
                    raise stream.failure from None
                raise error if isinstance(error, Smug2s3Error) else translate(error, key) from error

    async def _read_back(self, key: str, md5: str) -> None:
        """The ETag is not the MD5 of what was sent: either this store's ETags are no MD5s, or the bytes are wrong."""
        found = hashlib.md5(usedforsecurity=False)
        async for chunk in self.read(key):
            found.update(chunk)
        if found.hexdigest() != md5:
            await self.delete(key)
            raise StoreCorrupt(f"the store holds other bytes than were sent for {key}; they were removed")
        self._etags_are_md5 = False

    async def _ask(self, request: Callable[[], Awaitable[T]], what: str) -> T:
        return await persistently(self._patience, lambda: self._watched(request, what), side=self.side)

    async def _watched(self, request: Callable[[], Awaitable[T]], what: str) -> T:
        async with Watchdog(self._stall, lambda: "store"):
            try:
                return await request()
            except StoreError:
                raise
            except Exception as error:
                raise translate(error, what) from error


def _find_endpoint_once(client: Any) -> None:
    """Let botocore keep the endpoint it found: its rules name the key, which decides nothing, and so ran every time."""
    for name in ("Key", "Prefix", "CopySource"):
        client._ruleset_resolver._param_definitions.pop(name, None)  # noqa: SLF001 - no public way


def bytes_held(provider: Provider, wanted: int | None) -> int:
    """What parts may hold in memory together; ``wanted`` is the user's word, ``None`` if there is none."""
    if wanted is None:
        return max(BYTES_HELD, provider.part_size)
    if wanted < provider.part_size:
        least = provider.part_size // MIB
        raise SettingsError(
            f"UPLOAD_MEMORY is less than one part, which for {provider.name} is {least}M",
            hint=f"Set UPLOAD_MEMORY to {least}M or more, or leave it empty.",
        )
    return wanted


def _headers(target: StoreTarget) -> dict[str, Any]:
    return {"ContentType": target.content_type, "Metadata": dict(target.metadata)}


def _hidden_by_encryption(answer: dict[str, Any]) -> bool:
    """With SSE-KMS or SSE-C an ETag looks like an MD5 and is none."""
    return "kms" in str(answer.get("ServerSideEncryption", "")) or "SSECustomerAlgorithm" in answer


@asynccontextmanager
async def open_s3(
    *,
    bucket: str,
    provider: Provider,
    endpoint: str | None,
    region: str,
    access_key: str | None,
    secret_key: str | None,
    connections: int,
    held: int | None = None,
    patience: Patience | None = None,
    stall: float = STALL,
    waits: Waits | None = None,
    hearer: Hearer | None = None,
) -> AsyncIterator[S3Store]:
    """A store over a client of its own, closed with the block.

    ``connections``: transfers and parts together. ``held``: bytes that parts may hold in memory together; raises
    SettingsError where not even one part would fit.
    """
    held = bytes_held(provider, held)
    import aioboto3  # noqa: PLC0415 - a tenth of a second and 30 MiB that `--help` need not pay
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        s3={"payload_signing_enabled": False, "addressing_style": "auto" if provider.virtual_hosts else "path"},
        # Trailing checksums, the default since 2025, break many S3-compatible servers; we send Content-MD5.
        request_checksum_calculation="when_required",
        # Ours, and much cheaper than botocore's own, which is put together anew for every request.
        user_agent=f"smug2s3/{__version__}",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": 1},
        max_pool_connections=connections,
        connect_timeout=20,
        read_timeout=stall,
        tcp_keepalive=True,
    )
    session = aioboto3.Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key)
    try:
        opening = session.client("s3", endpoint_url=endpoint, region_name=provider.region or region, config=config)
    except ValueError as error:
        raise StoreUnusable(f"the store's address cannot be used: {error}", hint="Check S3_ENDPOINT_URL.") from error
    async with opening as client:
        _find_endpoint_once(client)
        sender = Sender(client, bucket, await session.get_credentials())
        yield S3Store(
            client, bucket, provider, sender, held=held, patience=patience, stall=stall, waits=waits, hearer=hearer
        )
