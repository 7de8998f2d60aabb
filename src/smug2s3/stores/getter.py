"""Asks for objects, or ranges of them, to be received in threads; what is unusual is left to the library."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from smug2s3.flow.proxies import proxy_for
from smug2s3.flow.threads import in_thread
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores.answers import is_foreign
from smug2s3.stores.lines import BROKEN, Incoming, Line, Lines, Taker
from smug2s3.stores.pattern import Pattern, Patterned, T

OPERATION = "GetObject"

LESSON = 1.0
"""Seconds that others wait at most for the first response: it shall save time, not cost any."""


class Getter(Patterned):
    """GETs to one bucket, over connections of its own."""

    def __init__(
        self, client: Any, bucket: str, credentials: Any, threads: ThreadPoolExecutor, storage: Storage = ORDINARY
    ) -> None:
        super().__init__(OPERATION, client, bucket, credentials, storage)
        self.threads = threads
        """For as many bodies as there are connections."""
        self._unsuited = False
        """Whether the server answers in a way that only the library understands, as in chunks."""
        self._lesson: asyncio.Event | None = None
        """Set after the first request: the first files of a run need not all go through the library."""
        self.lines = Lines(lambda: client._endpoint.http_session.trusted)  # noqa: SLF001 - its certificates

    async def learned(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """As its base has it; where there must be a proxy, or sockets cannot be had, it learns nothing."""
        lesson = self._lesson = self._lesson or asyncio.Event()
        try:
            return await super().learned(key, ask)
        finally:
            if self._pattern and (self._unsuited or proxy_for(self._pattern.base) or not _has_plain_sockets()):
                self._pattern = None
            lesson.set()

    async def get(self, key: str, span: Mapping[str, str], taker: Taker, step: int | None) -> Incoming | None:
        """A response, whose first bytes ``taker`` has got; ``None`` if the library must ask. Raises the library's errors.

        ``span`` is the header for a range, which the response may have ignored; then ``taker`` has got nothing.
        """
        if self._lesson and not self._lesson.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._lesson.wait(), LESSON)
        pattern = self._pattern_for(key)
        if pattern is None:
            return None
        try:
            return await self._directly(pattern, key, span, partial(_begun, span=span, taker=taker, step=step))
        except BROKEN:
            return None  # it finds out what is wrong, and its errors are known
        except ClientError as error:
            self._let_the_library_ask(error, key)
            return None

    async def more(self, incoming: Incoming, taker: Taker, step: int | None) -> None:
        """Pass on what comes next."""
        await in_thread(self.threads, incoming.receive, taker, step, stop=incoming.line.stop)

    async def _directly(
        self, pattern: Pattern, key: str, span: Mapping[str, str], ask: Callable[..., tuple[Incoming, bytes]]
    ) -> Incoming | None:
        url, headers = await self._signed(pattern, "GET", key, span)
        line = await self.lines.line(url)
        try:
            answer, said = await in_thread(self.threads, ask, line, url, headers, stop=line.stop)
            if not answer.is_unusual:
                self._refuse(answer.status, answer.headers, said, pattern)
                return answer
        except BaseException:
            line.close()
            raise
        line.close()
        self._unsuited, self._pattern = True, None
        return None


def _begun(
    line: Line, url: str, headers: Mapping[str, str], *, span: Mapping[str, str], taker: Taker, step: int | None
) -> tuple[Incoming, bytes]:
    """A response, with what a refusal says; blocks. All in one go: each step between threads costs."""
    incoming = line.ask(url, headers)
    if incoming.status >= 300:
        return incoming, incoming.words()
    foreign = is_foreign(OPERATION, incoming.status, incoming.headers, b"")
    if incoming.is_ranged == bool(span) and not incoming.is_unusual and not foreign:
        incoming.begin(taker, step)
    return incoming, b""


def _has_plain_sockets() -> bool:
    """Whether sockets are those of Linux and macOS: it was tried nowhere else."""
    return isinstance(asyncio.get_running_loop(), asyncio.SelectorEventLoop)
