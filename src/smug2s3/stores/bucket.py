"""One bucket as requests reach it: each is watched, asked again while that may help, its errors translated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from smug2s3.errors import Smug2s3Error, StoreBroken, StoreError, StoreMissing, StoreRefused, StoreUnusable
from smug2s3.flow.idle import drop_idle
from smug2s3.flow.outage import STORE, Side, Waits
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.ports.reporter import Reporter
from smug2s3.stores.control import Control
from smug2s3.stores.faults import is_about_rights, may_be_signed_anew, translate
from smug2s3.stores.options import CHECKSUMS, ENCODED_NAMES, Options
from smug2s3.stores.pages import flaw_of
from smug2s3.stores.probe import BucketProbe

T = TypeVar("T")

STALL = 60.0
"""Seconds without a byte taken, or without an answer, after which a request is given up."""

WORK = 1800.0
"""Seconds that the store may work on what it has, as when it makes one object of parts, or a copy. It says nothing
meanwhile; S3 documents several minutes, and other servers copy the bytes one by one."""

SIGNED_ANEW_AFTER = (0.0, 3.0)
"""Seconds to wait before a request is signed anew that was refused for its time: a clock may just be setting itself."""

ODD = "Check S3_ENDPOINT_URL: it may not be an S3 server, or a proxy may be in front of it."
_RIGHTS = "The key needs s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on this bucket."


class Bucket:
    """One bucket behind an open low-level S3 client; every request is watched, and every error a StoreError."""

    def __init__(
        self,
        client: Any,
        name: str,
        *,
        policy: RetryPolicy | None = None,
        stall: float = STALL,
        work: float = WORK,
        waits: Waits | None = None,
        listener: Reporter | None = None,
    ) -> None:
        self.client = client
        self.name = name
        self.policy = policy or RetryPolicy()
        self.stall = stall
        self.work = work
        self.reporter = listener or Reporter()
        self.side = Side(
            "the S3 server", STORE, self._look, waits=waits or Waits(), listener=self.reporter, forget=self._forget
        )
        self.control = Control(self._look)
        self._options = Options(client.meta.events)
        self._prefix = ""
        """Where the least listing looks; a key may be allowed to list no more than that."""
        self._swept = False

    async def check(self, prefix: str) -> None:
        """A listing of one key: the least that proves credentials and bucket."""
        self._prefix = prefix
        await retry(self.policy.at_first(), self._look, side=self.side)

    async def _look(self) -> None:
        """The least listing; one that was signed before a sleep, or while a clock is being set, is signed once more."""
        for pause in SIGNED_ANEW_AFTER:
            try:
                await self._look_once()
            except StoreUnusable as error:
                if not may_be_signed_anew(error):
                    raise
                await asyncio.sleep(pause)
            else:
                return
        await self._look_once()

    async def _look_once(self) -> None:
        try:
            async with Watchdog(self.stall, lambda: "store"):
                await self.page({"Prefix": self._prefix, "MaxKeys": 1})
        except Exception as error:
            found = translate(error, f"bucket {self.name}")
            if isinstance(found, StoreMissing):
                hint = "Create the bucket first, or check S3_BUCKET and what follows the host in S3_ENDPOINT_URL."
                found = StoreUnusable(str(found), hint=hint)
            elif isinstance(found, StoreRefused):
                found = StoreUnusable(str(found), hint=_RIGHTS if is_about_rights(error) else ODD)
            raise found from error

    def _forget(self) -> None:
        for session in self.client._endpoint.http_session._sessions.values():  # noqa: SLF001 - no public way
            drop_idle(session)

    async def page(self, where: dict[str, Any]) -> dict[str, Any]:
        """One page that says what it must say."""
        page: dict[str, Any] = await self._page(**where)
        if flaw := flaw_of(page, where["Prefix"]):
            raise StoreBroken(f"the S3 server's listing of bucket {self.name} {flaw}")
        return page

    async def _page(self, **wanted: Any) -> dict[str, Any]:
        """One request for a listing; where the store refuses an option of it, without that from then on."""
        ask = partial(self.client.list_objects_v2, Bucket=self.name, **wanted)
        page: dict[str, Any] = await self._options.granted(ENCODED_NAMES, ask)
        return page

    async def told_of(self, key: str) -> dict[str, Any]:
        """The answer to a HEAD."""
        look = partial(self.client.head_object, Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        answer: dict[str, Any] = await self.ask(lambda: self._options.granted(CHECKSUMS, look), key)
        return answer

    async def delete(self, key: str) -> None:
        """Remove one object."""
        await self.ask(lambda: self.client.delete_object(Bucket=self.name, Key=key), f"the deletion of {key}")

    def probe(self, prefix: str) -> BucketProbe:
        """Tries on this bucket what will be asked of it."""
        return BucketProbe(self.client, self.name, prefix, patience=self.stall)

    async def tried(self, trial: Callable[[BucketProbe], Awaitable[T]]) -> T:
        """What a trial in this run's prefix shows; before the first, what those of a killed run left is removed."""
        probe = self.probe(self._prefix)
        if not self._swept:
            self._swept = True
            await self.watched(probe.sweep, "a test upload")
        try:
            return await self.watched(lambda: trial(probe), "a test upload")
        finally:
            await probe.clean()

    async def ask(self, request: Callable[[], Awaitable[T]], what: str, *, within: float | None = None) -> T:
        """What ``request`` about ``what`` returns, tried again while that may help."""
        return await retry(self.policy, lambda: self.watched(request, what, within=within), side=self.side)

    async def watched(self, request: Callable[[], Awaitable[T]], what: str, *, within: float | None = None) -> T:
        """One try; ``within`` so many seconds, where the store has work to do before it answers."""
        async with Watchdog(within or self.stall, lambda: "store"):
            try:
                return await request()
            except StoreError:
                raise
            except Exception as error:
                raise await self.control.judged(error, what) from error

    @asynccontextmanager
    async def watching(self, stream: CheckedStream, key: str) -> AsyncIterator[Watchdog]:
        """Around requests that send ``stream``; a failure of the stream itself comes out as it was raised."""
        async with Watchdog(self.stall, lambda: "source" if stream.waits_for_source else "store") as watchdog:
            stream.alive = watchdog.progress
            try:
                yield watchdog
            except Exception as error:
                if stream.failure is not None:
                    raise stream.failure from None
                if isinstance(error, Smug2s3Error):
                    raise
                raise await self.control.judged(error, key) from error
