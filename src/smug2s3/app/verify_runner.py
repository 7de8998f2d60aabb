"""Runs a verification from opening to closing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from smug2s3 import __version__
from smug2s3.app.destination import destination, place
from smug2s3.app.factories import open_source, open_store
from smug2s3.engine.comparison import ASK_AGAIN_AFTER, Comparison
from smug2s3.engine.manifest import Manifest, keep_manifest
from smug2s3.engine.report import AlbumTally, Report, verification
from smug2s3.engine.verify import Verify
from smug2s3.ledger.database import existing
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.rows import now
from smug2s3.ports.audit import ComparisonLedger
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.source import Source
from smug2s3.reporting.certificate import AlbumLine, Certificate
from smug2s3.reporting.combined import write_combined
from smug2s3.rules.evidence import State
from smug2s3.rules.name_template import PLAIN, NameTemplate
from smug2s3.rules.verdict import verdict
from smug2s3.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """What a verification checks, and what it writes."""

    offline: bool = False
    heads: bool = False
    deep: float = 0.0
    """The share of objects to read back, 0 to 1."""
    source: bool = False
    repair: bool = False
    combined: Path | None = None
    certify: bool = False
    accept_unavailable: bool = False
    """Whether the user accepts that items are not available."""
    accept_count: bool = False
    """Whether the user accepts that SmugMug's count of the account differs from the sum of its albums."""
    strict: bool = False
    """Whether an object not from smug2s3 is a difference."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The checks, by name; see ``Verification``."""
        if self.offline:
            return ("ledger",)
        deep = "deep" if self.deep == 1 else f"deep:{self.deep * 100:g}"
        asked = {"head": self.heads, deep: bool(self.deep), "source": self.source}
        return ("listing", *(level for level, wanted in asked.items() if wanted))


async def run_verify(
    settings: Settings,
    report: Report,
    depth: Depth,
    *,
    advance: Callable[[str], None],
    reporter: Reporter | None = None,
    certify: Callable[[Certificate], None] = lambda _: None,
    ask_again_after: float = ASK_AGAIN_AFTER,
) -> None:
    """Run the requested checks; fills ``report`` meanwhile, and passes a certificate to ``certify``.

    ``reporter`` gets outages. The result is recorded in the ledger; an incomplete verification proves nothing, so it is not.
    """
    began = now()
    notify = (reporter or Reporter()).note
    async with open_ledger(existing(settings.ledger_path), notify=notify) as ledger, AsyncExitStack() as opened:
        await ledger.belongs_to(destination(settings), keep=False)
        store = await opened.enter_async_context(open_store(settings, reporter))
        verify = Verify(store=store, ledger=ledger, prefix=settings.prefix, advance=advance, report=report)
        if depth.offline:
            await verify.from_ledger()
        else:
            await store.check(settings.prefix)
            await look(
                verify,
                ledger,
                depth,
                lambda: open_source(replace(settings, previews=()), reporter),
                template=settings.name_template,
                ask_again_after=ask_again_after,
            )
        if depth.combined:
            await write_combined(depth.combined, ledger.stored(), report)
        if depth.certify:
            wrong = frozenset(difference.key for difference in report.objects)
            safe = report.verdict is not None and report.verdict.safe
            manifest = await keep_manifest(store, ledger, settings.prefix, wrong, safe=safe)
            certify(_certificate(settings, report, manifest))
        await ledger.verified(verification(report, began=began, ended=now(), levels=depth.levels))
        if depth.repair:
            await verify.repair()


async def look(
    verify: Verify,
    ledger: ComparisonLedger,
    depth: Depth,
    open_smugmug: Callable[[], AbstractAsyncContextManager[Source]],
    *,
    template: NameTemplate = PLAIN,
    ask_again_after: float,
) -> None:
    """Run all checks of ``depth`` on the bucket and SmugMug, and set the verdict."""
    report = verify.report
    report.strict = depth.strict
    await verify.listing()
    if depth.deep:
        await verify.deep(depth.deep)
    if depth.heads:
        await verify.heads()
    await verify.judge()
    if depth.certify:
        verify.rewritten()
    if not depth.source:
        await verify.unmoved()
        return
    async with open_smugmug() as source:
        await Comparison(
            source=source, ledger=ledger, verify=verify, template=template, ask_again_after=ask_again_after
        ).run()
    report.verdict = verdict(report.case(accept_unavailable=depth.accept_unavailable, accept_count=depth.accept_count))


def _certificate(settings: Settings, report: Report, manifest: Manifest) -> Certificate:
    account = report.account
    assert account is not None
    assert report.verdict is not None
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
        exceptions=tuple((d.kind, d.key, d.detail) for d in (*report.differences, *report.extra)),
        unavailable=tuple(report.unavailable),
        source_files=report.components.total() + report.unasked,
        source_files_proven=report.components[State.PROVEN],
        source_files_unanswered=report.unanswered,
        previews=report.previews,
        previews_proven=report.previews - report.previews_wrong,
        manifest=manifest.key,
        manifest_files=manifest.files,
        manifest_md5=manifest.md5,
        manifest_sha256=manifest.sha256,
        verdict=report.verdict,
    )


def _album_line(album: AlbumTally) -> AlbumLine:
    return AlbumLine(
        path=album.path,
        counted=album.counted,
        listed=album.listed,
        proven=album.states[State.PROVEN],
        not_given=album.states[State.NOT_GIVEN],
        file=album.file.value if album.file else "?",
        complete=album.complete,
        gaps=album.shown.gaps,
    )
