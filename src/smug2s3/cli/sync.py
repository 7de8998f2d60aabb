"""`smug2s3 sync`: settings and wishes become a run, the run becomes a summary and an exit code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import typer

from smug2s3.app import Outcome, run_sync
from smug2s3.cli.console import ending_well, environment, finished, put_json, put_text, say, talk
from smug2s3.cli.selection import Selection
from smug2s3.engine.sync import SyncOptions
from smug2s3.errors import INTERRUPTED
from smug2s3.models import Summary
from smug2s3.ports import Reporter
from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.lines import LineReporter
from smug2s3.reporting.live import live
from smug2s3.rules import choosing
from smug2s3.rules.bandwidth import timetable
from smug2s3.rules.until import until
from smug2s3.settings import Settings, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of one call."""

    selection: Selection = field(default_factory=Selection)
    concurrency: int | None = None
    bwlimit: str | None = None
    order: str = "album"
    until: str | None = None
    max_bytes: str | None = None
    full: bool = False
    follow_renames: bool = False
    dry_run: bool = False
    json: bool = False


def sync(wishes: Wishes) -> None:
    """The whole command."""
    outcome = Outcome()

    def on_error(message: str, code: int) -> None:
        if code == INTERRUPTED:
            say("Interrupted; what was moved is remembered. Run the same command again to go on.")
        if wishes.json:
            put_json(outcome.document() | {"error": message, "exit_code": code})
        elif outcome.summary.assets:
            put_text(summary_text(outcome, dry_run=wishes.dry_run, cut_short=True))

    with ending_well(on_error):
        options = _options(wishes)
        settings = load(_environment(wishes), needs=frozenset({"smugmug"} if wishes.dry_run else {"smugmug", "store"}))
        run_visibly(settings, options(settings), outcome, plain=wishes.json)
    code = exit_code(outcome)
    if wishes.json:
        put_json(outcome.document() | {"dry_run": wishes.dry_run})
    else:
        put_text(summary_text(outcome, dry_run=wishes.dry_run, part=wishes.selection.partial))
    raise typer.Exit(code)


def run_visibly(settings: Settings, options: SyncOptions, outcome: Outcome, *, plain: bool) -> None:
    """Run with the live display on a terminal, with plain lines elsewhere."""

    async def work() -> None:
        async with reporter_for(plain=plain) as reporter:
            await run_sync(settings, options, reporter, outcome)

    finished(work)


def exit_code(outcome: Outcome) -> int:
    """1 if another run is needed; what SmugMug itself cannot give does not count."""
    return 1 if outcome.summary.failed or outcome.summary.albums_incomplete else 0


def summary_text(outcome: Outcome, *, dry_run: bool, part: bool = False, cut_short: bool = False) -> str:
    """What a person reads at the end; ``cut_short``: the run did not come to its own end."""
    summary = outcome.summary
    if not summary.albums:
        return "This account has no albums that this sign-in can see.\n"
    lines = [_headline(outcome, dry_run=dry_run)]
    rows = (
        (summary.skipped, "in the store already"),
        (summary.copied, "of them copied inside the store (collected from another album)"),
        (summary.described, "described anew (title, caption or keywords changed)"),
        (summary.renamed, "renamed in the store"),
        (summary.gone, "no longer on SmugMug; kept in the store"),
        (summary.unavailable, "not available from SmugMug"),
        (summary.failed, "failed"),
        (summary.left_out, _left_out(summary)),
        (summary.left, _left(summary)),
    )
    lines += [f"  {count:>9,}  {text}" for count, text in rows if count]
    if summary.albums_left:
        items = plural(summary.albums_left_items, "item")
        lines.append(f"  {plural(summary.albums_left, 'album')} not looked at yet ({items}, as SmugMug counts them).")
    if summary.albums_left_out:
        lines.append(f"  {plural(summary.albums_left_out, 'album')} left out by the filters.")
    if summary.albums_unchanged:
        lines.append(f"  {plural(summary.albums_unchanged, 'album')} unchanged, not listed again (--full lists all).")
    if summary.albums_incomplete:
        lines.append(f"  {plural(summary.albums_incomplete, 'album or folder', 'albums or folders')} not fully listed.")
    if puzzles := len(summary.problems) - summary.albums_incomplete:
        lines.append(f"  {plural(puzzles, 'album')} of which SmugMug counts more than it shows (named above).")
    if not cut_short:
        lines.append(_advice(outcome, dry_run=dry_run, part=part))
    return "\n".join(line for line in lines if line) + "\n"


def _left_out(summary: Summary) -> str:
    """What the filters left out, and how much of that only because nobody knows what they ask for."""
    lacking = [
        f"{count:,} of them {reason}"
        for count, reason in (
            (summary.left_out_undated, "have no such date"),
            (summary.left_out_unsized, "have no known size"),
        )
        if count
    ]
    return f"left out by the filters{': ' if lacking else ''}{', '.join(lacking)}"


def _left(summary: Summary) -> str:
    """What was listed but not begun."""
    large = f"; {summary.left_too_large:,} of them larger than --max-bytes" if summary.left_too_large else ""
    return f"left for a later run ({amount(summary.left_bytes)}{large})"


def _headline(outcome: Outcome, *, dry_run: bool) -> str:
    summary = outcome.summary
    files, albums = plural(summary.moved, "file"), plural(summary.albums, "album")
    if dry_run:
        return f"Would move {files} ({amount(summary.bytes)}) of {plural(summary.assets, 'item')} in {albums}."
    if not summary.moved:
        return f"Moved nothing; looked at {plural(summary.assets, 'item')} in {albums} in {duration(outcome.seconds)}."
    rate = amount(summary.bytes / outcome.seconds) if outcome.seconds else "0 B"
    return f"Moved {files} ({amount(summary.bytes)}) from {albums} in {duration(outcome.seconds)}, {rate}/s."


def _advice(outcome: Outcome, *, dry_run: bool, part: bool) -> str:
    if exit_code(outcome):
        return "Run the same command again: it tries what failed and skips what is done."
    if dry_run:
        return "Nothing was changed. Run it without --dry-run to move them." if outcome.summary.moved else ""
    if outcome.summary.stopped == "until" and not outcome.summary.moved:
        return "Nothing was moved before the time came. Give it longer; with --order everything has to be listed first."
    if outcome.summary.stopped:
        return f"Stopped by itself, as --{outcome.summary.stopped} asked. Run the same command again to go on."
    if outcome.summary.left:
        return "What is larger than --max-bytes moves only without it, or with a larger one."
    what = "Everything you asked for" if part else "Everything SmugMug offers"
    return f"{what} is in the store, says the ledger. `smug2s3 verify` looks into the store and proves it."


def _environment(wishes: Wishes) -> dict[str, str]:
    found = environment()
    return found if wishes.concurrency is None else found | {"MAX_CONCURRENT_DOWNLOADS": str(wishes.concurrency)}


def _options(wishes: Wishes) -> Callable[[Settings], SyncOptions]:
    """What was typed, read and checked before anything is asked of anybody; raises UsageError.

    It becomes whole with what the settings say.
    """
    typed: dict[str, Any] = {
        "bandwidth": timetable(wishes.bwlimit) if wishes.bwlimit is not None else None,
        "filters": wishes.selection.filters(),
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
        dry_run=wishes.dry_run,
        storeless=not settings.bucket,
        **typed,
    )


@asynccontextmanager
async def reporter_for(*, plain: bool) -> AsyncIterator[Reporter]:
    """Live bars on a terminal, plain lines elsewhere or where ``plain`` is asked for."""
    if talk.is_terminal and not plain:
        async with live(talk) as reporter:
            yield reporter
    else:
        yield LineReporter(say)
