"""Runs a sync or a plan from opening to closing, and posts the result."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, fields, replace
from typing import Any
from uuid import uuid4

from smug2s3.app.destination import destination, place
from smug2s3.app.factories import open_source, open_store
from smug2s3.app.movers import Crew, open_mover
from smug2s3.engine.planner import Planner
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync import Sync
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import INTERRUPTED, LedgerError, PrefixTaken, foreseen
from smug2s3.ledger.database import has_begun
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ports.reporter import Reporter, WorkerState
from smug2s3.rules.filters import Filters
from smug2s3.rules.plan_totals import PlanTotals
from smug2s3.settings import Settings


@dataclass(slots=True)
class Outcome:
    """The result of a run, filled in while it runs, so that an interrupted or failed one has it too."""

    run: str = field(default_factory=lambda: uuid4().hex[:12])
    summary: Summary = field(default_factory=Summary)
    api_calls: int = 0
    seconds: float = 0.0
    workers: list[WorkerState] = field(default_factory=list)
    """The worker processes that copied the files, if any."""
    interrupt_code: int = INTERRUPTED
    """The exit code of the command if this run is interrupted; a signal sets its own."""

    def document(self) -> dict[str, Any]:
        """The run as ``sync --json`` prints it."""
        counts = {
            entry.name: getattr(self.summary, entry.name)
            for entry in fields(self.summary)
            if entry.name not in ("problems", "items")
        }
        workers = [
            {"name": one.name, "files": one.copied, "bytes": one.copied_bytes, "losses": one.losses}
            for one in self.workers
        ]
        rest = {"workers": workers, "problems": self.summary.problems, "items": self.summary.items}
        return {"run": self.run, **counts, "api_calls": self.api_calls, "seconds": round(self.seconds, 3), **rest}


async def run_sync(
    settings: Settings, options: SyncOptions, reporter: Reporter, outcome: Outcome, crew: Crew | None = None
) -> None:
    """One sync from opening to closing; raises what stopped it, with ``outcome`` up to date."""
    began = time.monotonic()
    reporter.began(outcome.run, place(settings), dry_run=options.dry_run)
    # A dry run leaves no trace: without a ledger it uses an empty one in memory.
    keep = not options.dry_run or has_begun(settings.ledger_path)
    async with (
        open_ledger(
            settings.ledger_path if keep else ":memory:", alone=not options.dry_run, notify=reporter.note
        ) as ledger,
        open_source(settings, reporter, options.until) as source,
        open_store(settings, reporter, options.until) as store,
        open_mover(crew or Crew(), settings, options, reporter, outcome.run) as mover,
    ):
        if not options.storeless:
            options = replace(options, destination=destination(settings))
            await ledger.belongs_to(options.destination, keep=False)
        sync = Sync(source=source, store=store, ledger=ledger, reporter=reporter, options=options, mover=mover)
        outcome.summary = sync.summary
        if not options.dry_run:
            await ledger.begin(outcome.run)
        ended: dict[str, Any] = {}
        try:
            await _whole(sync)
        except BaseException as raised:
            ended = cut_short(raised, outcome.interrupt_code)
            raise
        finally:
            outcome.workers = mover.workers if mover else []
            outcome.api_calls = source.api_calls
            outcome.seconds = time.monotonic() - began
            if not options.dry_run:
                part = options.filters != Filters()
                await asyncio.shield(ledger.end(outcome.run, outcome.document() | {"part": part} | ended))


async def _whole(sync: Sync) -> None:
    await sync.run()
    if refusal := sync.refusal():
        raise refusal


def cut_short(raised: BaseException, interrupt_code: int) -> dict[str, Any]:
    """What stopped a run early, in the fields of a failed command's document."""
    if not isinstance(raised, Exception):
        return {"error": "interrupted", "exit_code": interrupt_code}
    error = foreseen(raised)
    refused = {"refused": True} if isinstance(error, (PrefixTaken, LedgerError)) else {}
    return {"error": str(error), "exit_code": error.exit_code} | refused


async def run_plan(
    settings: Settings, filters: Filters, reporter: Reporter, plan_totals: PlanTotals, *, items: bool
) -> None:
    """One plan; leaves no trace, and works before a destination is chosen."""
    began = time.monotonic()
    known = settings.ledger_path if has_begun(settings.ledger_path) else ":memory:"
    async with (
        open_ledger(known, notify=reporter.note) as ledger,
        open_source(settings, reporter) as source,
    ):
        planner = Planner(
            source=source,
            ledger=ledger,
            reporter=reporter,
            plan_totals=plan_totals,
            filters=filters,
            raw=settings.raw,
            previews=settings.previews,
        )
        if settings.bucket:
            await ledger.belongs_to(destination(settings), keep=False)
        try:
            if items:
                async with open_store(settings, reporter) as store:
                    await planner.items(store, settings.prefix, settings.name_template)
            else:
                await planner.totals()
        finally:
            plan_totals.api_calls = source.api_calls
            plan_totals.seconds = time.monotonic() - began
