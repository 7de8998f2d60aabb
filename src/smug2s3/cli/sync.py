"""`smug2s3 sync`: settings and wishes become a run, the run becomes a summary and an exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import typer

from smug2s3.app.moving import Outcome, run_sync
from smug2s3.cli.console import ending_well, environment, finished, put_json, put_text, say
from smug2s3.cli.needed import settings_for
from smug2s3.cli.selection import Selection
from smug2s3.cli.summary import exit_code, sentence, summary_text
from smug2s3.cli.telling import Telling, Voice
from smug2s3.engine.sync import SyncOptions
from smug2s3.errors import INTERRUPTED, UsageError
from smug2s3.rules import choosing
from smug2s3.rules.bandwidth import timetable
from smug2s3.rules.until import until
from smug2s3.settings import VARIABLES, Settings, complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
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
    json: bool = False
    voice: Voice = field(default_factory=Voice)
    notify_url: str | None = None


def sync(wishes: Wishes) -> None:
    """The whole command."""
    outcome, telling = Outcome(), Telling("sync", wishes.voice)

    def on_error(message: str, code: int) -> None:
        document = outcome.document() | {"error": message, "exit_code": code}
        telling.ended(document, sentence(outcome, code, message, dry_run=wishes.dry_run))
        if wishes.json:
            put_json(document)
        elif outcome.summary.assets:
            put_text(summary_text(outcome, dry_run=wishes.dry_run, cut_short=True))
        if code == INTERRUPTED:
            say("Interrupted; what was moved is remembered. Run the same command again to go on.")
        telling.close()

    with ending_well(on_error):
        options = _options(wishes)
        settings = settings_for("smugmug", *[] if wishes.dry_run else ["store"], found=_environment(wishes))
        telling.open(settings)
        run_visibly(settings, options(settings), outcome, telling)
    code = exit_code(outcome)
    document = outcome.document() | {"dry_run": wishes.dry_run}
    telling.ended(document | {"exit_code": code}, sentence(outcome, code, dry_run=wishes.dry_run))
    if wishes.json:
        put_json(document)
    else:
        part, brief = wishes.selection.partial, wishes.voice.quiet
        put_text(summary_text(outcome, dry_run=wishes.dry_run, part=part, brief=brief))
    telling.close()
    raise typer.Exit(code)


def run_visibly(settings: Settings, options: SyncOptions, outcome: Outcome, telling: Telling) -> None:
    """Run with the live display on a terminal, with plain lines elsewhere."""

    async def work() -> None:
        async with telling.shown() as reporter:
            await run_sync(settings, options, reporter, outcome)

    finished(work, telling.stopping)


def _environment(wishes: Wishes) -> dict[str, str]:
    if wishes.concurrency is not None and complaint(VARIABLES["transfers"], str(wishes.concurrency)):
        raise UsageError(
            f"--concurrency {wishes.concurrency} cannot be: it is how many files move at once",
            hint="Write a whole number from 1 to 256, or leave it out: then as many move as prove useful.",
        )
    given = {"MAX_CONCURRENT_DOWNLOADS": wishes.concurrency, "NOTIFY_URL": wishes.notify_url}
    return environment() | {name: str(value) for name, value in given.items() if value is not None}


def _options(wishes: Wishes) -> Callable[[Settings], SyncOptions]:
    """What was typed, read and checked before anything is asked of anybody; raises UsageError.

    It becomes whole with what the settings say.
    """
    typed: dict[str, Any] = {
        "bandwidth": timetable(wishes.bwlimit) if wishes.bwlimit is not None else None,
        "filters": wishes.selection.filters(),
        "collected": choosing.collecting(wishes.collected),
        "order": choosing.order(wishes.order),
        "until": until(wishes.until, datetime.now().astimezone()) if wishes.until is not None else None,
        "max_bytes": choosing.size("--max-bytes", wishes.max_bytes, least=1),
    }
    return lambda settings: SyncOptions(
        prefix=settings.prefix,
        transfers=settings.transfers,
        batch=settings.batch,
        full=wishes.full,
        follow_renames=wishes.follow_renames,
        adopt=wishes.adopt,
        dry_run=wishes.dry_run,
        storeless=not settings.bucket,
        **typed,
    )
