"""The composition root: the one place that knows the concrete classes, opens them in order and closes them."""

from __future__ import annotations

import asyncio
import time
from asyncio.sslproto import SSLProtocol
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp

from smug2s3 import __version__
from smug2s3.engine.manifest import Manifest, store_manifest
from smug2s3.engine.previews import previews
from smug2s3.engine.rebuild import Found, Rebuild
from smug2s3.engine.survey import Survey
from smug2s3.engine.sync import Sync, SyncOptions
from smug2s3.engine.verify import AlbumTally, Report, Verify, verification
from smug2s3.errors import INTERRUPTED, LedgerError, foreseen
from smug2s3.flow.gate import Gate
from smug2s3.flow.lanes import MOST
from smug2s3.ledger.database import existing, holding
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.models import Account, Filters, Summary
from smug2s3.ports import Reporter
from smug2s3.reporting.certificate import AlbumLine, Certificate, verdict
from smug2s3.reporting.combined import write_combined
from smug2s3.reporting.page.document import Made, Page
from smug2s3.reporting.page.sections import Sample
from smug2s3.reporting.webhook import post
from smug2s3.rules.directories import RESERVED
from smug2s3.rules.headline import Headline
from smug2s3.rules.outlook import Outlook
from smug2s3.settings import Settings
from smug2s3.smugmug import wire
from smug2s3.smugmug.client import REQUESTS_AT_ONCE, SKEW_ALLOWED, SmugMugClient
from smug2s3.smugmug.oauth import Credentials
from smug2s3.smugmug.proxies import proxy_for
from smug2s3.smugmug.source import SmugMugSource
from smug2s3.stores.local.store import LocalStore, open_local
from smug2s3.stores.probe import BAD, GOOD, NOTE, Finding
from smug2s3.stores.quirks import provider_of
from smug2s3.stores.s3 import S3Store, open_s3

# What asyncio reads at once from a TLS connection, and keeps for each as long as it is open: with half of it twenty files
# at once take 17 MB less, and 3 % more processor time. (A quarter takes 25 MB less, and 11 % more.)
SSLProtocol.max_size = 128 * 1024

_PARTS_BESIDE = 16
"""Connections to the store beyond one a transfer: parts of large videos, copies, listings."""


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session for SmugMug; the number of connections is kept by gates and movers, not by the pool."""
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"User-Agent": f"smug2s3/{__version__}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers, read_bufsize=128 * 1024) as session:
        yield session


def credentials(settings: Settings) -> Credentials:
    """The sign-in the settings hold."""
    return Credentials(
        consumer_key=settings.consumer_key,
        consumer_secret=settings.consumer_secret,
        token=settings.token,
        token_secret=settings.token_secret,
    )


@asynccontextmanager
async def open_source(settings: Settings, reporter: Reporter | None = None) -> AsyncIterator[SmugMugSource]:
    """SmugMug behind the settings' sign-in, or as the public sees it where there is only an API key."""
    async with open_session() as session:
        client = SmugMugClient(
            session,
            origin=settings.api_origin,
            gate=Gate(REQUESTS_AT_ONCE, settings.rate_delay),
            credentials=credentials(settings) if settings.signed_in else None,
            api_key=settings.api_key,
            reporter=reporter,
        )
        yield SmugMugSource(client, user=settings.user)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[S3Store | LocalStore]:
    """The bucket behind the settings, or the folder that stands for it."""
    if settings.folder:
        opening: AbstractAsyncContextManager[S3Store | LocalStore] = open_local(settings.folder / settings.bucket)
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
        )
    async with opening as store:
        yield store


def destination(settings: Settings) -> dict[str, str]:
    """What tells one destination from another; a port does not: local servers change theirs."""
    if settings.folder:
        store = settings.folder.as_uri()
    else:
        store = (urlsplit(settings.endpoint).hostname or "") if settings.endpoint else "AWS"
    return {"store": store, "bucket": settings.bucket, "prefix": settings.prefix}


def place(settings: Settings) -> str:
    """The destination in words."""
    return f"{settings.bucket} at {settings.endpoint or 'AWS'}, prefix {settings.prefix or '(none)'}"


@dataclass(slots=True)
class Outcome:
    """How a run went, filled in while it goes, so that an interrupted or failed one can be told of too."""

    run: str = field(default_factory=lambda: uuid4().hex[:12])
    summary: Summary = field(default_factory=Summary)
    api_calls: int = 0
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """The run as ``sync --json`` gives it."""
        counts = {
            entry.name: getattr(self.summary, entry.name)
            for entry in fields(self.summary)
            if entry.name not in ("problems", "items")
        }
        rest = {"problems": self.summary.problems, "items": self.summary.items}
        return {"run": self.run, **counts, "api_calls": self.api_calls, "seconds": round(self.seconds, 3), **rest}


async def run_sync(settings: Settings, options: SyncOptions, reporter: Reporter, outcome: Outcome) -> None:
    """One sync from opening to closing; raises what ended it, with ``outcome`` up to date."""
    began = time.monotonic()
    reporter.began(outcome.run, place(settings), dry_run=options.dry_run)
    # A dry run leaves no trace: without a ledger it looks at an empty one that vanishes with it.
    keep = not options.dry_run or Path(settings.ledger_path).exists()
    async with (
        open_ledger(settings.ledger_path if keep else ":memory:", alone=not options.dry_run) as ledger,
        open_source(settings, reporter) as source,
        open_store(settings) as store,
    ):
        sync = Sync(source=source, store=store, ledger=ledger, reporter=reporter, options=options)
        outcome.summary = sync.summary
        if not options.storeless:
            await ledger.belongs_to(destination(settings), keep=not options.dry_run)
        if not options.dry_run:
            await ledger.begin(outcome.run)
        ended: dict[str, Any] = {}
        try:
            await _whole(sync)
        except BaseException as raised:
            ended = cut_short(raised)
            raise
        finally:
            outcome.api_calls = source.api_calls
            outcome.seconds = time.monotonic() - began
            if not options.dry_run:
                part = options.filters != Filters()
                await asyncio.shield(ledger.end(outcome.run, outcome.document() | {"part": part} | ended))


async def _whole(sync: Sync) -> None:
    await sync.run()
    if refusal := sync.refusal():
        raise refusal


def cut_short(raised: BaseException) -> dict[str, Any]:
    """What ended a run before its time, in the fields that a failed command's document has."""
    if not isinstance(raised, Exception):
        return {"error": "interrupted", "exit_code": INTERRUPTED}
    error = foreseen(raised)
    return {"error": str(error), "exit_code": error.exit_code}


async def run_plan(settings: Settings, filters: Filters, reporter: Reporter, outlook: Outlook, *, items: bool) -> None:
    """One plan; leaves no trace, and asks nothing of the store, which need not be chosen yet."""
    began = time.monotonic()
    known = settings.ledger_path if Path(settings.ledger_path).exists() else ":memory:"
    async with (
        open_ledger(known) as ledger,
        open_source(settings, reporter) as source,
    ):
        survey = Survey(source=source, ledger=ledger, reporter=reporter, outlook=outlook, filters=filters)
        if settings.bucket:
            await ledger.belongs_to(destination(settings), keep=False)
        try:
            if items:
                async with open_store(settings) as store:
                    await survey.items(store, settings.prefix)
            else:
                await survey.totals()
        finally:
            outlook.api_calls = source.api_calls
            outlook.seconds = time.monotonic() - began


async def run_notify(settings: Settings, summary: Mapping[str, Any], text: str) -> str:
    """Post how a run ended to the address the settings name; why that failed, or nothing."""
    address = settings.notify_url
    problem = await post(address, summary, text, proxy=proxy_for(address))
    return f"the notification to {urlsplit(address).hostname} failed: {problem}" if problem else ""


async def run_check(settings: Settings, tell: Callable[[str, Finding], None]) -> None:
    """Try both sides; raises what makes all further tries pointless, such as a refused sign-in."""
    async with open_source(settings) as source:
        account = await source.account()
        for finding in _signed_in(account, source.clock_skew):
            tell("SmugMug", finding)
    async with open_store(settings) as store:
        await store.check(settings.prefix)
        async for finding in store.probe(settings.prefix).findings():
            tell("store", finding)


def _signed_in(account: Account, skew: float) -> Iterator[Finding]:
    yield Finding("sign-in", GOOD, f"{account.name or account.nickname} ({account.nickname})")
    if account.full:
        yield Finding("access", GOOD, "full: private albums are moved too")
    else:
        yield Finding("access", NOTE, "public albums only; `smug2s3 auth` can ask for all of them")
    if abs(skew) > SKEW_ALLOWED:
        way = "behind" if skew > 0 else "ahead"
        yield Finding("clock", BAD, f"{abs(skew):,.0f} seconds {way}: set it, or SmugMug will refuse signatures")
    else:
        yield Finding("clock", GOOD, "agrees with SmugMug's")


async def run_rebuild(settings: Settings) -> Found:
    """A new ledger out of the bucket; raises LedgerError where one exists, and leaves none half-made."""
    path, draft = Path(settings.ledger_path), Path(f"{settings.ledger_path}.rebuilding")
    with holding(str(path)):  # No sync may begin a ledger of its own meanwhile.
        if path.exists():
            raise LedgerError(
                f"there is a ledger at {path} already, and it knows more than the bucket does",
                hint="To make it anew all the same, rename it first or set LEDGER_PATH to a new file.",
            )
        try:
            found = await _rebuild(settings, draft)
            draft.rename(path)
        finally:
            for leftover in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
                leftover.unlink(missing_ok=True)
    return found


async def _rebuild(settings: Settings, draft: Path) -> Found:
    draft.unlink(missing_ok=True)
    async with open_ledger(str(draft)) as ledger, open_store(settings) as store:
        await store.check(settings.prefix)
        await ledger.belongs_to(destination(settings), keep=True)
        return await Rebuild(store=store, ledger=ledger, prefix=settings.prefix, read_item=wire.read_record).run()


async def run_report(settings: Settings, write: Callable[[str], object], *, thumbnails: int) -> tuple[Headline, int]:
    """One page out of the ledger, piece by piece; the store is asked only for ``thumbnails``.

    Its verdict, and how many of those were found.
    """
    async with open_ledger(existing(settings.ledger_path)) as ledger:
        samples = await _samples(settings, ledger, thumbnails) if thumbnails else []
        async with ledger.snapshot():
            overview = await ledger.overview()
            if not overview.totals.albums and not any(overview.totals.files.values()):
                raise LedgerError(
                    f"the ledger {ledger.path} knows of no album yet, so there is nothing to report",
                    hint="Run `smug2s3 sync` first.",
                )
            page = Page(overview, samples, Made(at=_now(), version=__version__))
            write(page.beginning)
            async for album, files in ledger.albums_with_files():
                write(page.album(album, files))
            write(page.end)
    return page.headline, len(samples)


async def _samples(settings: Settings, ledger: SqliteLedger, number: int) -> list[Sample]:
    await ledger.belongs_to(destination(settings), keep=False)
    async with open_store(settings) as store:
        await store.check(settings.prefix)
        found = await previews(store, await ledger.jpegs(), number)
    return [Sample(key.rpartition("/")[2], preview.jpeg, preview.orientation) for key, preview in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How deep a verification looks, and what it leaves behind."""

    offline: bool = False
    heads: bool = False
    deep: float = 0.0
    """The share of objects to read back, 0 to 1."""
    source: bool = False
    repair: bool = False
    combined: Path | None = None
    certify: bool = False

    @property
    def levels(self) -> tuple[str, ...]:
        """What is looked at, by name; see ``Verification``."""
        if self.offline:
            return ("ledger",)
        deep = "deep" if self.deep == 1 else f"deep:{self.deep * 100:g}"
        asked = {"head": self.heads, deep: bool(self.deep), "source": self.source}
        return ("listing", *(level for level, wanted in asked.items() if wanted))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


async def run_verify(
    settings: Settings,
    report: Report,
    depth: Depth,
    *,
    advance: Callable[[str], None],
    certify: Callable[[Certificate], None] = lambda _: None,
) -> None:
    """Verify at the levels asked for; fills ``report`` as it goes, and hands a certificate to ``certify``.

    The ledger remembers how it ended; one that did not come to its end proves nothing, so nothing is remembered.
    """
    began, said = _now(), None
    async with open_ledger(existing(settings.ledger_path)) as ledger, AsyncExitStack() as opened:
        await ledger.belongs_to(destination(settings), keep=False)
        store = await opened.enter_async_context(open_store(settings))
        verify = Verify(store=store, ledger=ledger, prefix=settings.prefix, advance=advance, report=report)
        if depth.offline:
            await verify.from_ledger()
        else:
            await store.check(settings.prefix)
            await _look(verify, settings, depth)
        if depth.certify:
            verify.written_anew(settings.prefix + name for name in RESERVED)
        if depth.combined:
            await write_combined(depth.combined, ledger.stored(), report)
        if depth.certify:
            wrong = frozenset(difference.key for difference in report.differences)
            certificate = _certificate(settings, report, await store_manifest(store, ledger, settings.prefix, wrong))
            certify(certificate)
            said = verdict(certificate)
        await ledger.verified(verification(report, began=began, ended=_now(), levels=depth.levels, verdict=said))
        if depth.repair:
            await verify.repair()


async def _look(verify: Verify, settings: Settings, depth: Depth) -> None:
    await verify.listing()
    if depth.heads:
        await verify.heads()
    if depth.deep:
        await verify.deep(depth.deep)
    if depth.source:
        async with open_source(settings) as smugmug:
            await verify.source(smugmug)


def _certificate(settings: Settings, report: Report, manifest: Manifest) -> Certificate:
    account = report.account
    assert account is not None
    return Certificate(
        account=f"{account.name} ({account.nickname})" if account.name else account.nickname,
        full_access=account.full,
        place=place(settings),
        made_at=datetime.now(UTC).isoformat(sep=" ", timespec="seconds"),
        version=__version__,
        checked=report.checked,
        read_back=report.read_back,
        read_bytes=report.read_bytes,
        albums=tuple(sorted((_album_line(album) for album in report.albums), key=lambda line: line.path)),
        exceptions=tuple((d.kind, d.key, d.detail) for d in report.differences),
        unavailable=tuple(report.unavailable),
        manifest=manifest.key,
        manifest_files=manifest.files,
        manifest_md5=manifest.md5,
        manifest_sha256=manifest.sha256,
    )


def _album_line(album: AlbumTally) -> AlbumLine:
    return AlbumLine(
        path=album.path,
        counted=album.counted,
        listed=album.listed,
        moved=album.moved,
        proven=album.proven,
        complete=album.complete,
        problem=album.problem,
    )
