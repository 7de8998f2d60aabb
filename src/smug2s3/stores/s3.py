"""The store over S3: one streaming PUT a photo, multipart above, every wait watched, every error translated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from smug2s3.errors import (
    SettingsError,
    Smug2s3Error,
    StoreBroken,
    StoreCorrupt,
    StoreError,
    StoreMissing,
    StoreRefused,
    StoreUnreachable,
    StoreUnusable,
)
from smug2s3.flow.budget import Budget
from smug2s3.flow.idle import drop_idle
from smug2s3.flow.outage import STORE, Side, Waits
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream, Watchdog, md5_of
from smug2s3.models import Head, Proof, Receipt, StoredObject, StoreTarget
from smug2s3.ports import Reporter
from smug2s3.rules import digests
from smug2s3.stores.beliefs import Beliefs, Kept, kept_by
from smug2s3.stores.body import StreamBody
from smug2s3.stores.client import open_client
from smug2s3.stores.control import Control
from smug2s3.stores.copies import Copying
from smug2s3.stores.faults import cannot_do, may_be_about_options, may_be_signed_anew, translate
from smug2s3.stores.multipart import MultipartUpload
from smug2s3.stores.offers import Offers, headers
from smug2s3.stores.options import CHECKSUMS, ENCODED_NAMES, Options
from smug2s3.stores.pages import flaw_of
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

WORK = 1800.0
"""Seconds that the store may work on what it has, as when it makes one object of parts, or a copy. It says nothing
meanwhile; S3 documents several minutes, and other servers copy the bytes one by one."""

SIGNED_ANEW_AFTER = (0.0, 3.0)
"""Seconds to wait before a request is signed anew that was refused for its time: a clock may just be setting itself."""

READ_BACK = 1 * MIB
"""Up to this size an object that nothing else proves is read back at once: the albums' own files, and small photos.

What is larger stays unproven until ``verify --deep`` reads it, since reading everything twice is for the user to choose.
"""

_READ = 256 * 1024
_ODD = "Check S3_ENDPOINT_URL: it may not be an S3 server, or a proxy may be in front of it."


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
        policy: RetryPolicy | None = None,
        stall: float = STALL,
        work: float = WORK,
        waits: Waits | None = None,
        listener: Reporter | None = None,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._sender = sender
        self._provider = provider
        self._policy = policy or RetryPolicy()
        self._stall = stall
        self._work = work
        self._reporter = listener or Reporter()
        self.side = Side(
            "the S3 server", STORE, self._look, waits=waits or Waits(), listener=self._reporter, forget=self._forget
        )
        self._held = Budget(held)
        self._beliefs = Beliefs()
        self._options = Options(client.meta.events)
        self._offers = Offers(self._tried, self._beliefs, self._reporter)
        self._describes_copies = True
        """Whether a copy can be given another description than what it is made of."""
        self._trying = asyncio.Lock()
        self._control = Control(self._look)
        self._prefix = ""
        """Where the least listing looks; a key may be allowed to list no more than that."""

    async def check(self, prefix: str) -> None:
        """A listing of one key: the least that proves credentials and bucket."""
        self._prefix = prefix
        await retry(self._policy.at_first(), self._look, side=self.side)

    async def _look(self) -> None:
        """The least listing; one that was signed before a sleep, or while a clock is being set, is signed once more."""
        for pause in SIGNED_ANEW_AFTER:
            try:
                await self._look_once()
            except StoreUnusable as error:
                if not may_be_signed_anew(error):
                    raise
                await asyncio.sleep(pause)
            else:
                return
        await self._look_once()

    async def _look_once(self) -> None:
        try:
            async with Watchdog(self._stall, lambda: "store"):
                await self._listed({"Prefix": self._prefix, "MaxKeys": 1})
        except Exception as error:
            found = translate(error, f"bucket {self._bucket}")
            if isinstance(found, StoreMissing):
                hint = "Create the bucket first, or check S3_BUCKET and what follows the host in S3_ENDPOINT_URL."
                found = StoreUnusable(str(found), hint=hint)
            elif isinstance(found, StoreRefused):
                hint = "The key needs s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on this bucket."
                found = StoreUnusable(str(found), hint=hint)
            raise found from error

    def _forget(self) -> None:
        for session in self._client._endpoint.http_session._sessions.values():  # noqa: SLF001 - no public way
            drop_idle(session)

    async def put(self, target: StoreTarget, stream: CheckedStream) -> Receipt:
        """The whole stream or nothing; what ended the stream comes out as it was raised."""
        largest = BUFFERED if stream.expected_md5 is None else self._provider.single_put
        if stream.size is None or stream.size > largest:
            kept = await self._offers.taken(
                target, lambda fitting: self._put_parts(fitting, stream), again=lambda: not stream.count
            )
        elif stream.expected_md5 is None or stream.size <= GATHERED:
            async with self._held.borrow(stream.size):
                kept = await self._put_once(target, await self._gathered(stream, target.key), stream)
        else:
            if await self._checks_for_itself(target.key, stream.size):
                stream.trust_receiver()
            kept = await self._put_once(target, StreamBody(stream), stream)
        taken_up = kept.taken_up
        kept, proof = await self._proven(target.key, kept, size=stream.count, md5=stream.md5, hashed=stream.hashed)
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
        return await self._described(receipt, target) if taken_up else receipt

    async def _described(self, receipt: Receipt, target: StoreTarget) -> Receipt:
        """With the metadata of ``target``, whatever was to be said of it when its upload was begun."""
        head = await self.head(receipt.key)
        wanted = dict(self._offers.fit(target).metadata)
        return receipt if head.metadata == wanted else await self.copy(receipt, target)

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """A copy made by the store itself; bytes pass here only where its ETag says nothing of them."""
        if not self._describes_copies:
            return await self._copied_as_it_is(source, target)
        try:
            copied = await self._offers.taken(
                target, lambda fitting: self._copied(source, fitting.key, **_anew(fitting)), again=lambda: True
            )
        except StoreRefused as refusal:
            return await self._copied_otherwise(source, target, refusal)
        return replace(copied, nameless=self._offers.withholds_name(target))

    async def _copied(self, source: Receipt, key: str, **said: Any) -> Receipt:
        async def once() -> None:
            answer = await self._client.copy_object(
                Bucket=self._bucket, Key=key, CopySource={"Bucket": self._bucket, "Key": source.key}, **said
            )
            # An element without content is an answer that some stores give; no answer at all is none.
            if answer["ResponseMetadata"]["HTTPHeaders"].get("content-length") == "0":
                raise StoreBroken(f"the S3 server reported {source.key} as copied, but described no copy", hint=_ODD)

        make = partial(self._ask, once, f"the copy to {key}", within=self._work)
        return await Copying(self, self._policy).run(source, key, make)

    async def _copied_otherwise(self, source: Receipt, target: StoreTarget, refusal: StoreRefused) -> Receipt:
        """Without another description, where the store refuses only that; then it is not asked for it again."""
        if not (cannot_do(refusal) if source.key == target.key else may_be_about_options(refusal)):
            raise refusal
        try:
            copied = await self._copied_as_it_is(source, target)
        except StoreError:
            raise refusal from None
        self._describes_copies = False
        self._reporter.note(
            "the bucket cannot update the metadata of a stored file: new titles, captions and keywords are only in "
            "the album's _album.json"
        )
        return copied

    async def _copied_as_it_is(self, source: Receipt, target: StoreTarget) -> Receipt:
        return source if source.key == target.key else await self._copied(source, target.key)

    async def delete(self, key: str) -> None:
        """Remove one object."""
        await self._ask(lambda: self._client.delete_object(Bucket=self._bucket, Key=key), f"the deletion of {key}")

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
        answer = await self._told_of(key)
        if answer.get("ContentLength") is None:
            raise StoreBroken(f"the S3 server did not report the size of {key}")
        kept = kept_by(answer)
        return Head(
            size=answer["ContentLength"],
            etag=kept.etag,
            metadata={name.lower(): value for name, value in answer.get("Metadata", {}).items()},
            crc64=kept.crc64,
        )

    async def _told_of(self, key: str) -> dict[str, Any]:
        look = partial(self._client.head_object, Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        answer: dict[str, Any] = await self._ask(lambda: self._options.granted(CHECKSUMS, look), key)
        return answer

    async def glance(self, prefix: str) -> tuple[str, ...]:
        """One page of a listing."""
        page = await self._ask(partial(self._listed, {"Prefix": prefix}), f"the listing of bucket {self._bucket}")
        return tuple(entry["Key"] for entry in page.get("Contents", []))

    async def list(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """A thousand keys a request."""
        where: dict[str, Any] = {"Prefix": prefix}
        seen: set[str] = set()
        while True:
            page = await self._ask(partial(self._listed, where), f"the listing of bucket {self._bucket}")
            seen |= self._marks(page, seen)
            yield [
                StoredObject(key=entry["Key"], size=entry["Size"], etag=digests.clean_etag(entry.get("ETag", "")))
                for entry in page.get("Contents", [])
            ]
            if not page.get("IsTruncated"):
                return
            where["ContinuationToken"] = page["NextContinuationToken"]

    async def _listed(self, where: dict[str, Any]) -> dict[str, Any]:
        """One page that says what it must say."""
        page: dict[str, Any] = await self._page(**where)
        if flaw := flaw_of(page, where["Prefix"]):
            raise StoreBroken(f"the S3 server's listing of bucket {self._bucket} {flaw}")
        return page

    async def _page(self, **wanted: Any) -> dict[str, Any]:
        """One request for a listing; where the store refuses an option of it, without that from then on."""
        ask = partial(self._client.list_objects_v2, Bucket=self._bucket, **wanted)
        page: dict[str, Any] = await self._options.granted(ENCODED_NAMES, ask)
        return page

    def _marks(self, page: dict[str, Any], seen: set[str]) -> set[str]:
        """By what a page is known; raises StoreBroken where it was there before, or leads back: that has no end."""
        marks = {f"at {entry['Key']}" for entry in page.get("Contents", [])[:1]}
        if page.get("IsTruncated"):
            marks.add(f"to {page['NextContinuationToken']}")
        if marks & seen:
            raise StoreBroken(f"the S3 server's listing of bucket {self._bucket} repeats itself")
        return marks

    def probe(self, prefix: str) -> BucketProbe:
        """Tries on this bucket what will be asked of it."""
        return BucketProbe(self._client, self._bucket, prefix, patience=self._stall)

    async def _gathered(self, stream: CheckedStream, key: str) -> bytes:
        async with self._watching(stream, key):
            return b"".join([chunk async for chunk in stream])

    async def _put_once(self, target: StoreTarget, body: bytes | StreamBody, stream: CheckedStream) -> Kept:
        """A streamed body cannot be sent twice: the whole asset is tried again, with a fresh stream."""

        async def once(fitting: StoreTarget) -> Kept:
            md5 = digests.content_md5(stream.expected_md5 or stream.md5) if self._beliefs.takes_md5 else ""
            size = stream.count if isinstance(body, bytes) else stream.size or 0
            async with self._watching(stream, target.key):
                return kept_by(await self._sender.put(fitting, body, size=size, content_md5=md5))

        return await self._offers.taken(target, once, again=lambda: not (isinstance(body, StreamBody) and body.begun))

    async def _tried(self, target: StoreTarget, checked: bool) -> None:
        probe = self.probe(target.key[: target.key.rfind("/") + 1])
        await self._watched(partial(probe.takes, target, checked=checked), "a test upload")

    async def _checks_for_itself(self, key: str, size: int) -> bool:
        """Whether the store was seen to refuse bytes of another MD5, and to answer with the MD5 of what it keeps.

        The first large file has it tried, beside its own key: hashing it here would cost more than two requests.
        """
        if not self._beliefs.etags_are_md5 or (self._beliefs.refuses_wrong_md5 is None and size < WORTH_A_TRY):
            return False
        return await self._refuses_wrong_md5(key)

    async def _refuses_wrong_md5(self, key: str) -> bool:
        """Tried once, beside ``key``."""
        async with self._trying:
            if self._beliefs.refuses_wrong_md5 is None:
                self._beliefs.refuses_wrong_md5 = await self._seen_to_refuse(key[: key.rfind("/") + 1])
        return self._beliefs.refuses_wrong_md5

    async def _seen_to_refuse(self, prefix: str) -> bool:
        try:
            return await self._watched(self.probe(prefix).refuses_wrong_md5, "a test upload")
        except StoreError as error:
            if error.ends_the_run:
                raise
            return False  # A store that does not say so clearly gets every byte hashed here.

    async def _proven(self, key: str, kept: Kept, *, size: int, md5: str, hashed: bool = True) -> tuple[Kept, Proof]:
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
        if await self._refuses_wrong_md5(key):
            return kept, Proof.CHECKED  # The right one was sent along.
        return kept, await self._read_if_small(key, kept, size, md5)

    async def _asked_for(self, key: str, kept: Kept, size: int) -> Kept:
        """What the store says of an object when asked, which it took without naming an ETag."""
        try:
            answer = await self._told_of(key)
        except StoreMissing:
            raise StoreBroken(f"the S3 server accepted {key}, but has no such object", hint=_ODD) from None
        found = answer.get("ContentLength")
        if found != size:
            raise StoreBroken(f"the S3 server accepted {key}, but has {found} of {size} bytes", hint=_ODD)
        return kept_by(answer, parts=kept.parts, certain=False)

    async def _read_if_small(self, key: str, kept: Kept, size: int, md5: str) -> Proof:
        if size > READ_BACK:
            return Proof.NONE
        try:
            return await self._read_back(key, md5, kept)
        except StoreRefused:
            return Proof.NONE  # This key may not read, or the object went into an archive at once.

    async def _put_parts(self, target: StoreTarget, stream: CheckedStream) -> Kept:
        async with self._watching(stream, target.key) as watchdog:
            upload = MultipartUpload(
                self._client,
                self._bucket,
                target.key,
                policy=self._policy,
                held=self._held,
                beliefs=self._beliefs,
                judge=self._control.judged,
                work=self._work,
                watchdog=watchdog,
                side=self.side,
            )
            return await upload.run(stream, self._provider, headers(target))

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
                if isinstance(error, Smug2s3Error):
                    raise
                raise await self._control.judged(error, key) from error

    async def _read_back(self, key: str, md5: str, kept: Kept) -> Proof:
        """The ETag is not the MD5 of what was sent: either this store's ETags are no MD5s, or the bytes are wrong."""
        if await md5_of(self.read(key)) != md5:
            if not kept.certain:
                raise StoreUnreachable(f"the S3 server did not confirm {key}, and has different bytes there")
            await self.delete(key)
            raise StoreCorrupt(f"the stored bytes differ from those sent for {key}; they were deleted")
        if self._beliefs.etags_are_md5 is None and not kept.parts:
            self._beliefs.etags_are_md5 = False
        return Proof.READ

    async def _ask(self, request: Callable[[], Awaitable[T]], what: str, *, within: float | None = None) -> T:
        return await retry(self._policy, lambda: self._watched(request, what, within=within), side=self.side)

    async def _watched(self, request: Callable[[], Awaitable[T]], what: str, *, within: float | None = None) -> T:
        """One try; ``within`` so many seconds, where the store has work to do before it answers."""
        async with Watchdog(within or self._stall, lambda: "store"):
            try:
                return await request()
            except StoreError:
                raise
            except Exception as error:
                raise await self._control.judged(error, what) from error


def bytes_held(provider: Provider, wanted: int | None) -> int:
    """What parts may hold in memory together; ``wanted`` is the user's word, ``None`` if there is none."""
    if wanted is None:
        return max(BYTES_HELD, provider.part_size)
    if wanted < provider.part_size:
        least = provider.part_size // MIB
        raise SettingsError(
            f"UPLOAD_MEMORY is smaller than one part, which is {least}M for {provider.name}",
            hint=f"Set UPLOAD_MEMORY to {least}M or more, or leave it empty.",
        )
    return wanted


def _anew(target: StoreTarget) -> dict[str, Any]:
    """Has a copy say this, and nothing of what it is made of said."""
    return {"MetadataDirective": "REPLACE", **headers(target)}


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
    policy: RetryPolicy | None = None,
    stall: float = STALL,
    work: float = WORK,
    waits: Waits | None = None,
    listener: Reporter | None = None,
) -> AsyncIterator[S3Store]:
    """A store over a client of its own, closed with the block.

    ``connections``: transfers and parts together. ``held``: bytes that parts may hold in memory together; raises
    SettingsError where not even one part would fit.
    """
    held = bytes_held(provider, held)
    opening = open_client(
        endpoint=endpoint,
        region=provider.region or region,
        virtual_hosts=provider.virtual_hosts,
        access_key=access_key,
        secret_key=secret_key,
        connections=connections,
        read_timeout=max(stall, work),  # Every request is watched here, and some may take long.
    )
    async with opening as (client, credentials):
        sender = Sender(client, bucket, credentials)
        yield S3Store(
            client,
            bucket,
            provider,
            sender,
            held=held,
            policy=policy,
            stall=stall,
            work=work,
            waits=waits,
            listener=listener,
        )
