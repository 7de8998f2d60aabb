"""`smug2s3 sync`: runs one sync and turns its outcome into a summary and an exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import typer

from smug2s3.app.movers import Crew
from smug2s3.app.sync_runner import Outcome, run_sync
from smug2s3.cli.console import environment, error_boundary, finished, interrupted, put_json, put_text, say
from smug2s3.cli.crew import parse_crew
from smug2s3.cli.needed import settings_for
from smug2s3.cli.reporters import Reporters, Verbosity
from smug2s3.cli.selection import Selection
from smug2s3.cli.summary import exit_code, sentence, summary_text
from smug2s3.engine.sync import SyncOptions
from smug2s3.errors import UsageError
from smug2s3.rules import filter_parsing
from smug2s3.rules.bandwidth import timetable
from smug2s3.rules.until import until
from smug2s3.settings import VARIABLES, Settings, complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one call."""

    selection: Selection = field(default_factory=Selection)
    concurrency: int | None = None
    bwlimit: str | None = None
    collected: str = "copy"
    order: str = "album"
    until: str | None = None
    max_bytes: str | None = None
    full: bool = False
    follow_renames: bool = False
    adopt: bool = False
    dry_run: bool = False
    processes: str | None = None
    scheduler: str | None = None
    certs: str | None = None
    insecure: bool = False
    json: bool = False
    verbosity: Verbosity = field(default_factory=Verbosity)
    notify_url: str | None = None


def sync(options: Options) -> None:
    """Run the command."""
    outcome, reporters = Outcome(), Reporters("sync", options.verbosity)

    def on_error(message: str, code: int) -> None:
        document = outcome.document() | {"error": message, "exit_code": code}
        reporters.ended(document, sentence(outcome, code, message, dry_run=options.dry_run))
        if options.json:
            put_json(document)
        elif outcome.summary.assets:
            put_text(summary_text(outcome, dry_run=options.dry_run, cut_short=True))
        if interrupted(code):
            say("Interrupted; finished files are kept. Run the same command again to continue.")
        reporters.close()

    with error_boundary(on_error):
        prepared = _prepared(options)
        found = _environment(options)
        crew = parse_crew(options.processes, options.scheduler, insecure=options.insecure, found=found)
        settings = settings_for("smugmug", *[] if options.dry_run else ["store"], found=found)
        reporters.open(settings)
        run_visibly(settings, prepared(settings), outcome, reporters, crew)
    code = exit_code(outcome)
    document = outcome.document() | {"dry_run": options.dry_run}
    reporters.ended(document | {"exit_code": code}, sentence(outcome, code, dry_run=options.dry_run))
    if options.json:
        put_json(document)
    else:
        part, brief = options.selection.partial, options.verbosity.quiet
        put_text(summary_text(outcome, dry_run=options.dry_run, part=part, brief=brief))
    reporters.close()
    raise typer.Exit(code)


def run_visibly(settings: Settings, options: SyncOptions, outcome: Outcome, reporters: Reporters, crew: Crew) -> None:
    """Run with a live display on a terminal, with plain lines elsewhere."""

    async def work() -> None:
        async with reporters.shown() as reporter:
            await run_sync(settings, options, reporter, outcome, crew)

    def stopping(code: int) -> str:
        outcome.interrupt_code = code
        return reporters.stopping()

    finished(work, stopping)


def _environment(options: Options) -> dict[str, str]:
    given = {"NOTIFY_URL": options.notify_url, "CLUSTER_CERTS": options.certs}
    typed = at_once(options.concurrency)
    return environment() | typed | {name: value for name, value in given.items() if value is not None}


def at_once(concurrency: int | None) -> dict[str, str]:
    """The setting that ``--concurrency`` replaces; raises UsageError."""
    if concurrency is None:
        return {}
    if complaint(VARIABLES["transfers"], str(concurrency)):
        raise UsageError(
            f"--concurrency must be from 1 to 256, not {concurrency}",
            hint="It is how many files are copied at once. Leave it out to have the best number found automatically.",
        )
    return {VARIABLES["transfers"].name: str(concurrency)}


def _prepared(options: Options) -> Callable[[Settings], SyncOptions]:
    """Parse and check the options before any network access; raises UsageError.

    The settings complete them.
    """
    typed: dict[str, Any] = {
        "bandwidth": timetable(options.bwlimit) if options.bwlimit is not None else None,
        "filters": options.selection.filters(),
        "collected": filter_parsing.collecting(options.collected),
        "order": filter_parsing.order(options.order),
        "until": until(options.until, datetime.now().astimezone()) if options.until is not None else None,
        "max_bytes": filter_parsing.size("--max-bytes", options.max_bytes, least=1),
    }
    return lambda settings: SyncOptions(
        prefix=settings.prefix,
        transfers=settings.transfers,
        batch=settings.batch,
        full=options.full,
        follow_renames=options.follow_renames,
        adopt=options.adopt,
        dry_run=options.dry_run,
        storeless=not settings.bucket,
        **typed,
    )
