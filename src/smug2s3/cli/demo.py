"""`smug2s3 demo`: the real sync and verify between a simulated SmugMug and a real S3 server on this machine."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from smug2s3.app.browse_runner import BrowseOptions
from smug2s3.app.movers import Crew
from smug2s3.app.sync_runner import Outcome, run_sync
from smug2s3.app.verify_runner import Depth, run_verify
from smug2s3.cli.browse import serve
from smug2s3.cli.browser import can_open
from smug2s3.cli.console import error_boundary, finished, interrupted, put_text, say, watched
from smug2s3.cli.crew import parse_crew
from smug2s3.cli.reporters import Reporters
from smug2s3.cli.summary import exit_code, summary_text
from smug2s3.cli.verify import report_text, watching
from smug2s3.engine.report import Report
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import UsageError
from smug2s3.local_servers import S3Server, s3_server, smugmug_server
from smug2s3.settings import load

BUCKET = "photos"
LEDGER = "transfer_log.db"


def demo(folder: str, processes: str | None = None) -> None:
    """Run the command."""
    home = Path(folder).resolve()

    def on_error(_message: str, code: int) -> None:
        if interrupted(code):
            say(f"Interrupted. The copied files are in {home}; run the demo again to continue.")

    with error_boundary(on_error):
        crew = parse_crew(processes, None, command="demo")
        _prepare(home)
        outcome, report = Outcome(), Report()
        finished(lambda: _play(home, crew, outcome, report))
    _offer(home)
    raise typer.Exit(0 if report.passed and not exit_code(outcome) else 1)


def _offer(home: Path) -> None:
    """At a terminal, ask whether to look at what was copied; whatever comes of that, the demo itself is over."""
    if not (sys.stdin.isatty() and watched() and can_open()):
        return
    with suppress(typer.Exit), error_boundary(), suppress(typer.Abort):
        if typer.confirm("\nLook at the photos in your browser now?", default=True, err=True):
            say("\n$ smug2s3 browse")
            finished(lambda: _look(home), lambda _code: "stopping")


async def _look(home: Path) -> None:
    async with s3_server(home / "store") as store:
        settings = load(_destination(store, home), needs=frozenset({"store"}))
        await serve(settings, BrowseOptions(), show=True)


def _prepare(home: Path) -> None:
    """The folder; raises UsageError unless it is new, empty or from an earlier demo."""
    try:
        found = {entry.name for entry in home.iterdir()} if home.exists() else set()
        # A demo that stopped before it opened its ledger left only the server's folder.
        if found and LEDGER not in found and found != {"store"}:
            raise UsageError(
                f"{home} contains other files, so the demo will not use it",
                hint="Choose another folder: `smug2s3 demo --folder NAME`",
            )
        (home / "store" / BUCKET).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot use {home} for the demo: {error.strerror}", hint="Choose another folder with --folder."
        ) from error


async def _play(home: Path, crew: Crew, outcome: Outcome, report: Report) -> None:
    say("Starting a simulated SmugMug and a real S3 server on this computer ...")
    async with smugmug_server("--world", "demo") as smugmug, s3_server(home / "store") as store:
        found = _found(smugmug, store, home)
        settings = load(found, needs=frozenset({"smugmug", "store"}))
        say(f"SmugMug account {smugmug['user']}: {smugmug['asset_count']} files in {smugmug['album_count']} albums.")
        say(f"\n$ smug2s3 sync{f' --processes {crew.processes}' if crew.processes else ''}")
        options = SyncOptions(prefix=settings.prefix, transfers=settings.transfers, batch=settings.batch)
        reporters = Reporters("sync")
        reporters.open(settings)
        async with reporters.shown() as reporter:
            await run_sync(settings, options, reporter, outcome, replace(crew, environment=found))
        put_text(summary_text(outcome, dry_run=False))
        say("\n$ smug2s3 verify --deep --source")
        with watching(report) as advance:
            await run_verify(settings, report, Depth(deep=1.0, source=True), advance=advance)
        put_text(report_text(report, onward=False))
    place = home / "store" / BUCKET / settings.prefix.rstrip("/")
    say(f"\nThe S3 server keeps its objects as plain files. Find the photos in\n  {place}")
    say(f"Run the demo again to see that nothing is copied twice, or delete {home} when you are done.")


def _found(smugmug: dict[str, Any], store: S3Server, home: Path) -> dict[str, str]:
    return {
        "SMUGMUG_API_ORIGIN": smugmug["origin"],
        "SMUGMUG_OAUTH_CONSUMER_KEY": smugmug["consumer_key"],
        "SMUGMUG_OAUTH_CONSUMER_SECRET": smugmug["consumer_secret"],
        "SMUGMUG_OAUTH_TOKEN": smugmug["token"],
        "SMUGMUG_OAUTH_TOKEN_SECRET": smugmug["token_secret"],
    } | _destination(store, home)


def _destination(store: S3Server, home: Path) -> dict[str, str]:
    return {
        "S3_ENDPOINT_URL": store.endpoint,
        "S3_ACCESS_KEY": store.access_key,
        "S3_SECRET_KEY": store.secret_key,
        "S3_BUCKET": BUCKET,
        "LEDGER_PATH": str(home / LEDGER),
    }
