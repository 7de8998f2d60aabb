"""Opens and closes what the settings name: SmugMug, the bucket or the folder."""

from __future__ import annotations

from asyncio.sslproto import SSLProtocol
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import aiohttp

from smug2s3 import __version__
from smug2s3.flow.adaptive_limit import MOST
from smug2s3.flow.gate import Gate
from smug2s3.flow.outage import Waits
from smug2s3.ports.reporter import Reporter
from smug2s3.settings import Settings
from smug2s3.smugmug.client import REQUESTS_AT_ONCE, SmugMugClient
from smug2s3.smugmug.oauth import Credentials
from smug2s3.smugmug.source import SmugMugSource
from smug2s3.stores.local.store import LocalStore, open_local
from smug2s3.stores.quirks import provider_of
from smug2s3.stores.s3 import S3Store, open_s3

# asyncio's read buffer for each open TLS connection: with half of the default, twenty files
# at once take 17 MB less, and 3 % more processor time. (A quarter takes 25 MB less, and 11 % more.)
SSLProtocol.max_size = 128 * 1024

_PARTS_BESIDE = 16
"""Connections to the S3 server beyond one per transfer: parts of large videos, copies, listings."""


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session for SmugMug; gates and workers limit the number of connections, not the pool."""
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"User-Agent": f"smug2s3/{__version__}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers, read_bufsize=128 * 1024) as session:
        yield session


def credentials(settings: Settings) -> Credentials:
    """The sign-in from the settings."""
    return Credentials(
        consumer_key=settings.consumer_key,
        consumer_secret=settings.consumer_secret,
        token=settings.token,
        token_secret=settings.token_secret,
    )


@asynccontextmanager
async def open_source(
    settings: Settings, reporter: Reporter | None = None, until: datetime | None = None
) -> AsyncIterator[SmugMugSource]:
    """SmugMug with the settings' sign-in, or its public view with an API key only.

    It waits for an outage as long as the settings say, but not beyond ``until``.
    """
    async with open_client(settings, reporter, until) as client:
        notify = (reporter or Reporter()).note
        yield SmugMugSource(client, user=settings.user, raw=settings.raw, previews=settings.previews, notify=notify)


@asynccontextmanager
async def open_client(
    settings: Settings, reporter: Reporter | None = None, until: datetime | None = None
) -> AsyncIterator[SmugMugClient]:
    """The API client of ``open_source``."""
    async with open_session() as session:
        yield SmugMugClient(
            session,
            origin=settings.api_origin,
            gate=Gate(REQUESTS_AT_ONCE, settings.rate_delay),
            credentials=credentials(settings) if settings.signed_in else None,
            api_key=settings.api_key,
            waits=Waits(longest=settings.outage_patience, until=until),
            reporter=reporter,
        )


@asynccontextmanager
async def open_store(
    settings: Settings, reporter: Reporter | None = None, until: datetime | None = None
) -> AsyncIterator[S3Store | LocalStore]:
    """The bucket or the folder of the settings; outages as in ``open_source``."""
    waits = Waits(longest=settings.outage_patience, until=until)
    if settings.folder:
        opening: AbstractAsyncContextManager[S3Store | LocalStore] = open_local(
            settings.folder / settings.bucket, waits=waits, listener=reporter
        )
    else:
        opening = open_s3(
            bucket=settings.bucket,
            provider=provider_of(settings.endpoint),
            endpoint=settings.endpoint,
            region=settings.region,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            connections=(settings.transfers or MOST) + _PARTS_BESIDE,
            held=settings.upload_memory,
            waits=waits,
            listener=reporter,
            storage=settings.storage,
        )
    async with opening as store:
        yield store
