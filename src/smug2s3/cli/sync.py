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
from smug2s3.cli.health_file import HealthFile
from smug2s3.cli.needed import at_once, settings_for
from smug2s3.cli.reporters import Reporters, Verbosity
from smug2s3.cli.selection import Selection
from smug2s3.cli.summary import exit_code, sentence, summary_text
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import UsageError
from smug2s3.rules import filter_parsing
from smug2s3.rules.bandwidth import timetable
from smug2s3.rules.components import raw_option
from smug2s3.rules.until import until
from smug2s3.settings import VARIABLES, Settings, complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one call."""

    selection: Selection = field(default_factory=Selection)
    concurrency: int | None = None
    bwlimit: str | None = None
    collected: str = "copy"
    raw: str | None = None
    sidecars: str | None = None
    previews: str | None = None
    order: str = "album"
    until: str | None = None
    max_bytes: str | None = None
    full: bool = False
    follow_renames: bool = False
    adopt: bool = False
    dry_run: bool = False
    every: str | None = None
    at: str | None = None
    processes: str | None = None
    scheduler: str | None = None
    certs: str | None = None
    insecure: bool = False
    json: bool = False
    verbosity: Verbosity = field(default_factory=Verbosity)
    notify_url: str | None = None
    health_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to run: everything that is read and checked once, before the first run."""

    settings: Settings
    crew: Crew
    options: Callable[[], SyncOptions]
    """The options of a run that starts now."""


def prepared(options: Options) -> Job:
    """Raises UsageError for options or settings that are wrong, before any network access."""
    complete = _prepared(options)
    found = _environment(options)
    crew = parse_crew(options.processes, options.scheduler, insecure=options.insecure, found=found)
    settings = settings_for("smugmug", *[] if options.dry_run else ["store"], found=found)
    return Job(settings=settings, crew=crew, options=lambda: complete(settings))


class Run:
    """One run: a live display on a terminal or plain lines elsewhere while it runs, and its last words."""

    def __init__(self, options: Options) -> None:
        self.outcome, self.reporters = Outcome(), Reporters("sync", options.verbosity)
        self._dry_run = options.dry_run

    async def work(self, job: Job) -> None:
        """Run it."""
        async with self.reporters.shown() as reporter:
            await run_sync(job.settings, job.options(), reporter, self.outcome, job.crew)

    def stopping(self, code: int) -> str:
        """What to print after Ctrl-C, which leads to this exit code."""
        self.outcome.interrupt_code = code
        return self.reporters.stopping()

    def ended(self, code: int, error: str = "") -> tuple[dict[str, Any], str]:
        """Report how it ended; returns that as a document and as a sentence."""
        document = self.outcome.document() | ({"error": error} if error else {"dry_run": self._dry_run})
        said = sentence(self.outcome, code, error, dry_run=self._dry_run)
        self.reporters.ended(document | {"exit_code": code}, said)
        return document, said


def sync(options: Options) -> None:
    """Run the command once."""
    run, health = Run(options), HealthFile(options.health_file)

    def on_error(message: str, code: int) -> None:
        document, said = run.ended(code, message)
        health.ran(run.outcome, code, said, None)
        if options.json:
            put_json(document | {"exit_code": code})
        elif run.outcome.summary.assets:
            put_text(summary_text(run.outcome, dry_run=options.dry_run, cut_short=True))
        if interrupted(code):
            say("Interrupted; finished files are kept. Run the same command again to continue.")
        run.reporters.close()

    with error_boundary(on_error):
        if options.dry_run and options.health_file is not None:
            raise UsageError("--health-file does not go with --dry-run", hint="Leave one of them out.")
        health.check()
        job = prepared(options)
        run.reporters.open(job.settings)

        async def work() -> None:
            async with health.running(run.reporters.progress):
                await run.work(job)

        finished(work, run.stopping)
    code = exit_code(run.outcome)
    document, said = run.ended(code)
    health.ran(run.outcome, code, said, None)
    if options.json:
        put_json(document)
    else:
        part, brief = options.selection.partial, options.verbosity.quiet
        put_text(summary_text(run.outcome, dry_run=options.dry_run, part=part, brief=brief))
    run.reporters.close()
    raise typer.Exit(code)


def _environment(options: Options) -> dict[str, str]:
    given = {"NOTIFY_URL": options.notify_url, "CLUSTER_CERTS": options.certs}
    typed = at_once(options.concurrency) | raw_files(options.raw) | preview_sizes(options.previews)
    return environment() | typed | {name: value for name, value in given.items() if value is not None}


def raw_files(raw: str | None) -> dict[str, str]:
    """The setting that ``--raw`` replaces; raises UsageError."""
    return {} if raw is None else {VARIABLES["raw"].name: raw_option(raw)}


def preview_sizes(previews: str | None) -> dict[str, str]:
    """The setting that ``--previews`` replaces; raises UsageError."""
    if previews is None:
        return {}
    if problem := complaint(VARIABLES["previews"], previews):
        raise UsageError(f"--previews {problem}, not {previews!r}", hint="For example: --previews S,X2")
    return {VARIABLES["previews"].name: previews}


def _prepared(options: Options) -> Callable[[Settings], SyncOptions]:
    """Parse and check the options before any network access; raises UsageError.

    The settings complete them.
    """
    typed: dict[str, Any] = {
        "bandwidth": timetable(options.bwlimit) if options.bwlimit is not None else None,
        "filters": options.selection.filters(),
        "collected": filter_parsing.collecting(options.collected),
        "order": filter_parsing.order(options.order),
        "max_bytes": filter_parsing.size("--max-bytes", options.max_bytes, least=1),
    }
    sidecars = filter_parsing.sidecars(options.sidecars)
    _stop_at(options)
    return lambda settings: SyncOptions(
        until=_stop_at(options),
        prefix=settings.prefix,
        template=settings.name_template,
        transfers=settings.transfers,
        batch=settings.batch,
        full=options.full,
        follow_renames=options.follow_renames,
        adopt=options.adopt,
        raw=settings.raw,
        xmp=settings.sidecar_names if sidecars else None,
        previews=settings.previews,
        dry_run=options.dry_run,
        storeless=not settings.bucket,
        **typed,
    )


def _stop_at(options: Options) -> datetime | None:
    """When a run that starts now stops; raises UsageError."""
    return until(options.until, datetime.now().astimezone()) if options.until is not None else None
