"""One large object in parts: held as bytes so that a part can be sent again, completed only when the whole is proven."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, NamedTuple, cast

from smug2s3.errors import StoreCorrupt, StoreError, StoreMissing, StoreUnreachable
from smug2s3.flow.budget import Budget
from smug2s3.flow.outage import Alive, Presence, Sides
from smug2s3.flow.retry import Patience, persistently
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.flow.together import task_group
from smug2s3.rules import digests
from smug2s3.stores.body import StreamBody, told
from smug2s3.stores.faults import translate
from smug2s3.stores.quirks import Provider, part_size


class Kept(NamedTuple):
    """What the store said of an object it took; ``crc64`` is empty where it names none of the whole object."""

    etag: str
    crc64: str


Part = list[bytes]
"""One part as the chunks it came in: joining them would copy every byte and fragment the memory."""


class MultipartUpload:
    """One upload from creation to completion; whatever goes wrong, the parts already sent are removed again."""

    def __init__(self, client: Any, bucket: str, key: str, patience: Patience, held: Budget, side: Presence) -> None:
        self._client = client
        self._where = {"Bucket": bucket, "Key": key}
        self._patience = patience
        self._held = held
        self._side = side
        self._alive: Alive = None
        self._stored: dict[int, tuple[str, int]] = {}
        """ETag and size of the parts that were there before."""
        self._done: dict[int, tuple[str, str]] = {}
        """ETag and MD5 of the parts that are there now."""

    async def run(self, stream: CheckedStream, provider: Provider, headers: dict[str, Any], watchdog: Watchdog) -> Kept:
        """Send ``stream`` in parts; what the store says of the whole.

        Parts that an earlier process left behind are not sent again where they have the MD5 of the bytes that come
        now. The stream proves itself before its last chunk, so an upload of wrong bytes never comes to completion.
        """
        self._alive = watchdog.progress
        upload_id, left = await self._begin(headers)
        upload = {**self._where, "UploadId": upload_id}
        try:
            await self._send_parts(stream, part_size(provider, stream.size), upload, watchdog)
            kept = await self._complete(upload, stream)
        except BaseException:
            # Shielded: also a cancelled upload must not leave parts behind that cost money and show nowhere.
            await asyncio.shield(self._abort(upload))
            raise
        return kept._replace(etag=await self._described(headers, kept.etag)) if left else kept

    async def _begin(self, headers: dict[str, Any]) -> tuple[str, bool]:
        """The upload to send to, and whether it was there before.

        Looked for before each try: the answer to the one before may be lost, and the upload it began be there.
        """

        async def once() -> tuple[str, bool]:
            if (left := await self._left_behind()) is not None:
                return left, True
            created = await self._client.create_multipart_upload(**self._where, **headers)
            return created["UploadId"], False

        return cast("tuple[str, bool]", await self._ask(once))

    async def _left_behind(self) -> str | None:
        """The newest unfinished upload of this key, its parts known from here on; older ones are removed."""
        try:
            listed = await self._ask(
                lambda: self._client.list_multipart_uploads(Bucket=self._where["Bucket"], Prefix=self._where["Key"])
            )
            mine = [found for found in listed.get("Uploads", []) if found["Key"] == self._where["Key"]]
            *old, last = sorted(mine, key=lambda found: str(found.get("Initiated", ""))) or [None]
            for found in old:
                await self._abort({**self._where, "UploadId": found["UploadId"]})
            return await self._take_up(last["UploadId"]) if last else None
        except StoreError:
            return None  # A store that does not tell of unfinished uploads: begin anew.

    async def _take_up(self, upload_id: str) -> str:
        more: dict[str, Any] = {"UploadId": upload_id}
        while True:
            page = await self._ask(partial(self._client.list_parts, **self._where, **more))
            for part in page.get("Parts", []):
                self._stored[part["PartNumber"]] = (digests.clean_etag(part["ETag"]), part["Size"])
            if not page.get("IsTruncated"):
                return upload_id
            more["PartNumberMarker"] = page["NextPartNumberMarker"]

    async def _complete(self, upload: dict[str, Any], stream: CheckedStream) -> Kept:
        parts = [{"PartNumber": number, "ETag": self._done[number][0]} for number in sorted(self._done)]
        try:
            answer = await self._ask(
                lambda: self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
            )
        except StoreError as error:
            # The answer to a first try may have been lost after the store had done it: then the object is there.
            return await self._committed(stream, error)
        return kept_by(answer)

    async def _committed(self, stream: CheckedStream, refusal: StoreError) -> Kept:
        """What is said of the object if it is what was sent; raises ``refusal`` if it is not there."""
        try:
            found = await self._ask(lambda: self._client.head_object(**self._where))
        except StoreMissing:
            raise refusal from None
        kept = kept_by(found)
        joined = hashlib.md5(usedforsecurity=False)
        for number in sorted(self._done):
            joined.update(bytes.fromhex(self._done[number][1]))
        if found.get("ContentLength") != stream.count or kept.etag not in (
            stream.md5,
            f"{joined.hexdigest()}-{len(self._done)}",
        ):
            raise StoreUnreachable(f"the store did not say whether it completed {self._where['Key']}")
        return kept

    async def _described(self, headers: dict[str, Any], etag: str) -> str:
        """The metadata of an upload is that of its beginning; what was written on SmugMug since then goes along."""
        found = await self._ask(lambda: self._client.head_object(**self._where))
        if found.get("Metadata") == headers["Metadata"]:
            return etag
        source = {"Bucket": self._where["Bucket"], "Key": self._where["Key"]}
        answer = await self._ask(
            lambda: self._client.copy_object(**self._where, CopySource=source, MetadataDirective="REPLACE", **headers)
        )
        return digests.clean_etag(str(answer.get("CopyObjectResult", {}).get("ETag", ""))) or etag

    async def _send_parts(self, stream: CheckedStream, size: int, upload: dict[str, Any], watchdog: Watchdog) -> None:
        async with task_group() as group, AsyncExitStack() as lent:
            number = 0

            async def borrow() -> None:
                with watchdog.at_ease():
                    await lent.enter_async_context(self._held.borrow(size))

            async for part in _pieces(stream, size, borrow):
                number += 1
                group.create_task(self._send(part, number, upload, lent.pop_all(), watchdog))
                del part

    async def _send(
        self, part: Part, number: int, upload: dict[str, Any], loan: AsyncExitStack, watchdog: Watchdog
    ) -> None:
        async with loan:
            md5 = await asyncio.to_thread(_md5, part)
            size = sum(map(len, part))
            if self._stored.get(number) == (md5, size):
                self._done[number] = md5, md5
                watchdog.progress()
                return
            if number in self._stored:
                # Not every store lets a part be sent over another; without the old upload the next try begins anew.
                raise StoreCorrupt(f"the parts left of {self._where['Key']} are those of another file")
            answer = await self._ask(
                lambda: self._client.upload_part(
                    **upload,
                    PartNumber=number,
                    Body=StreamBody(told(part, watchdog.progress)),
                    ContentLength=size,
                    ContentMD5=digests.content_md5(md5),
                )
            )
            self._done[number] = answer["ETag"], md5

    async def _abort(self, upload: dict[str, Any]) -> None:
        try:
            # Not waited for: the next upload of the key finds what a store that is away has of this one.
            await self._ask(lambda: self._client.abort_multipart_upload(**upload), side=Sides())
        except StoreError:
            return  # The upload's own failure is what the user must hear of; stale parts are named by the store.

    async def _ask(self, request: Callable[[], Awaitable[Any]], *, side: Presence | None = None) -> Any:
        async def once() -> Any:
            try:
                return await request()
            except Exception as error:
                raise translate(error, str(self._where["Key"])) from error

        return await persistently(self._patience, once, side=side or self._side, alive=self._alive)


async def _pieces(stream: CheckedStream, size: int, borrow: Callable[[], Awaitable[None]]) -> AsyncIterator[Part]:
    """Uniform parts of ``size`` bytes, only the last one shorter; ``borrow`` is awaited before each is filled.

    Of nothing one empty part: S3 completes no upload without parts.
    """
    part: Part = []
    room = size
    async for chunk in stream:
        rest = chunk
        while rest:
            if not part:
                await borrow()
            part.append(rest[:room])
            rest, room = rest[room:], room - len(part[-1])
            if not room:
                yield part
                part, room = [], size
    if part or not stream.count:
        yield part


def kept_by(answer: dict[str, Any]) -> Kept:
    """ETag and CRC of an answer to a PUT, a Complete or a HEAD."""
    whole = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    crc64 = str(answer.get("ChecksumCRC64NVME", "")) if whole else ""
    return Kept(digests.clean_etag(str(answer.get("ETag", ""))), crc64)


def _md5(part: Part) -> str:
    found = hashlib.md5(usedforsecurity=False)
    for chunk in part:
        found.update(chunk)
    return found.hexdigest()
