"""Sends one object in one PUT: the first through the library, others by its pattern at a third of the cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from smug2s3.errors import StoreBusy
from smug2s3.models import StoreTarget
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores.body import StreamBody
from smug2s3.stores.faults import translate
from smug2s3.stores.offers import headers as headers_of
from smug2s3.stores.pattern import Pattern, Patterned

_ANSWERED = {
    "ETag": "etag",
    "ChecksumCRC64NVME": "x-amz-checksum-crc64nvme",
    "ChecksumType": "x-amz-checksum-type",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm",
}


@dataclass(frozen=True, slots=True)
class _Request:
    """The part of a request that the library's HTTP session uses."""

    url: str
    headers: Mapping[str, str]
    body: bytes | StreamBody
    method: str = "PUT"
    stream_output: bool = False


class Sender(Patterned):
    """PUTs to one bucket, over the connections of the library's client."""

    def __init__(self, client: Any, bucket: str, credentials: Any, storage: Storage = ORDINARY) -> None:
        super().__init__("PutObject", client, bucket, credentials, storage)

    async def put(
        self, target: StoreTarget, body: bytes | StreamBody, *, size: int, content_md5: str
    ) -> dict[str, Any]:
        """The server's response, in the library's form; raises the library's errors.

        An empty ``content_md5`` or content type is not sent.
        """
        if pattern := self._pattern_for(target.key):
            try:
                return await self._directly(pattern, target, body, size, content_md5)
            except ClientError as error:
                self._ask_the_library(error, target.key, body)
        return await self._as_the_library_does(target, body, size, content_md5)

    def _ask_the_library(self, refusal: ClientError, key: str, body: bytes | StreamBody) -> None:
        """Raises StoreBusy if the body is partly consumed, so that it must be another attempt."""
        self._let_the_library_ask(refusal, key)
        if isinstance(body, StreamBody) and body.started:
            error = translate(refusal, key)
            raise StoreBusy(
                f"the S3 server refused {key} at first; trying once more in a different way ({error})"
            ) from refusal

    async def _as_the_library_does(
        self, target: StoreTarget, body: bytes | StreamBody, size: int, content_md5: str
    ) -> dict[str, Any]:
        put = partial(
            self._client.put_object,
            Bucket=self._bucket,
            Key=target.key,
            Body=body,
            ContentLength=size,
            **({"ContentMD5": content_md5} if content_md5 else {}),
            **headers_of(target),
        )
        answer: dict[str, Any] = await self.learned(target.key, put)
        return answer

    async def _directly(
        self, pattern: Pattern, target: StoreTarget, body: bytes | StreamBody, size: int, content_md5: str
    ) -> dict[str, Any]:
        more = {
            **({"Content-MD5": content_md5} if content_md5 else {}),
            **({"Content-Type": target.content_type} if target.content_type else {}),
            **{f"x-amz-meta-{name}": value for name, value in target.metadata},
        }
        url, headers = await self._signed(pattern, "PUT", target.key, more)
        headers["Content-Length"] = str(size)
        if isinstance(body, StreamBody):  # A refusing server says so before it is sent; others are sent at once.
            headers["Expect"] = "100-continue"
        answer = await self._client._endpoint.http_session.send(_Request(url, headers, body))  # noqa: SLF001 - its pool
        said = await answer.content
        if answer.status_code >= 300 or said:  # a success has no body
            self._refuse(answer.status_code, answer.headers, said, pattern)
        return {name: answer.headers[header] for name, header in _ANSWERED.items() if header in answer.headers}
