"""The result of a `get`: as text for people, and in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

from smug2s3.app.get_runner import GetOutcome
from smug2s3.cli.console import NAMED, interrupted
from smug2s3.cli.settings_file import again
from smug2s3.engine.get_summary import GetSummary
from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.names import attributed, sanitize

_TITLES = {
    "failed": "Failed:",
    "archived": "In an archive storage class:",
    "renamed": "Under another name:",
    "kept": "Other files had these names:",
}


def exit_code(outcome: GetOutcome) -> int:
    """1 if another run is needed."""
    summary = outcome.summary
    return 1 if summary.failed or summary.archived or summary.problems else 0


def sentence(outcome: GetOutcome, code: int, error: str = "", *, dry_run: bool = False) -> str:
    """The whole run on one line."""
    how = "completed with problems" if code else "completed"
    if interrupted(code):
        how = "interrupted"
    elif error:
        how = f"stopped by an error ({error})"
    summary = outcome.summary
    skipped = f", {summary.skipped:,} skipped" if summary.skipped else ""
    copied = f"{summary.copied:,} {'to copy' if dry_run else 'copied'} ({amount(summary.bytes)})"
    return f"{how}; {copied}{skipped}{_troubles(summary)} in {duration(outcome.seconds)}"


def summary_text(outcome: GetOutcome, *, dry_run: bool, cut_short: bool = False, brief: bool = False) -> str:
    """The summary for people.

    ``cut_short``: the run was stopped early; ``brief``: only the first line.
    """
    summary = outcome.summary
    ending = _ending(outcome, dry_run=dry_run)
    if brief:
        return f"{ending}{_troubles(summary)}.\n"
    lines = [f"{ending}.", *_rows(summary), *_named(summary)]
    if not cut_short:
        lines += _advice(outcome, dry_run=dry_run)
    return "\n".join(lines) + "\n"


def _ending(outcome: GetOutcome, *, dry_run: bool) -> str:
    summary = outcome.summary
    files, albums = plural(summary.copied, "file"), plural(summary.albums, "album")
    if dry_run:
        return f"Would copy {files} ({amount(summary.bytes)}) from {albums}"
    if not summary.copied:
        return f"Copied no files; checked {plural(summary.files, 'file')} of {albums} in {duration(outcome.seconds)}"
    rate = amount(summary.bytes / outcome.seconds) if outcome.seconds else "0 B"
    zips = f" to {plural(summary.zips, 'ZIP')}" if summary.zips else ""
    took = duration(outcome.seconds)
    return f"Copied {files} ({amount(summary.bytes)}) from {albums}{zips} in {took}, {rate}/s{_proven(summary)}"


def _proven(summary: GetSummary) -> str:
    if summary.unrecorded >= summary.files:
        return ""
    return "; every recorded MD5 is right" if summary.unrecorded else "; every MD5 is right"


def _troubles(summary: GetSummary) -> str:
    troubles = ((summary.failed, "failed"), (summary.archived, "in an archive storage class"))
    return "".join(f", {count:,} {text}" for count, text in troubles if count)


def _rows(summary: GetSummary) -> Iterator[str]:
    rows = (
        (summary.sidecars, "XMP sidecars"),
        (summary.linked, "of these, in more than one album: hard links to the first file"),
        (summary.skipped, "skipped (already there, with the right bytes)"),
        (
            summary.unrecorded,
            "whose MD5 is recorded nowhere: only what the server itself says of their bytes was compared",
        ),
        (summary.renamed, "under another name than in the archive"),
        (summary.kept, "other files had the names of these, and were renamed"),
        (summary.lacking, "of these albums' items are not stored, so there is nothing to copy"),
        (summary.left_out, _left_out(summary)),
        (summary.failed, "failed"),
        (summary.archived, "in an archive storage class: they must be restored before they can be read"),
    )
    yield from (f"  {count:>9,}  {text}" for count, text in rows if count)
    if summary.albums_left_out:
        yield f"  Excluded {plural(summary.albums_left_out, 'album')} by the filters."
    if summary.problems:
        yield f"  {plural(len(summary.problems), 'problem')} with what describes the albums:"
        yield from (f"    {sanitize(problem)}" for problem in summary.problems[:NAMED])
        if len(summary.problems) > NAMED:
            yield f"    and {len(summary.problems) - NAMED:,} more"


def _left_out(summary: GetSummary) -> str:
    lacking = [
        f"{count:,} of them {reason}"
        for count, reason in (
            (summary.left_out_undated, "have no such date"),
            (summary.left_out_unsized, "have no known size"),
        )
        if count
    ]
    return f"excluded by the filters{': ' if lacking else ''}{', '.join(lacking)}"


def _named(summary: GetSummary) -> Iterator[str]:
    for state, title in _TITLES.items():
        items = [item for item in summary.items if item["state"] == state]
        if items:
            yield title
            yield from (sanitize(f"  {item['path']}: {attributed(item['reason'])}") for item in items[:NAMED])
            if rest := getattr(summary, state) - len(items[:NAMED]):
                yield f"  and {rest:,} more"


def _advice(outcome: GetOutcome, *, dry_run: bool) -> Iterator[str]:
    """The reason, and on the last line what to do."""
    summary = outcome.summary
    if dry_run:
        if summary.copied:
            yield "Nothing was changed."
            yield f"Next: {again(flag='--dry-run')}"
    elif summary.archived and not summary.failed:
        yield from _about_archived(summary)
    elif exit_code(outcome):
        if summary.problems:
            yield "`smug2s3 sync --full` writes a damaged or missing `_album.json` again; without SmugMug, copy its folder with another S3 program."
        yield from _about_failed([item for item in summary.items if item["state"] == "failed"])
        yield f"Next: {again()}"


def _about_failed(items: list[dict[str, str]]) -> Iterator[str]:
    """What to do first, where another try alone does not help."""
    advice = dict.fromkeys(item["advice"] for item in items if "advice" in item)
    yield from list(advice)[:NAMED]
    then = "Then run it again" if advice and all("advice" in item for item in items) else "Run it again to retry"
    yield f"{then}; files that are already there are skipped."


def _about_archived(summary: GetSummary) -> Iterator[str]:
    if summary.restoring:
        files = plural(summary.restoring, "file")
        yield f"The server was asked to restore {files}, which takes hours; they stay readable for a week. Then run it again."
        yield f"Next: {again()}"
    else:
        yield "Have them restored: bulk is the cheapest and takes up to 48 hours, standard up to 12."
        yield f"Next: {again(option='--restore-tier')} --restore-tier bulk"
