"""Uploads one large object in parts, held in memory so that a part can be retried; completed only once verified."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, NamedTuple, TypeVar

from smug2s3.errors import StoreBroken, StoreCorrupt, StoreError, StoreMissing, StoreUnreachable
from smug2s3.flow.budget import Budget
from smug2s3.flow.outage import Presence, Sides
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.flow.together import task_group
from smug2s3.models import Proof
from smug2s3.rules import digests
from smug2s3.stores.beliefs import Beliefs, Kept, is_hidden, kept_by
from smug2s3.stores.body import StreamBody, paced
from smug2s3.stores.quirks import Provider, part_size

T = TypeVar("T")

ABORTED_WITHIN = 60.0
"""Time limit for deleting parts, also after a stalled upload."""

Part = list[bytes]
"""One part as the received chunks: joining them would copy every byte and fragment memory."""

Judge = Callable[[Exception, str], Awaitable[StoreError]]
"""Translates an exception of a request about something into a StoreError."""


class Sent(NamedTuple):
    """One uploaded part."""

    etag: str
    """The ETag as received, with quotes."""
    md5: str
    hidden: bool = False


class MultipartUpload:
    """One upload from creation to completion; after any failure, the uploaded parts are deleted again.

    ``work`` is how long the server may work silently, in seconds; ``watchdog`` watches everything else. ``side`` is
    the server, to wait for during an outage.
    """

    def __init__(
        self,
        client: Any,
        bucket: str,
        key: str,
        *,
        policy: RetryPolicy,
        held: Budget,
        beliefs: Beliefs,
        judge: Judge,
        work: float,
        watchdog: Watchdog,
        side: Presence,
    ) -> None:
        self._client = client
        self._where = {"Bucket": bucket, "Key": key}
        self._policy = policy
        self._held = held
        self._beliefs = beliefs
        self._judge = judge
        self._work = work
        self._watchdog = watchdog
        self._side = side
        self._stored: dict[int, tuple[str, int]] = {}
        """MD5 and size of parts from an earlier process."""
        self._done: dict[int, Sent] = {}

    async def run(self, stream: CheckedStream, provider: Provider, headers: dict[str, Any]) -> Kept:
        """Send ``stream`` in parts; returns what the server says about the object.

        Parts left by an earlier process are not sent again if they have the MD5 of the current
        bytes. The stream verifies itself before its last chunk, so an upload of wrong bytes is never completed.
        """
        upload_id, left = await self._begin(headers)
        upload = {**self._where, "UploadId": upload_id}
        try:
            await self._send_parts(stream, part_size(provider, stream.size), upload)
            return (await self._complete(upload, stream))._replace(taken_up=left)
        except BaseException:
            # Shielded: even a cancelled upload must not leave parts behind, which cost money and are hidden.
            await asyncio.shield(self._abort(upload))
            raise

    async def _begin(self, headers: dict[str, Any]) -> tuple[str, bool]:
        """The upload to use, and whether it existed before.

        Looked for before each attempt: the previous response may be lost although it started an upload.
        """

        async def once() -> tuple[str, bool]:
            if (left := await self._left_behind()) is not None:
                return left, True
            created = await self._client.create_multipart_upload(**self._where, **headers)
            if not created.get("UploadId"):
                raise StoreBroken(f"the S3 server started an upload for {self._where['Key']} without an upload ID")
            return str(created["UploadId"]), False

        return await self._ask(once)

    async def _left_behind(self) -> str | None:
        """The newest unfinished upload of this key, with its parts; older ones are aborted."""
        try:
            listed = await self._ask(
                lambda: self._client.list_multipart_uploads(Bucket=self._where["Bucket"], Prefix=self._where["Key"])
            )
            mine = [
                found
                for found in listed.get("Uploads", [])
                if found.get("Key") == self._where["Key"] and found.get("UploadId")
            ]
            *old, last = sorted(mine, key=lambda found: str(found.get("Initiated", ""))) or [None]
            for found in old:
                await self._abort({**self._where, "UploadId": found["UploadId"]})
            return await self._take_up(last["UploadId"]) if last else None
        except StoreError:
            return None  # a server that does not list unfinished uploads: start a new one

    async def _take_up(self, upload_id: str) -> str | None:
        """Resume it if its parts can be identified by their MD5s; partial information is discarded."""
        stored = {number: part async for number, part in self._parts_of(upload_id)}
        if any(digests.clean_md5(etag) is None for etag, _ in stored.values()):
            await self._abort({**self._where, "UploadId": upload_id})
            return None
        self._stored = stored
        return upload_id

    async def _parts_of(self, upload_id: str) -> AsyncIterator[tuple[int, tuple[str, int]]]:
        more: dict[str, Any] = {"UploadId": upload_id}
        while True:
            page = await self._ask(partial(self._client.list_parts, **self._where, **more))
            for part in page.get("Parts", []):
                yield part["PartNumber"], (digests.clean_etag(part.get("ETag") or ""), part.get("Size", -1))
            if not page.get("IsTruncated"):
                return
            before, more["PartNumberMarker"] = more.get("PartNumberMarker"), page.get("NextPartNumberMarker")
            if more["PartNumberMarker"] in (None, before):
                raise StoreBroken(f"the S3 server lists the parts of {self._where['Key']} endlessly")

    async def _complete(self, upload: dict[str, Any], stream: CheckedStream) -> Kept:
        numbers = sorted(self._done)
        for number in numbers:
            # also parts sent before ETags were known to be their MD5s
            self._prove_part(number, self._done[number])
        parts = [{"PartNumber": number, "ETag": self._done[number].etag} for number in numbers]
        md5s = [self._done[number].md5 for number in numbers]

        async def once() -> Kept:
            try:
                answer = await self._worked_on(
                    lambda: self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
                )
            except StoreError as error:
                # The response may have been lost after the server completed it: then the object is there.
                return await self._committed(stream, md5s, error)
            return kept_by(answer, parts=md5s)

        return await self._ask(once)

    async def _committed(self, stream: CheckedStream, md5s: list[str], refusal: StoreError) -> Kept:
        """What the server says about the object if it may be the one sent; else raises ``refusal``."""
        try:
            found = await self._once(lambda: self._client.head_object(**self._where))
        except StoreMissing:
            raise refusal from None
        kept = kept_by(found, parts=md5s, certain=False)
        if found.get("ContentLength") == stream.count:
            if self._beliefs.judge(kept, stream.md5) in (Proof.ETAG, Proof.PARTS):
                return kept
            if not refusal.retryable:
                return kept
        if refusal.retryable:
            raise refusal
        raise StoreUnreachable(f"the S3 server did not confirm the upload of {self._where['Key']}") from refusal

    async def _send_parts(self, stream: CheckedStream, size: int, upload: dict[str, Any]) -> None:
        async with task_group() as group:
            with ExitStack() as lent:
                number = 0

                async def borrow() -> None:
                    with self._watchdog.at_ease():
                        lent.enter_context(await self._held.take(size))

                async for part in _pieces(stream, size, borrow):
                    number += 1
                    loan = lent.pop_all()
                    # Not in the task itself: a task cancelled before it starts does nothing.
                    sending = group.create_task(self._send(part, number, upload))
                    sending.add_done_callback(partial(_give_back, loan))
                    del part

    async def _send(self, part: Part, number: int, upload: dict[str, Any]) -> None:
        md5 = await asyncio.to_thread(_md5, part)
        size = sum(map(len, part))
        if self._stored.get(number) == (md5, size):
            self._done[number] = Sent(md5, md5)
            self._watchdog.progress()
            return
        if number in self._stored:
            # Not every server allows a part to be replaced; without the old upload the next attempt starts a new one.
            raise StoreCorrupt(f"the parts left of {self._where['Key']} belong to a different file")
        self._done[number] = await self._ask(lambda: self._send_once(part, number, size, md5, upload))

    async def _send_once(self, part: Part, number: int, size: int, md5: str, upload: dict[str, Any]) -> Sent:
        answer = await self._client.upload_part(
            **upload,
            PartNumber=number,
            Body=StreamBody(paced(part, self._watchdog.progress)),
            ContentLength=size,
            **({"ContentMD5": digests.content_md5(md5)} if self._beliefs.takes_md5 else {}),
        )
        sent = Sent(str(answer.get("ETag") or ""), md5, is_hidden(answer))
        if not digests.clean_etag(sent.etag):
            raise StoreBroken(f"the S3 server accepted part {number} of {self._where['Key']} without an ETag")
        self._prove_part(number, sent)
        return sent

    def _prove_part(self, number: int, sent: Sent) -> None:
        if self._beliefs.judge_part(digests.clean_etag(sent.etag), sent.md5, hidden=sent.hidden) is None:
            raise StoreCorrupt(f"the stored bytes differ from those sent for part {number} of {self._where['Key']}")

    async def _abort(self, upload: dict[str, Any]) -> None:
        try:
            # Without waiting for an outage: the next upload of the key finds these parts.
            async with Watchdog(ABORTED_WITHIN, lambda: "store"):
                await self._ask(lambda: self._client.abort_multipart_upload(**upload), side=Sides())
        except StoreError:
            return  # The upload's own failure is the error to report; `check` lists stale parts.

    async def _ask(self, request: Callable[[], Awaitable[T]], *, side: Presence | None = None) -> T:
        async def once() -> T:
            try:
                return await self._once(request)
            except StoreError as error:
                if error.retry_after:
                    self._watchdog.excuse(error.retry_after)
                raise

        return await retry(self._policy, once, side=side or self._side, alive=self._watchdog.progress)

    async def _worked_on(self, request: Callable[[], Awaitable[T]]) -> T:
        """A request whose response comes when the server has processed all its bytes."""
        with self._watchdog.at_ease():
            async with Watchdog(self._work, lambda: "store"):
                return await self._once(request)

    async def _once(self, request: Callable[[], Awaitable[T]]) -> T:
        try:
            return await request()
        except StoreError:
            raise
        except Exception as error:
            raise await self._judge(error, str(self._where["Key"])) from error


async def _pieces(stream: CheckedStream, size: int, borrow: Callable[[], Awaitable[None]]) -> AsyncIterator[Part]:
    """Uniform parts of ``size`` bytes, only the last one shorter; ``borrow`` is awaited before filling each.

    An empty stream gives one empty part, since S3 completes no upload without parts.
    """
    part: Part = []
    space = size
    async for chunk in stream:
        rest = chunk
        while rest:
            if not part:
                await borrow()
            part.append(rest[:space])
            rest, space = rest[space:], space - len(part[-1])
            if not space:
                yield part
                part, space = [], size
    if part or not stream.count:
        yield part


def _give_back(loan: ExitStack, _sent: object) -> None:
    loan.close()


def _md5(part: Part) -> str:
    found = hashlib.md5(usedforsecurity=False)
    for chunk in part:
        found.update(chunk)
    return found.hexdigest()
