"""Runs `browse`: the ledger's catalogue, the store, and a server on this machine until it is stopped or idle."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from smug2s3.app.destination import ledger_refusal, place
from smug2s3.app.factories import open_store
from smug2s3.app.ledger_runner import rebuilt
from smug2s3.errors import LedgerError, UsageError
from smug2s3.ledger.catalogue import LedgerCatalogue
from smug2s3.ledger.status import is_unbound
from smug2s3.ports.store import Store
from smug2s3.settings import Settings
from smug2s3.viewer.guard import Guard
from smug2s3.viewer.kept_pictures import KeptPictures
from smug2s3.viewer.pictures import Pictures
from smug2s3.viewer.server import Server

HOST = "127.0.0.1"

PATIENCE = 5.0
"""Seconds to wait for a bucket that is unreachable: somebody is looking at an empty page meanwhile."""

LAST_SECONDS = 0.1
"""For open transfers to end by themselves when the server ends."""

# A malformed request is the sender's fault, and would be shown with a traceback and its address with the token.
_silent = logging.getLogger("smug2s3.viewer")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowseOptions:
    """How to serve."""

    port: int = 0
    """0 for any that is free."""
    idle: float | None = None
    """Seconds without a request after which it ends; ``None`` for never."""
    cache: int = 10**9
    """Bytes of pictures to keep; 0 for none."""


async def run_browse(
    settings: Settings, options: BrowseOptions, opened: Callable[[str], object], notify: Callable[[str], object]
) -> None:
    """Serve until cancelled or idle; ``opened`` gets the address to open once it is answered, ``notify`` notes."""
    async with open_store(replace(settings, outage_patience=min(PATIENCE, settings.outage_patience))) as store:
        await store.check(settings.prefix)
        async with ledger_to_look_at(settings, store, notify) as path:
            guard, catalogue = Guard(), LedgerCatalogue(path)
            kept = KeptPictures(Path(f"{settings.ledger_path}.previews"), options.cache, notify)
            with closing(Pictures(store, catalogue, settings.prefix, kept)) as pictures:
                server = Server(catalogue=catalogue, store=store, pictures=pictures, place=place(settings), guard=guard)
                async with _serving(server.application(), options.port) as port:
                    guard.port = port
                    opened(guard.address)
                    async with _counting(catalogue):
                        await server.activity.over(options.idle)


@asynccontextmanager
async def _counting(catalogue: LedgerCatalogue) -> AsyncIterator[None]:
    """Meanwhile the months are counted, so that their page is quick; it tells whoever opens it if that cannot be done."""

    async def count() -> None:
        with suppress(LedgerError):
            await asyncio.to_thread(catalogue.months)

    task = asyncio.create_task(count())
    try:
        yield
    finally:
        task.cancel()


@asynccontextmanager
async def ledger_to_look_at(settings: Settings, store: Store, notify: Callable[[str], object]) -> AsyncIterator[str]:
    """The ledger's path; without one, that of a temporary ledger made of every `_album.json`."""
    if Path(settings.ledger_path).exists() and not is_unbound(settings.ledger_path):
        if refusal := ledger_refusal(settings):
            raise refusal
        yield settings.ledger_path
        return
    notify("there is no ledger, so every _album.json is read")
    with tempfile.TemporaryDirectory(prefix="smug2s3-") as folder:
        path = Path(folder) / "ledger.db"
        found = await rebuilt(settings, store, path, to_look_at=True)
        if not found.albums:
            raise UsageError(
                f"there is no _album.json below {settings.prefix or 'the top of the bucket'}, so there is nothing to show",
                hint="Check S3_BUCKET and S3_PREFIX, or set LEDGER_PATH to the ledger.",
            )
        notify(f"found {found.files:,} files in {found.albums:,} albums")
        yield str(path)


@asynccontextmanager
async def _serving(app: web.Application, port: int) -> AsyncIterator[int]:
    """The port it answers at; requests that a browser gave up are cancelled."""
    runner = web.AppRunner(
        app, handler_cancellation=True, access_log=None, logger=_silent, shutdown_timeout=LAST_SECONDS
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            raise UsageError(
                f"cannot answer at port {port} of this computer: {error.strerror or error}",
                hint="Choose another with --port, or leave it out for a free one.",
            ) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
