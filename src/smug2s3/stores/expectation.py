"""`Expect: 100-continue` for one server: on silence the body is sent anyway, on a refusal or a reset without it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import aiohttp

from smug2s3.stores.body import StreamBody

WAIT = 1.0
"""Seconds that a body waits for the server, as with other clients."""

_REFUSED = 417
_DOUBTFUL = frozenset({400, 501, 505})
"""Statuses with which servers and proxies also reject unknown headers; without the header they then succeed."""


class Expectation:
    """Whether this server sends 100 Continue; once seen not to, the header is omitted."""

    def __init__(self, wait: float = WAIT) -> None:
        self._wait = wait
        self._unmet = False
        self._requests = self._impatient()

    def watch(self, session: aiohttp.ClientSession) -> None:
        """Make the session's requests wait no longer than that."""
        session._request_class = self._requests  # noqa: SLF001 - its constructor is called by the library

    async def request(self, session: aiohttp.ClientSession, method: str, **sent: Any) -> aiohttp.ClientResponse:
        """Send one request, without following redirects."""
        headers, body = sent["headers"], sent.get("data")
        if self._unmet:
            headers.pop("Expect", None)
        ask = partial(session.request, method, allow_redirects=False, **sent)
        if "Expect" not in headers:
            return await ask()
        try:
            answer = await ask()
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if isinstance(error, aiohttp.ClientConnectorError) or _is_started(body):
                raise
        else:
            if not (answer.status == _REFUSED or _is_doubtful(answer)):
                return answer
            self._unmet |= answer.status == _REFUSED
            if _is_started(body):
                return answer  # the consumed body is sent by the next attempt
            answer.close()
        del headers["Expect"]
        if isinstance(body, io.IOBase):
            body.seek(0)  # where aiohttp has read to, nothing is left, and the server would wait for the body
        answer = await ask()
        self._unmet |= answer.ok
        return answer

    def _impatient(self) -> type[aiohttp.ClientRequest]:
        go_on_in_time = self._go_on_in_time

        class Impatient(aiohttp.ClientRequest):
            async def write_bytes(self, *args: Any, **kwargs: Any) -> None:
                with go_on_in_time(self._continue):
                    await super().write_bytes(*args, **kwargs)

        return Impatient

    @contextmanager
    def _go_on_in_time(self, word: asyncio.Future[bool] | None) -> Iterator[None]:
        timer = asyncio.get_running_loop().call_later(self._wait, self._go_on, word) if word else None
        try:
            yield
        finally:
            if timer:
                timer.cancel()

    def _go_on(self, word: asyncio.Future[bool]) -> None:
        if not word.done():
            self._unmet = True
            word.set_result(True)


def _is_started(body: object) -> bool:
    return isinstance(body, StreamBody) and body.started


def _is_doubtful(answer: aiohttp.ClientResponse) -> bool:
    """Whether it is a refusal without an S3 error."""
    return (
        answer.status in _DOUBTFUL and "xml" not in answer.content_type and not answer.headers.get("x-amz-request-id")
    )
