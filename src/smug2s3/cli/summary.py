"""The result of a sync: as text for people, and in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.console import NAMED, interrupted
from smug2s3.cli.settings_file import again
from smug2s3.engine.summary import Summary
from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.names import attributed, sanitize
from smug2s3.rules.components import is_refusal
from smug2s3.rules.diagnostics import diagnosis


def exit_code(outcome: Outcome) -> int:
    """1 if another run is needed; what is not available from SmugMug does not count."""
    summary = outcome.summary
    troubles = summary.failed, summary.not_updated, summary.albums_incomplete, summary.previews_failed
    return 1 if any(troubles) else 0


def sentence(outcome: Outcome, code: int, error: str = "", *, dry_run: bool = False) -> str:
    """The whole run on one line."""
    how = {0: "completed", 1: "completed with problems"}.get(code, f"stopped by an error ({error})")
    if interrupted(code):
        how = "interrupted"
    elif error:
        how = f"stopped by an error ({error})"
    summary = outcome.summary
    skipped = f", {summary.skipped:,} skipped" if summary.skipped else ""
    copied = f"{summary.moved:,} {'to copy' if dry_run else 'copied'} ({amount(summary.bytes)})"
    if summary.previews:
        copied += f", {plural(summary.previews, 'preview')} ({amount(summary.previews_bytes)})"
    return f"{how}; {copied}{skipped}{_troubles(outcome)} in {duration(outcome.seconds)}"


def summary_text(
    outcome: Outcome, *, dry_run: bool, part: bool = False, cut_short: bool = False, brief: bool = False
) -> str:
    """The summary for people.

    ``cut_short``: the run was stopped early; ``brief``: only the first line.
    """
    if not (outcome.summary.albums or outcome.summary.albums_incomplete):
        return "No albums found: this sign-in can see none in this account.\n"
    ending = _ending(outcome, dry_run=dry_run)
    details = [
        *_rows(outcome, dry_run=dry_run),
        *_previews(outcome.summary, dry_run=dry_run),
        *_named(outcome, dry_run=dry_run),
    ]
    lines = [f"{ending}{_troubles(outcome)}."] if brief else [f"{ending}.", *details]
    if not (brief or cut_short):
        lines += _advice(outcome, dry_run=dry_run, part=part)
    return "\n".join(lines) + "\n"


def _ending(outcome: Outcome, *, dry_run: bool) -> str:
    summary = outcome.summary
    files, albums = plural(summary.moved, "file"), plural(summary.albums, "album")
    items, took = plural(summary.assets, "item"), duration(outcome.seconds)
    if dry_run:
        least = "at least " if summary.unsized else ""
        return f"Would copy {files} ({least}{amount(summary.bytes)}); checked {items} in {albums}"
    if not summary.moved:
        return f"Copied no files; checked {items} in {albums} in {took}"
    rate = amount(summary.bytes / outcome.seconds) if outcome.seconds else "0 B"
    return f"Copied {files} ({amount(summary.bytes)}) from {albums} in {took}, {rate}/s"


def _troubles(outcome: Outcome) -> str:
    summary = outcome.summary
    troubles = (
        (summary.failed, "failed"),
        (summary.not_updated, "not updated"),
        (summary.unavailable, "not available"),
        (summary.previews_failed, "previews failed"),
    )
    return "".join(f", {count:,} {text}" for count, text in troubles if count)


def _rows(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    summary = outcome.summary
    rows = (
        (summary.copied, "of these, collected from another album and not downloaded again"),
        (summary.referred, "of these, collected from another album and recorded as a reference to that file"),
        (summary.components, _components(summary, dry_run=dry_run)),
        (summary.skipped, "skipped (already copied)"),
        (summary.described, "metadata updated (title, caption or keywords changed)"),
        (summary.renamed, "renamed"),
        (summary.sidecars, "XMP sidecars to write" if dry_run else "XMP sidecars written"),
        (summary.gone, "no longer on SmugMug; kept"),
        (summary.unavailable, "not available from SmugMug"),
        (_unanswered(summary), "items whose files in SmugMug Source (such as RAW) SmugMug does not list"),
        (summary.failed, "failed"),
        (summary.not_updated, "copied, but metadata or name not updated"),
        (summary.left_out, _left_out(summary)),
        (summary.left, _left(summary)),
        (
            summary.more_files,
            "with more files in SmugMug Source (such as RAW): not copied; run it again with --raw auto",
        ),
    )
    yield from (f"  {count:>9,}  {text}" for count, text in rows if count)
    if summary.albums_left:
        items = plural(summary.albums_left_items, "item")
        yield f"  {plural(summary.albums_left, 'album')} not listed yet ({items}, as counted by SmugMug)."
    if summary.albums_left_out:
        yield f"  Excluded {plural(summary.albums_left_out, 'album')} by the filters."
    if summary.albums_unchanged:
        yield f"  Skipped {plural(summary.albums_unchanged, 'unchanged album')} (--full lists all again)."
    if summary.albums_incomplete:
        yield f"  {plural(summary.albums_incomplete, 'album or folder', 'albums or folders')} not listed completely:"
        yield from (f"    {sanitize(problem)}" for problem in summary.problems[:NAMED])
        if len(summary.problems) > NAMED:
            yield f"    and {len(summary.problems) - NAMED:,} more"


def _previews(summary: Summary, *, dry_run: bool) -> Iterator[str]:
    """The reduced pictures, which are in none of the other numbers."""
    size = amount(summary.previews_bytes)
    rows = (
        (summary.previews, f"previews to copy (about {size})" if dry_run else f"previews copied ({size})"),
        (summary.previews_needless, "previews not needed, since the pictures are not larger themselves"),
        (summary.previews_unavailable, "previews that SmugMug does not offer, or only with a watermark"),
        (summary.previews_failed, "previews failed"),
        (summary.previews_left, "previews left for the next run"),
    )
    yield from (f"  {count:>9,}  {text}" for count, text in rows if count)


def _unanswered(summary: Summary) -> int:
    return sum(summary.unanswered.values())


def _components(summary: Summary, *, dry_run: bool) -> str:
    """The files in SmugMug Source, which are among all other numbers, too."""
    moved = f"{summary.components_moved:,} {'to copy' if dry_run else 'copied'} ({amount(summary.components_bytes)})"
    lacking = f", {summary.components_unavailable:,} not available" if summary.components_unavailable else ""
    return f"of these, RAW and other files of SmugMug Source: {moved}{lacking}"


def _left_out(summary: Summary) -> str:
    """What the filters excluded, and how much of that only because its date or size is unknown."""
    lacking = [
        f"{count:,} of them {reason}"
        for count, reason in (
            (summary.left_out_undated, "have no such date"),
            (summary.left_out_unsized, "have no known size"),
        )
        if count
    ]
    return f"excluded by the filters{': ' if lacking else ''}{', '.join(lacking)}"


def _left(summary: Summary) -> str:
    """What was listed but not started."""
    large = f"; {summary.left_too_large:,} of them larger than --max-bytes" if summary.left_too_large else ""
    return f"left for the next run ({amount(summary.left_bytes)}{large})"


def _named(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    """What was not copied, grouped by reason; lines that scrolled by hours ago are forgotten."""
    summary = outcome.summary
    anything = bool(summary.unanswered)
    for state, title, count in (
        ("unavailable", "Not available:", summary.unavailable),
        ("failed", "Failed:", summary.failed),
        ("not updated", "Not updated:", summary.not_updated),
        ("preview failed", "Previews failed:", summary.previews_failed),
    ):
        items = [item for item in summary.items if item["state"] == state]
        if not items:
            continue
        anything = anything or state != "preview failed"  # `status` only knows files
        lines = _grouped(items, full_access=summary.full_access)
        yield title
        yield from (sanitize(line) for line, _ in lines[:NAMED])
        if rest := count - sum(files for _, files in lines[:NAMED]):
            yield f"  and {rest:,} more"
    if summary.unanswered:
        yield "Not answered:"
        for reason, count in summary.unanswered.items():
            yield sanitize(f"  {count:,} x {_cause('unavailable', reason, full_access=summary.full_access)}")
    if anything and not dry_run:
        yield "`smug2s3 status --failed` lists every file and what to do."


def _grouped(items: list[dict[str, str]], *, full_access: bool) -> list[tuple[str, int]]:
    """A line for every reason with its number of files, the most frequent first."""
    groups: dict[str, list[dict[str, str]]] = {}
    for item in items:
        groups.setdefault(_cause(item["state"], item["reason"], full_access=full_access), []).append(item)
    return [
        (
            f"  {len(same):,} x {cause}" if len(same) > 1 else f"  {same[0]['key']}: {attributed(same[0]['reason'])}",
            len(same),
        )
        for cause, same in sorted(groups.items(), key=lambda group: -len(group[1]))
    ]


def _cause(state: str, reason: str, *, full_access: bool) -> str:
    """The cause in short, with the HTTP status: ``SmugMug denied access (403)``; a refusal of all such files as it was."""
    cause = diagnosis("unavailable" if state == "unavailable" else "failed", reason, full_access=full_access).cause
    if is_refusal(reason):
        return f"{cause} ({attributed(reason.partition(' (')[2].removesuffix(')'))})"
    status = re.search(r"(?:\(|answered )([45]\d\d)\b", reason)
    return f"{cause} ({status[1]})" if status else cause


def _advice(outcome: Outcome, *, dry_run: bool, part: bool) -> Iterator[str]:
    """The reason, and on the last line what to do."""
    summary = outcome.summary
    if exit_code(outcome):
        yield "Run it again to retry; files that are already copied are skipped."
        yield f"Next: {again()}"
    elif dry_run:
        if summary.moved:
            yield "Nothing was changed."
            yield f"Next: {again(flag='--dry-run')}"
    elif summary.stopped == "until" and not summary.moved:
        yield "Nothing was copied before the time of --until; with --order, everything is listed first."
        yield f"Next: {again(option='--until')}"
    elif summary.stopped:
        yield f"Stopped as requested by --{summary.stopped}."
        yield f"Next: {again()}"
    elif summary.left:
        yield "The files that are left are larger than --max-bytes."
        yield f"Next: {again(option='--max-bytes')}"
    else:
        yield f"{_everything(summary, part=part)} has been copied, according to the ledger. Verify to confirm it."
        yield "Next: smug2s3 verify"


def _everything(summary: Summary, *, part: bool) -> str:
    """What a run without failures covered, and no more than that."""
    offered = "SmugMug offers" if summary.full_access else "this sign-in can see"
    beside = summary.more_files or summary.components_unavailable
    but = ", except those extra files," if beside else ", as far as it says," if summary.unanswered else ""
    return f"Everything {'you asked for' if part else offered}{but}"
