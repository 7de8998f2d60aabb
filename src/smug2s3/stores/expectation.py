"""`Expect: 100-continue` of one server: silence sends the body all the same, a refusal or a reset sends it without."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import aiohttp

from smug2s3.stores.body import StreamBody

PATIENCE = 1.0
"""Seconds that a body waits for the server's word, as with other clients."""

_REFUSED = 417
_DOUBTFUL = frozenset({400, 501, 505})
"""What servers and proxies say, too, to what they do not know; if they take the same without it, that was meant."""


class Expectation:
    """Whether this server says a word before a body comes; where it was seen not to, it is no longer asked to."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._unmet = False
        self._requests = self._impatient()

    def watch(self, session: aiohttp.ClientSession) -> None:
        """Have the session's requests wait no longer than that."""
        session._request_class = self._requests  # noqa: SLF001 - its constructor is called by the library

    async def request(self, session: aiohttp.ClientSession, method: str, **sent: Any) -> aiohttp.ClientResponse:
        """One request, which is sent where it is meant to go and no further."""
        headers, body = sent["headers"], sent.get("data")
        if self._unmet:
            headers.pop("Expect", None)
        ask = partial(session.request, method, allow_redirects=False, **sent)
        if "Expect" not in headers:
            return await ask()
        try:
            answer = await ask()
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if isinstance(error, aiohttp.ClientConnectorError) or _is_begun(body):
                raise
        else:
            if not (answer.status == _REFUSED or _is_doubtful(answer)):
                return answer
            self._unmet |= answer.status == _REFUSED
            if _is_begun(body):
                return answer  # What is gone comes with the next try.
            answer.close()
        del headers["Expect"]
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
        timer = asyncio.get_running_loop().call_later(self._patience, self._go_on, word) if word else None
        try:
            yield
        finally:
            if timer:
                timer.cancel()

    def _go_on(self, word: asyncio.Future[bool]) -> None:
        if not word.done():
            self._unmet = True
            word.set_result(True)


def _is_begun(body: object) -> bool:
    return isinstance(body, StreamBody) and body.begun


def _is_doubtful(answer: aiohttp.ClientResponse) -> bool:
    """Whether somebody refuses who does not say what, as S3 does."""
    return (
        answer.status in _DOUBTFUL and "xml" not in answer.content_type and not answer.headers.get("x-amz-request-id")
    )
