"""Sends one object in one PUT: the first through the library, others by its pattern at a third of the cost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from botocore.exceptions import ClientError
from botocore.parsers import RestXMLParser

from smug2s3.errors import StoreBusy
from smug2s3.models import StoreTarget
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores import storing
from smug2s3.stores.answers import plain, refuse_foreign
from smug2s3.stores.body import StreamBody
from smug2s3.stores.faults import server_of, translate
from smug2s3.stores.offers import headers as headers_of
from smug2s3.stores.signature import UNSIGNED, Scope, authorization, timestamp

_SIGNED_FOR = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request,")
_PARSER = RestXMLParser()
_ANSWERED = {
    "ETag": "etag",
    "ChecksumCRC64NVME": "x-amz-checksum-crc64nvme",
    "ChecksumType": "x-amz-checksum-type",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm",
}


class Pattern(NamedTuple):
    """What all PUTs to one bucket have in common, learned from the library's first."""

    base: str
    """The address up to the key, with the bucket in the path or the host name."""
    scope: Scope


@dataclass(frozen=True, slots=True)
class _Request:
    """The part of a request that the library's HTTP session uses."""

    url: str
    headers: Mapping[str, str]
    body: bytes | StreamBody
    method: str = "PUT"
    stream_output: bool = False


class Sender:
    """PUTs to one bucket, over the connections of the library's client.

    If the address or signature of the library's own request is unusual, as for directory
    buckets, all requests go through the library. A refused request is also repeated once through the library.
    """

    def __init__(self, client: Any, bucket: str, credentials: Any, storage: Storage = ORDINARY) -> None:
        self._client = client
        self._storage = storage
        self._bucket = bucket
        self._credentials = credentials
        self._sent: dict[Any, Any] = {}
        """The library's PUTs as sent, by the task that waits for each."""
        self._pattern: Pattern | None = None
        self._refused: set[str] = set()
        """Keys that only the library may send."""
        client.meta.events.register("before-send.s3.PutObject", self._going_out)

    async def put(
        self, target: StoreTarget, body: bytes | StreamBody, *, size: int, content_md5: str
    ) -> dict[str, Any]:
        """The server's response, in the library's form; raises the library's errors.

        An empty ``content_md5`` or content type is not sent.
        """
        if self._pattern is not None and target.key not in self._refused:
            try:
                return await self._directly(self._pattern, target, body, size, content_md5)
            except ClientError as error:
                self._ask_the_library(error, target.key, body)
        return await self._as_the_library_does(target, body, size, content_md5)

    def _ask_the_library(self, refusal: ClientError, key: str, body: bytes | StreamBody) -> None:
        """Repeat it through the library; raises ``refusal`` if that cannot help.

        Raises StoreBusy if the body is partly consumed, so that it must be another attempt.
        """
        error = translate(refusal, key)
        if error.retryable:
            raise refusal
        self._refused.add(key)
        if isinstance(body, StreamBody) and body.started:
            raise StoreBusy(
                f"the S3 server refused {key} at first; trying once more in a different way ({error})"
            ) from refusal

    async def _as_the_library_does(
        self, target: StoreTarget, body: bytes | StreamBody, size: int, content_md5: str
    ) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await self._client.put_object(
                Bucket=self._bucket,
                Key=target.key,
                Body=body,
                ContentLength=size,
                **({"ContentMD5": content_md5} if content_md5 else {}),
                **headers_of(target),
            )
        finally:
            sent = self._sent.pop(asyncio.current_task(), None)
        self._pattern = pattern_of(sent.url, sent.headers, target.key) if sent else None
        return answer

    def _going_out(self, request: Any, **_: Any) -> None:
        self._sent[asyncio.current_task()] = request

    async def _directly(
        self, pattern: Pattern, target: StoreTarget, body: bytes | StreamBody, size: int, content_md5: str
    ) -> dict[str, Any]:
        now = datetime.now(UTC)
        url = pattern.base + _quoted(target.key)
        held = await self._credentials.get_frozen_credentials()
        _, _, host, path = url.split("/", 3)
        headers = {
            "Host": host,
            **({"Content-MD5": content_md5} if content_md5 else {}),
            **({"Content-Type": target.content_type} if target.content_type else {}),
            "x-amz-content-sha256": UNSIGNED,
            "x-amz-date": timestamp(now),
            **{f"x-amz-meta-{name}": value for name, value in target.metadata},
            **({"x-amz-security-token": held.token} if held.token else {}),
            **storing.headers(self._storage, "PutObject", target.key),
        }
        headers["Authorization"] = authorization(
            "PUT", f"/{path}", headers, pattern.scope, held.access_key, held.secret_key, now
        )
        headers |= self._unsigned(size, streamed=isinstance(body, StreamBody))
        answer = await self._client._endpoint.http_session.send(_Request(url, headers, body))  # noqa: SLF001 - its pool
        said = await answer.content
        if answer.status_code >= 300 or said:  # a success has no body
            self._refuse(answer, plain(said, answer.headers), url)
        return {name: answer.headers[header] for name, header in _ANSWERED.items() if header in answer.headers}

    def _refuse(self, answer: Any, said: bytes, url: str) -> None:
        """Raise the library's error; a success with a body may still be a success."""
        refuse_foreign("PutObject", answer.status_code, answer.headers, said, server_of(url))
        if answer.status_code >= 300 or b"<Error>" in said:
            self._pattern = None  # Let the library handle it: the bucket may be in another region.
            raise _refusal(answer, said)

    def _unsigned(self, size: int, *, streamed: bool) -> dict[str, str]:
        headers = {"Content-Length": str(size), "User-Agent": self._client.meta.config.user_agent}
        # A refusing server says so before the body is sent; a body in memory is sent at once.
        return headers | {"Expect": "100-continue"} if streamed else headers


def pattern_of(url: str, headers: Mapping[str, Any], key: str) -> Pattern | None:
    """The pattern of the library's PUT of ``key``; ``None`` if it is not certain."""
    signed = _SIGNED_FOR.match(_text(headers.get("Authorization", "")))
    path = _quoted(key)
    plain = _text(headers.get("X-Amz-Content-SHA256", "")) == UNSIGNED and not urlsplit(url).query
    if not signed or signed[2] != "s3" or not plain or not url.endswith(f"/{path}"):
        return None
    return Pattern(url.removesuffix(path), Scope(signed[1], signed[2]))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _quoted(key: str) -> str:
    return quote(key, safe="/~")


def _refusal(answer: Any, said: bytes) -> ClientError:
    """The response as the library parses it; an error with status 200 is a server error."""
    status = answer.status_code if answer.status_code >= 300 else 500
    response = {"status_code": status, "headers": answer.headers, "body": said, "context": {}}
    return ClientError(_PARSER.parse(response, None), "PutObject")
