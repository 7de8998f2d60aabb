"""An S3 bucket as destination, with its own client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from typing import Any

from smug2s3.flow.budget import Budget
from smug2s3.flow.outage import Waits
from smug2s3.flow.retry import RetryPolicy
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Receipt, StoreTarget
from smug2s3.ports.reporter import Reporter
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores.beliefs import Beliefs
from smug2s3.stores.bucket import STALL, WORK
from smug2s3.stores.client import open_client
from smug2s3.stores.copies import Copier
from smug2s3.stores.getter import Getter
from smug2s3.stores.offers import Offers
from smug2s3.stores.quirks import Provider
from smug2s3.stores.reading import ReadableBucket
from smug2s3.stores.sender import Sender
from smug2s3.stores.upload import BYTES_HELD, Uploader, bytes_held


class S3Store(ReadableBucket):
    """One bucket as the engine's Store."""

    def __init__(
        self,
        client: Any,
        bucket: str,
        provider: Provider,
        sender: Sender,
        getter: Getter,
        *,
        held: int = BYTES_HELD,
        policy: RetryPolicy | None = None,
        stall: float = STALL,
        work: float = WORK,
        waits: Waits | None = None,
        listener: Reporter | None = None,
        storage: Storage = ORDINARY,
    ) -> None:
        super().__init__(
            client, bucket, policy=policy, stall=stall, work=work, waits=waits, listener=listener, storage=storage
        )
        self.getter = getter
        beliefs = Beliefs(encrypted=storage.hides_md5)
        self._offers = Offers(self._tried, self._refuse_settings, beliefs, self.reporter)
        self._uploader = Uploader(self, provider, sender, self._offers, beliefs, Budget(held))
        self._copier = Copier(self, self._offers)

    async def put(self, target: StoreTarget, stream: CheckedStream) -> Receipt:
        """Store the whole stream or nothing; an error of the stream is raised unchanged."""
        receipt, taken_up = await self._uploader.put(target, stream)
        return await self._described(receipt, target) if taken_up else receipt

    async def _described(self, receipt: Receipt, target: StoreTarget) -> Receipt:
        """Update the metadata to that of ``target``, if an earlier process started the upload with other metadata."""
        head = await self.head(receipt.key)
        wanted = dict(self._offers.fit(target).metadata)
        return receipt if head.metadata == wanted else await self.copy(receipt, target)

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """Copy on the server; bytes are only read back if the ETag proves nothing."""
        return await self._copier.copy(source, target)

    async def _tried(self, target: StoreTarget, checked: bool) -> None:
        await self.tried(lambda probe: probe.takes(target, checked=checked))

    async def _refuse_settings(self) -> None:
        """Raise SettingsError if the server refuses how objects are to be stored."""
        if self.storage.written and (refusal := await self.tried(lambda probe: probe.refused_storage())):
            raise refusal


@asynccontextmanager
async def open_s3(
    *,
    bucket: str,
    provider: Provider,
    endpoint: str | None,
    region: str,
    access_key: str | None,
    secret_key: str | None,
    connections: int,
    held: int | None = None,
    policy: RetryPolicy | None = None,
    stall: float = STALL,
    work: float = WORK,
    waits: Waits | None = None,
    listener: Reporter | None = None,
    storage: Storage = ORDINARY,
) -> AsyncIterator[S3Store]:
    """A bucket with its own client, closed at the end of the block.

    ``connections``: for transfers and parts together. ``held``: memory limit for parts together; raises
    SettingsError if not even one part would fit.
    """
    held = bytes_held(provider, held)
    opening = open_client(
        endpoint=endpoint,
        region=provider.region or region,
        virtual_hosts=provider.virtual_hosts,
        access_key=access_key,
        secret_key=secret_key,
        connections=connections,
        read_timeout=max(stall, work),  # every request is watched here, and some may take long
        storage=storage,
    )
    with ThreadPoolExecutor(connections, "smug2s3-bucket") as threads:
        async with opening as (client, credentials):
            getter = Getter(client, bucket, credentials, threads, storage)
            with closing(getter.lines):
                yield S3Store(
                    client,
                    bucket,
                    provider,
                    Sender(client, bucket, credentials, storage),
                    getter,
                    held=held,
                    policy=policy,
                    stall=stall,
                    work=work,
                    waits=waits,
                    listener=listener,
                    storage=storage,
                )
