"""Requests to one bucket: each is watched, retried while that may help, and its errors are translated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from smug2s3.errors import (
    BucketMissing,
    Smug2s3Error,
    StoreBroken,
    StoreMissing,
    StoreRefused,
    StoreUnusable,
)
from smug2s3.flow.idle import drop_idle
from smug2s3.flow.outage import STORE, Side, Waits
from smug2s3.flow.pulse import pulse
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.ports.reporter import Reporter
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores.control import Control
from smug2s3.stores.faults import is_about_rights, may_sign_again, translate
from smug2s3.stores.lines import Taker
from smug2s3.stores.options import CHECKSUMS, ENCODED_NAMES, Options
from smug2s3.stores.pages import flaw_of
from smug2s3.stores.probe import BucketProbe

T = TypeVar("T")

STALL = 60.0
"""Seconds without progress or response after which a request is cancelled."""

WORK = 1800.0
"""Seconds that the server may work silently, as when it assembles parts or copies. It sends nothing
meanwhile; S3 documents minutes, and other servers copy byte by byte."""

SIGNED_ANEW_AFTER = (0.0, 3.0)
"""Seconds to wait before signing again a request that was refused for its time: the clock may just be syncing."""

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
        storage: Storage = ORDINARY,
    ) -> None:
        self.client = client
        self.storage = storage
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
        """The prefix for the smallest listing; a key may be allowed to list nothing else."""
        self._swept = False

    async def check(self, prefix: str) -> None:
        """List one key: the smallest request that proves credentials and bucket."""
        self._prefix = prefix
        await retry(self.policy.at_first(), self._look, side=self.side)

    async def _look(self) -> None:
        """The smallest listing; signed again if it was signed before a sleep or while the clock was being set."""
        for pause in SIGNED_ANEW_AFTER:
            try:
                await self._look_once()
            except StoreUnusable as error:
                if not may_sign_again(error):
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
                hint = "Check S3_BUCKET and what follows the host in S3_ENDPOINT_URL, or run `smug2s3 bucket create` for a new bucket."
                found = BucketMissing(str(found), hint=hint)
            elif isinstance(found, StoreRefused):
                found = StoreUnusable(str(found), hint=_RIGHTS if is_about_rights(error) else ODD)
            raise found from error

    def _forget(self) -> None:
        for session in self.client._endpoint.http_session._sessions.values():  # noqa: SLF001 - no public way
            drop_idle(session)

    async def page(self, where: dict[str, Any]) -> dict[str, Any]:
        """One page; raises StoreBroken if it is not valid."""
        page: dict[str, Any] = await self._page(**where)
        if flaw := flaw_of(page, where["Prefix"]):
            raise StoreBroken(f"the S3 server's listing of bucket {self.name} {flaw}")
        return page

    async def _page(self, **wanted: Any) -> dict[str, Any]:
        """One request for a listing; an option that the server refuses is omitted from then on."""
        ask = partial(self.client.list_objects_v2, Bucket=self.name, **wanted)
        page: dict[str, Any] = await self._options.granted(ENCODED_NAMES, ask)
        return page

    async def head_object(self, key: str) -> dict[str, Any]:
        """The answer to a HEAD."""
        look = partial(self.client.head_object, Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        answer: dict[str, Any] = await self.ask(lambda: self._options.granted(CHECKSUMS, look), key)
        return answer

    async def delete(self, key: str) -> None:
        """Delete one object."""
        await self.ask(lambda: self.client.delete_object(Bucket=self.name, Key=key), f"the deletion of {key}")

    def probe(self, prefix: str) -> BucketProbe:
        """A probe of this bucket."""
        return BucketProbe(
            self.client,
            self.name,
            prefix,
            address=self.client.meta.endpoint_url,
            limit=self.stall,
            storage=self.storage,
        )

    async def tried(self, trial: Callable[[BucketProbe], Awaitable[T]]) -> T:
        """The result of a test upload under this run's prefix; before the first, leftovers of killed runs are deleted."""
        probe = self.probe(self._prefix)
        if not self._swept:
            self._swept = True
            await self.watched(probe.sweep, "a test upload")
        try:
            return await self.watched(lambda: trial(probe), "a test upload")
        finally:
            await probe.clean()

    async def ask(self, request: Callable[[], Awaitable[T]], what: str, *, within: float | None = None) -> T:
        """The result of ``request`` about ``what``, retried while that may help."""
        return await retry(self.policy, lambda: self.watched(request, what, within=within), side=self.side)

    async def watched(
        self,
        request: Callable[[], Awaitable[T]],
        what: str,
        *,
        within: float | None = None,
        taker: Taker | None = None,
    ) -> T:
        """One attempt, with ``within`` seconds of silence allowed if the server must work before it responds.

        As long as ``taker`` takes its time, the server is not blamed, nor for what it raises: a slow disk is not a failed one.
        """
        async with Watchdog(within or self.stall, lambda: "store") as watchdog:
            with pulse(None if taker is None else lambda: watchdog.progress() if taker.busy else None):
                try:
                    return await request()
                except Smug2s3Error:
                    raise
                except Exception as error:
                    if taker is not None and error is taker.failure:
                        raise
                    raise await self.control.judged(error, what) from error

    @asynccontextmanager
    async def watching(self, stream: CheckedStream, key: str) -> AsyncIterator[Watchdog]:
        """Wraps requests that send ``stream``; an error of the stream itself is raised unchanged."""
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
