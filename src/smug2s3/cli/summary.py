"""How a sync went: as a person reads it at the end, and in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

from smug2s3.app.sync_runner import Outcome
from smug2s3.engine.summary import Summary
from smug2s3.errors import INTERRUPTED
from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.names import attribute, sanitize

NAMED = 5
"""Files of a kind that are named at the end; all have been named when it happened."""


def exit_code(outcome: Outcome) -> int:
    """1 if another run is needed; what SmugMug itself cannot give does not count."""
    summary = outcome.summary
    return 1 if summary.failed or summary.not_updated or summary.albums_incomplete else 0


def sentence(outcome: Outcome, code: int, error: str = "", *, dry_run: bool = False) -> str:
    """The whole run on one line."""
    how = {0: "all is well", 1: "not complete", INTERRUPTED: "interrupted"}.get(code, "stopped by an error")
    if error and code != INTERRUPTED:
        how = f"stopped by an error ({error})"
    summary = outcome.summary
    skipped = f", {summary.skipped:,} there already" if summary.skipped else ""
    moved = f"{summary.moved:,} {'to move' if dry_run else 'moved'} ({amount(summary.bytes)})"
    return f"{how}; {moved}{skipped}{_troubles(outcome)} in {duration(outcome.seconds)}"


def summary_text(
    outcome: Outcome, *, dry_run: bool, part: bool = False, cut_short: bool = False, brief: bool = False
) -> str:
    """What a person reads at the end.

    ``cut_short``: the run did not come to its own end; ``brief``: the first line alone.
    """
    if not (outcome.summary.albums or outcome.summary.albums_incomplete):
        return "This account has no albums that this sign-in can see.\n"
    ending = _ending(outcome, dry_run=dry_run)
    lines = [f"{ending}{_troubles(outcome)}."] if brief else [f"{ending}.", *_rows(outcome), *_named(outcome)]
    if not (brief or cut_short):
        lines += _advice(outcome, dry_run=dry_run, part=part)
    return "\n".join(lines) + "\n"


def _ending(outcome: Outcome, *, dry_run: bool) -> str:
    summary = outcome.summary
    files, albums = plural(summary.moved, "file"), plural(summary.albums, "album")
    if dry_run:
        least = "at least " if summary.unsized else ""
        return f"Would move {files} ({least}{amount(summary.bytes)}) of {plural(summary.assets, 'item')} in {albums}"
    if not summary.moved:
        return f"Moved nothing; looked at {plural(summary.assets, 'item')} in {albums} in {duration(outcome.seconds)}"
    rate = amount(summary.bytes / outcome.seconds) if outcome.seconds else "0 B"
    return f"Moved {files} ({amount(summary.bytes)}) from {albums} in {duration(outcome.seconds)}, {rate}/s"


def _troubles(outcome: Outcome) -> str:
    summary = outcome.summary
    troubles = (
        (summary.failed, "failed"),
        (summary.not_updated, "not described or named anew"),
        (summary.unavailable, "not available"),
    )
    return "".join(f", {count:,} {text}" for count, text in troubles if count)


def _rows(outcome: Outcome) -> Iterator[str]:
    summary = outcome.summary
    rows = (
        (summary.skipped, "in the store already"),
        (summary.copied, "of them copied inside the store (collected from another album)"),
        (summary.referred, "of them recorded as the object of another album (collected from there)"),
        (summary.described, "described anew (title, caption or keywords changed)"),
        (summary.renamed, "renamed in the store"),
        (summary.gone, "no longer on SmugMug; kept in the store"),
        (summary.unavailable, "not available from SmugMug"),
        (summary.failed, "failed"),
        (summary.not_updated, "in the store, but their new description or name could not be written"),
        (summary.left_out, _left_out(summary)),
        (summary.left, _left(summary)),
        (summary.more_files, "with further files in SmugMug Source (RAW): not moved; get these from SmugMug itself"),
    )
    yield from (f"  {count:>9,}  {text}" for count, text in rows if count)
    if summary.albums_left:
        items = plural(summary.albums_left_items, "item")
        yield f"  {plural(summary.albums_left, 'album')} not looked at yet ({items}, as SmugMug counts them)."
    if summary.albums_left_out:
        yield f"  {plural(summary.albums_left_out, 'album')} left out by the filters."
    if summary.albums_unchanged:
        yield f"  {plural(summary.albums_unchanged, 'album')} unchanged, not listed again (--full lists all)."
    if summary.albums_incomplete:
        yield f"  {plural(summary.albums_incomplete, 'album or folder', 'albums or folders')} not shown in full:"
        yield from (f"    {sanitize(problem)}" for problem in summary.problems[:NAMED])
        if len(summary.problems) > NAMED:
            yield f"    and {len(summary.problems) - NAMED:,} more"


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


def _named(outcome: Outcome) -> Iterator[str]:
    """Some of what is not in the store, by name: what scrolled by hours ago has been forgotten."""
    summary = outcome.summary
    for state, title, count in (
        ("unavailable", "Not available:", summary.unavailable),
        ("failed", "Failed:", summary.failed),
        ("not updated", "Not described or named anew:", summary.not_updated),
    ):
        named = [item for item in summary.items if item["state"] == state][:NAMED]
        if named:
            yield title
        for item in named:
            side, _, reason = item["reason"].partition(": ")
            yield sanitize(f"  {item['key']}: {attribute(side, reason) if reason else side}")
        if count > len(named) > 0:
            yield f"  and {count - len(named):,} more"


def _advice(outcome: Outcome, *, dry_run: bool, part: bool) -> Iterator[str]:
    """Why, and on the last line what to do."""
    if exit_code(outcome):
        yield "Another run tries what failed and skips what is done."
        yield "Next: the same command again"
    elif dry_run:
        if outcome.summary.moved:
            yield "Nothing was changed."
            yield "Next: the same command without --dry-run"
    elif outcome.summary.stopped == "until" and not outcome.summary.moved:
        yield "Nothing was moved before the time came; with --order everything has to be listed first."
        yield "Next: the same command with more time"
    elif outcome.summary.stopped:
        yield f"Stopped by itself, as --{outcome.summary.stopped} asked."
        yield "Next: the same command again"
    elif outcome.summary.left:
        yield "What is larger than --max-bytes is left."
        yield "Next: the same command without --max-bytes, or with a larger one"
    else:
        yield f"{_everything(outcome.summary, part=part)} is in the store, says the ledger; {_PROOF}"
        yield "Next: smug2s3 verify"


_PROOF = "a verification looks into the store and proves it."


def _everything(summary: Summary, *, part: bool) -> str:
    """What a run without troubles was about, and no more than that."""
    offered = "SmugMug offers" if summary.full_access else "SmugMug shows to this sign-in"
    return f"Everything {'you asked for' if part else offered}{' except those further files' if summary.more_files else ''}"
