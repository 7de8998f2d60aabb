"""`smug2s3 get`: copies the archive to a folder and turns the outcome into a summary and an exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from smug2s3.app.get_runner import GetOutcome, run_get
from smug2s3.cli.console import environment, error_boundary, finished, interrupted, put_json, put_text, say
from smug2s3.cli.get_summary import exit_code, sentence, summary_text
from smug2s3.cli.needed import at_once, settings_for
from smug2s3.cli.reporters import Reporters, Verbosity
from smug2s3.cli.selection import Selection
from smug2s3.engine.get import GetOptions
from smug2s3.errors import UsageError
from smug2s3.rules import filter_parsing, homecoming
from smug2s3.rules.bandwidth import timetable
from smug2s3.settings import Settings

TIERS = ("bulk", "standard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one call."""

    target: str
    selection: Selection = field(default_factory=Selection)
    concurrency: int | None = None
    bwlimit: str | None = None
    times: str = "taken"
    sidecars: str | None = None
    zip: bool = False
    zip_size: str | None = None
    restore_tier: str | None = None
    dry_run: bool = False
    json: bool = False
    verbosity: Verbosity = field(default_factory=Verbosity)


def get(options: Options) -> None:
    """Run the command."""
    outcome, reporters = GetOutcome(), Reporters("get", options.verbosity)

    def on_error(message: str, code: int) -> None:
        document = outcome.document() | {"dry_run": options.dry_run, "error": message, "exit_code": code}
        reporters.ended(document, sentence(outcome, code, message, dry_run=options.dry_run))
        if options.json:
            put_json(document)
        elif outcome.summary.files:
            put_text(summary_text(outcome, dry_run=options.dry_run, cut_short=True))
        if interrupted(code):
            say(f"Interrupted; finished {_kept(options)} are kept. Run the same command again to continue.")
        reporters.close()

    with error_boundary(on_error):
        prepared = _prepared(options)
        settings = settings_for("store", found=environment() | at_once(options.concurrency))
        reporters.open(settings)
        _run_visibly(settings, options, prepared(settings), outcome, reporters)
    code = exit_code(outcome)
    document = outcome.document() | {"dry_run": options.dry_run, "exit_code": code}
    reporters.ended(document, sentence(outcome, code, dry_run=options.dry_run))
    if options.json:
        put_json(document)
    else:
        put_text(summary_text(outcome, dry_run=options.dry_run, brief=options.verbosity.quiet))
    reporters.close()
    raise typer.Exit(code)


def _run_visibly(
    settings: Settings, options: Options, prepared: GetOptions, outcome: GetOutcome, reporters: Reporters
) -> None:
    async def work() -> None:
        async with reporters.shown() as reporter:
            await run_get(settings, Path(options.target), prepared, reporter, outcome)

    finished(work, lambda _code: reporters.stopping(_kept(options)))


def _kept(options: Options) -> str:
    """What an interruption leaves: a ZIP has no place for half its files."""
    return "ZIPs" if options.zip else "files"


def _prepared(options: Options) -> Callable[[Settings], GetOptions]:
    """Parse and check the options before any network access; raises UsageError."""
    if not options.target.strip():
        raise UsageError("no folder is given", hint="Name the folder to copy to: `smug2s3 get FOLDER`")
    if options.zip_size is not None and not options.zip:
        raise UsageError("--zip-size needs --zip", hint="Add --zip.")
    if options.restore_tier not in (None, *TIERS):
        raise UsageError(
            f"--restore-tier {options.restore_tier!r} is not valid",
            hint="Use bulk (cheapest, up to 48 hours) or standard (up to 12 hours).",
        )
    sidecars = filter_parsing.sidecars(options.sidecars)
    typed: dict[str, Any] = {
        "filters": options.selection.filters(),
        "times": homecoming.times(options.times),
        "bandwidth": timetable(options.bwlimit) if options.bwlimit is not None else None,
        "zip": options.zip,
        "zip_size": filter_parsing.size("--zip-size", options.zip_size, least=1),
        "restore_tier": options.restore_tier or "",
        "dry_run": options.dry_run,
    }
    return lambda settings: GetOptions(
        prefix=settings.prefix,
        transfers=settings.transfers,
        xmp=settings.sidecar_names if sidecars else None,
        **typed,
    )
