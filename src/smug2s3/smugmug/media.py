"""Downloads one photo or video, and resumes with ``Range`` after a dropped connection."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from smug2s3.errors import (
    SourceBroken,
    SourceBusy,
    SourceError,
    SourceGone,
    SourceRefused,
    SourceUnreachable,
    SourceWebPage,
)
from smug2s3.flow.proxies import proxy_for
from smug2s3.rules import digests, rate_limit
from smug2s3.smugmug.client import SmugMugClient, plain_cause, refuse_proxys, unreachable
from smug2s3.smugmug.hosts import followed, is_signed_on

RESUMES = 5
"""How often a dropped connection is resumed within one attempt."""

ANSWER_WITHIN = 60.0
"""Seconds until a response starts; its bytes are watched by the receiver."""

VAULT = "/smugvault/"
"""In the address of files in SmugMug Source: on another host than photos, and it is not known whether they need a
signature."""

_NO_LIMIT = aiohttp.ClientTimeout(total=None, sock_connect=30)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A download from SmugMug; ``size`` and ``md5`` are from its media host.

    ``framed``: whether the response has a length or marks its last chunk; otherwise it ends when
    the connection is closed by either side.
    """

    size: int | None
    md5: str | None
    framed: bool
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def open_media(client: SmugMugClient, url: str, *, size: int | None) -> AsyncIterator[Incoming]:
    """The file behind ``url``, with a new signature.

    Raises a SourceError before the first byte if the response is a refusal, a web page, or has another
    length than ``size``.
    """
    response, announced, sign = await _opened(client, url, size)
    try:
        chunks = _chunks(client, url, response, announced, sign=sign)
        async with aclosing(chunks):
            yield Incoming(announced, digests.clean_md5(response.headers.get("ETag")), _framed(response), chunks)
    finally:
        response.close()


async def _opened(client: SmugMugClient, url: str, size: int | None) -> tuple[aiohttp.ClientResponse, int | None, bool]:
    """The response, its length, and whether it was signed for: in the vault only if the address alone is not enough."""
    if VAULT in url:
        try:
            return await _checked(client, url, size, sign=False)
        except (SourceGone, SourceRefused, SourceWebPage):
            if not client.sign(url):
                raise
    return await _checked(client, url, size, sign=True)


async def _checked(
    client: SmugMugClient, url: str, size: int | None, *, sign: bool
) -> tuple[aiohttp.ClientResponse, int | None, bool]:
    response = await _request(client, url, sign=sign)
    try:
        return response, _announced(response, size), sign
    except BaseException:
        response.close()
        raise


async def ask_for_a_byte(client: SmugMugClient, url: str) -> None:
    """The smallest request that tests whether the host of ``url`` is reachable; raises its errors."""
    (await _request(client, url, "bytes=0-0")).close()


async def try_a_byte(client: SmugMugClient, url: str, *, sign: bool) -> str:
    """How the first byte is answered, in words without the address."""
    try:
        response = await _request(client, url, "bytes=0-0", sign=sign)
    except SourceError as error:
        return type(error).__name__
    response.close()
    sent = "partial" if response.status == 206 else "whole"
    return f"{response.status}, {response.content_type}, {sent}"


async def _chunks(
    client: SmugMugClient, url: str, response: aiohttp.ClientResponse, size: int | None, *, sign: bool
) -> AsyncGenerator[bytes]:
    done = 0
    for remaining in range(RESUMES, -1, -1):
        try:
            async for chunk in response.content.iter_any():
                done += len(chunk)
                yield chunk
        except _BROKEN as error:
            if not done or not remaining or size is None:
                raise SourceUnreachable(
                    f"the connection to SmugMug broke after {done:,} bytes: {plain_cause(error)}"
                ) from error
        else:
            return
        finally:
            response.close()
        response = await _continued(client, url, done, size, sign=sign)


async def _continued(client: SmugMugClient, url: str, done: int, size: int, *, sign: bool) -> aiohttp.ClientResponse:
    response = await _request(client, url, f"bytes={done}-", sign=sign)
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status != 206 or not found or (int(found[1]), int(found[2])) != (done, size - 1):
        response.close()
        raise SourceUnreachable(f"the connection to SmugMug broke after {done:,} bytes and could not be resumed")
    return response


async def _request(client: SmugMugClient, url: str, part: str = "", *, sign: bool = True) -> aiohttp.ClientResponse:
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"} | ({"Range": part} if part else {})
    signed = client.sign(url) if sign else {}
    for _ in range(4):
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                response = await client.session.get(
                    URL(url, encoded=True),
                    headers=headers | signed,
                    allow_redirects=False,
                    timeout=_NO_LIMIT,
                    proxy=proxy_for(url),
                )
        except _BROKEN as error:
            raise unreachable(error, url, "SmugMug's media host did not answer") from error
        if response.status < 300:
            return response
        response.close()
        if response.status >= 400:
            refuse_proxys(response.status, response.headers, url)
            raise _refusal(response)
        before, url = url, followed(url, response.headers.get("Location", ""))
        signed = client.sign(url) if sign and is_signed_on(url, before, client.origin) else {}
    raise SourceBroken("SmugMug's address for this file redirects in a loop")


def _refusal(response: aiohttp.ClientResponse) -> SourceError:
    status = response.status
    if status in (404, 410):
        return SourceGone("SmugMug's media host does not have this file")
    if status in (408, 429) or status >= 500:
        wait = rate_limit.retry_after(response.headers, now=datetime.now(UTC))
        return SourceBusy(f"SmugMug's media host answered {status}", retry_after=wait)
    return SourceRefused(f"SmugMug's media host refused the file ({status})")


def _framed(response: aiohttp.ClientResponse) -> bool:
    return response.content_length is not None or "chunked" in response.headers.get("Transfer-Encoding", "").lower()


def _announced(response: aiohttp.ClientResponse, size: int | None) -> int | None:
    """The length to expect; a web page or an unexpected empty response is a sign-in page in disguise."""
    if response.content_type == "text/html":
        raise SourceWebPage("SmugMug sent a web page instead of the file")
    announced = response.content_length
    if announced is None:
        return size
    if size is not None and announced != size:
        raise SourceBroken(f"SmugMug lists this file with {size:,} bytes but sends {announced:,}")
    if announced == 0 and size is None:
        raise SourceBroken("SmugMug sent an empty response instead of the file")
    return announced
