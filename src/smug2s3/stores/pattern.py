"""Requests made as the library would make them, at a third of the cost: its first one is the pattern of all others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

from botocore.exceptions import ClientError
from botocore.parsers import RestXMLParser

from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores import storing
from smug2s3.stores.answers import plain, refuse_foreign
from smug2s3.stores.faults import server_of, translate
from smug2s3.stores.signature import UNSIGNED, Scope, authorization, timestamp

_SIGNED_FOR = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request,")
_SAFE = re.compile("[A-Za-z0-9_.~-]*")
_PARSER = RestXMLParser()

T = TypeVar("T")


class Pattern(NamedTuple):
    """What all requests to one bucket have in common, learned from the library's first."""

    base: str
    """The address up to the key, with the bucket in the path or the host name."""
    scope: Scope


class Patterned:
    """Requests of one operation to one bucket, signed like the first that the library made.

    If the address or signature of the library's own request is unusual, as for directory
    buckets, all requests go through the library. A refused request is also repeated once through the library.
    """

    def __init__(self, operation: str, client: Any, bucket: str, credentials: Any, storage: Storage = ORDINARY) -> None:
        self._operation = operation
        self._client = client
        self._storage = storage
        self._bucket = bucket
        self._credentials = credentials
        self._sent: dict[Any, Any] = {}
        """The library's requests as sent, by the task that waits for each."""
        self._pattern: Pattern | None = None
        self._refused: set[str] = set()
        """Keys that only the library may send."""
        client.meta.events.register(f"before-send.s3.{operation}", self._going_out)

    def _going_out(self, request: Any, **_: Any) -> None:
        self._sent[asyncio.current_task()] = request

    async def learned(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The library's answer to ``ask``, whose request is the pattern from now on."""
        try:
            answer = await ask()
        finally:
            sent = self._sent.pop(asyncio.current_task(), None)
        self._pattern = pattern_of(sent.url, sent.headers, key) if sent else None
        return answer

    def _pattern_for(self, key: str) -> Pattern | None:
        return None if key in self._refused else self._pattern

    def _let_the_library_ask(self, refusal: ClientError, key: str) -> None:
        """From now on, for this key; raises ``refusal`` if that cannot help."""
        if translate(refusal, key).retryable:
            raise refusal
        self._refused.add(key)

    async def _signed(
        self, pattern: Pattern, method: str, key: str, more: Mapping[str, str]
    ) -> tuple[str, dict[str, str]]:
        """The address and the headers of a request; ``more`` are signed, too."""
        now = datetime.now(UTC)
        url = pattern.base + _quoted(key)
        held = await self._credentials.get_frozen_credentials()
        _, _, host, path = url.split("/", 3)
        headers = {
            "Host": host,
            "x-amz-content-sha256": UNSIGNED,
            "x-amz-date": timestamp(now),
            **({"x-amz-security-token": held.token} if held.token else {}),
            **more,
            **storing.headers(self._storage, self._operation, key),
        }
        headers["Authorization"] = authorization(
            method, f"/{path}", headers, pattern.scope, held.access_key, held.secret_key, now
        )
        return url, headers | {"User-Agent": self._client.meta.config.user_agent}

    def _refuse(self, status: int, headers: Mapping[str, str], body: bytes, pattern: Pattern) -> None:
        """Raise the library's error, unless it is a success; that may have words as well."""
        said = plain(body, headers)
        refuse_foreign(self._operation, status, headers, said, server_of(pattern.base))
        if status >= 300 or b"<Error>" in said:
            self._pattern = None  # Let the library handle it: the bucket may be in another region.
            raise _refusal(self._operation, status, headers, said)


def pattern_of(url: str, headers: Mapping[str, Any], key: str) -> Pattern | None:
    """The pattern of the library's request about ``key``; ``None`` if it is not certain."""
    signed = _SIGNED_FOR.match(_text(headers.get("Authorization", "")))
    path = _quoted(key)
    plain = _text(headers.get("X-Amz-Content-SHA256", "")) == UNSIGNED and not urlsplit(url).query
    if not signed or signed[2] != "s3" or not plain or not url.endswith(f"/{path}"):
        return None
    return Pattern(url.removesuffix(path), Scope(signed[1], signed[2]))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _quoted(key: str) -> str:
    folder, slash, name = key.rpartition("/")
    return _quoted_folder(folder) + slash + (name if _SAFE.fullmatch(name) else quote(name, safe="~"))


@lru_cache(maxsize=256)
def _quoted_folder(folder: str) -> str:
    """The same for all files of an album."""
    return quote(folder, safe="/~")


def _refusal(operation: str, status: int, headers: Mapping[str, str], said: bytes) -> ClientError:
    """The response as the library parses it; an error with status 200 is a server error."""
    response = {"status_code": status if status >= 300 else 500, "headers": headers, "body": said, "context": {}}
    return ClientError(_PARSER.parse(response, None), operation)
