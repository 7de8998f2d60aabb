"""Asks for objects, or ranges of them, to be received in threads; what is unusual is left to the library."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from smug2s3.flow.proxies import proxy_for
from smug2s3.flow.threads import in_thread
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores.lines import BROKEN, Incoming, Lines
from smug2s3.stores.pattern import Pattern, Patterned


class Getter(Patterned):
    """GETs to one bucket, over connections of its own."""

    def __init__(
        self, client: Any, bucket: str, credentials: Any, threads: ThreadPoolExecutor, storage: Storage = ORDINARY
    ) -> None:
        super().__init__("GetObject", client, bucket, credentials, storage)
        self.threads = threads
        """For as many bodies as there are connections."""
        self.lines = Lines(lambda: client._endpoint.http_session.trusted)  # noqa: SLF001 - its certificates

    async def get(self, key: str, span: Mapping[str, str]) -> Incoming | None:
        """``None`` if the library must ask; raises the library's errors. ``span`` is the header for a range."""
        pattern = self._pattern_for(key)
        if pattern is None or proxy_for(pattern.base) or not _has_plain_sockets():
            return None
        try:
            return await self._directly(pattern, key, span)
        except BROKEN:
            return None  # it finds out what is wrong, and its errors are known
        except ClientError as error:
            self._let_the_library_ask(error, key)
            return None

    async def _directly(self, pattern: Pattern, key: str, span: Mapping[str, str]) -> Incoming | None:
        url, headers = await self._signed(pattern, "GET", key, span)
        line = await self.lines.line(url)
        try:
            answer: Incoming = await in_thread(self.threads, line.ask, url, headers, stop=line.stop)
            said = await in_thread(self.threads, answer.words, stop=line.stop) if answer.status >= 300 else b""
            self._refuse(answer.status, answer.headers, said, url)
        except BaseException:
            line.close()
            raise
        if answer.left is None:
            line.close()
            return None
        return answer


def _has_plain_sockets() -> bool:
    """Whether the event loop lends the sockets that it connects, unlike on Windows."""
    return isinstance(asyncio.get_running_loop(), asyncio.SelectorEventLoop)
