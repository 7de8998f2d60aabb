"""`smug2s3 verify`: lists and counts differences, writes a certificate if asked; exit code 1 if anything differs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.text import Text

from smug2s3.app.verify_runner import Depth, run_verify
from smug2s3.cli.console import (
    error_boundary,
    finished,
    put_json,
    put_text,
    say,
    talk,
    watched,
)
from smug2s3.cli.needed import existing_ledger, settings_for
from smug2s3.engine.report import KINDS, OneByOne, Report, named, tally
from smug2s3.errors import UsageError
from smug2s3.reporting.amounts import amount, amounts, plural, roughly
from smug2s3.reporting.atomic_write import refuse_unwritable, replacing
from smug2s3.reporting.certificate import Certificate, certificate_text
from smug2s3.reporting.events import EventReporter, Weight
from smug2s3.reporting.lines import EVERY, Lines
from smug2s3.reporting.names import sanitize, truncate
from smug2s3.rules.components import summarized
from smug2s3.rules.evidence import State
from smug2s3.rules.preview_keys import Size

NAMED = 10
"""How many of each kind are listed; what is not copied yet may be a whole account."""

MUCH = 16
"""Columns below which a file's name would be too short to be of use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one call."""

    offline: bool = False
    head: bool = False
    deep: bool = False
    sample: float | None = None
    source: bool = False
    repair: bool = False
    combined: str | None = None
    certificate: str | None = None
    accept_unavailable: bool = False
    accept_count: bool = False
    strict: bool = False
    json: bool = False


def verify(options: Options) -> None:
    """Run the command."""
    report = Report()
    certificates: list[Certificate] = []

    def on_error(message: str, code: int) -> None:
        report.verdict = None  # a failed command has no verdict
        if options.json:
            put_json(document(report) | {"error": message, "exit_code": code})

    with error_boundary(on_error):
        depth = _depth(options)
        settings = settings_for(*["smugmug"] * depth.source, *[] if depth.offline else ["store"])
        existing_ledger(settings)

        async def work() -> None:
            with watching(report) as advance:
                event_reporter = EventReporter(Lines(say, least=Weight.NOTE, dated=not watched()).on_event)
                await run_verify(
                    settings, report, depth, advance=advance, reporter=event_reporter, certify=certificates.append
                )

        finished(work)
        for certificate in certificates:
            with replacing(Path(options.certificate or "")) as file:
                file.write(certificate_text(certificate))
    _show(options, report)
    raise typer.Exit(0 if report.passed else 1)


def _show(options: Options, report: Report) -> None:
    if options.json:
        put_json(document(report))
        return
    put_text(report_text(report, combined=options.combined, onward=options.certificate is None))
    if options.certificate:
        say(f"Wrote the certificate to {options.certificate}.")


@contextmanager
def watching(report: Report) -> Iterator[Callable[[str], None]]:
    """Show progress and the current file: on a terminal in one line, elsewhere a line a minute."""
    if watched():
        with talk.status("verifying") as status:
            yield lambda text: status.update(_now(report, text, talk.width - 4))
        return
    lines = Lines(say)
    due = time.monotonic() + EVERY

    def say_now_and_then(text: str) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + EVERY
            lines.say(sanitize(f"{_so_far(report)}{text}"))

    yield say_now_and_then


def _now(report: Report, text: str, columns: int) -> Text:
    so_far = _so_far(report)
    left = columns - len(so_far)
    return Text(
        f"{so_far}{truncate(text, left)}"
        if left >= MUCH
        else truncate(so_far.removesuffix(" · ") or text, max(columns, 10))
    )


def _so_far(report: Report) -> str:
    parts = [f"{report.found_wrong:,} differ"] if report.found_wrong else []
    if report.under_way and report.under_way.objects_done:
        parts += _far(report.under_way)
    else:
        parts += [f"{report.heads:,} checked"] if report.heads else []
        parts += [f"{report.read_back:,} read back ({amount(report.read_bytes)})"] if report.read_back else []
    parts += [f"{plural(len(report.albums), 'album')} compared"] if report.albums else []
    return "".join(f"{part} · " for part in parts)


def _far(one_by_one: OneByOne) -> Iterator[str]:
    """The number of files done, of all, and the time left."""
    read = f" read back ({amounts(one_by_one.bytes_done, one_by_one.bytes)})" if one_by_one.bytes else " checked"
    yield f"{one_by_one.objects_done:,} of {one_by_one.objects:,}{read}"
    yield f"{int(one_by_one.share * 100)} %"
    left = one_by_one.seconds_left()
    if left is not None:
        yield f"{roughly(left)} left"


def document(report: Report) -> dict[str, object]:
    """The report as ``verify --json`` gives it."""
    said = report.verdict
    return {
        **tally(report),
        "unavailable": len(report.unavailable),
        "heads": report.heads,
        "read_back": report.read_back,
        "read_bytes": report.read_bytes,
        "source_albums": len(report.albums),
        "source_assets": report.source_assets,
        "source_components": report.components.total(),
        "source_unanswered": report.unanswered,
        "previews": report.previews,
        "previews_wrong": report.previews_wrong,
        "partial": report.partial,
        "queued": report.queued,
        "beyond_repair": [{"key": key, "reason": reason} for key, reason in report.beyond_repair],
        "differences": named(report.differences + (report.extra if report.strict else [])),
        "extra_objects": report.strangers,
        "archived_objects": [{"key": key, "reason": reason} for key, reason in report.archived],
        "unavailable_items": [{"key": label, "reason": reason} for label, reason in report.unavailable],
        **({"safe_to_cancel": said.safe, "verdict": said.sentence, "verdict_kind": said.kind} if said else {}),
    }


def report_text(report: Report, *, combined: str | None = None, onward: bool = True) -> str:
    """The differences, one per line, then the counts, then one sentence on what to do.

    ``combined``: the file that lists everything; ``onward``: whether to print the next step.
    """
    lines = [*_names(report, combined), *_looked_at(report)]
    lines += _some([f"Cannot repair: {key}: {reason}." for key, reason in report.beyond_repair], "")
    lines += _ending(report, onward=onward)
    return "\n".join(sanitize(line) for line in lines) + "\n"


def _names(report: Report, combined: str | None) -> Iterator[str]:
    """The first of each kind, and where all of them are listed."""
    kinds: dict[str, list[str]] = {}
    for one in (*report.differences, *report.extra):
        kinds.setdefault(one.kind, []).append(f"{one.kind:<12} {one.key}: {one.detail}")
    given = f"all are in {combined}" if combined else "add `--combined FILE` to write all to a file"
    for kind, lines in kinds.items():
        waiting = kind == State.NOT_MOVED.kind and report.unmoved == len(report.differences)
        yield from _some(lines, "`smug2s3 ledger export` lists all" if waiting and not combined else given)
    unavailable = [f"{'unavailable':<12} {label}: {reason}" for label, reason in summarized(report.unavailable)]
    yield from _some(unavailable, "`smug2s3 status --failed` lists all")
    yield from _some([f"{'archived':<12} {key}: {reason}" for key, reason in report.archived], "`--json` lists all")


def _some(lines: list[str], rest: str) -> Iterator[str]:
    """The first of them, then how many more there are and where they are listed."""
    yield from lines[:NAMED]
    if len(lines) > NAMED:
        yield f"{'':<12} and {len(lines) - NAMED:,} more{'; ' if rest else ''}{rest}"


def _looked_at(report: Report) -> Iterator[str]:
    """What this verification checked, and no more."""
    counts = tally(report)
    found = ", ".join(
        f"{number:,} {kind}"
        for kind in (*KINDS, "extra")
        if (number := counts[kind.replace(" ", "_")]) or kind in ("missing", "different")
    )
    if report.asked_store:
        yield f"Checked {plural(counts['checked'], 'object')}: {counts['ok']:,} as recorded, {found}."
    else:
        yield f"Checked the ledger only: {plural(counts['ok'], 'object')} copied, {found}."
    if report.previews:
        right = report.previews - report.previews_wrong
        yield f"Of these, {plural(report.previews, 'preview')} for viewing: {right:,} as recorded."
    if report.heads:
        yield f"Checked the metadata of {plural(report.heads, 'object')}."
    if report.read_back:
        yield f"Read back and hashed {plural(report.read_back, 'object')} ({amount(report.read_bytes)})."
    if report.archived:
        yield f"Could not read back {plural(len(report.archived), 'archived object')}: the listing proves them."
    if report.account:
        albums, items = plural(len(report.albums), "album"), plural(report.source_assets, "item")
        raw = report.components.total()
        beside = f", {plural(raw, 'file')} in SmugMug Source" if raw else ""
        yield f"Compared with SmugMug: {albums}, {items}{beside}."
    yield from (f"Note: {note}." for note in report.notes)


def _ending(report: Report, *, onward: bool) -> Iterator[str]:
    if report.queued:
        files, run = plural(report.queued, "file"), _sync(report)
        yield f"Queued for the next sync: {files}. Run `smug2s3 {run}`, then verify again."
    if report.verdict:
        yield report.verdict.sentence
    elif not report.queued:
        yield _advice(report)
    if onward and (step := _next(report)):
        yield f"Next: smug2s3 {step}"


def _next(report: Report) -> str:
    """The next command; empty if the sentence before says what to do first."""
    if report.verdict and not report.verdict.safe:
        return ""
    if report.queued:
        return _sync(report)
    if report.unmoved == len(report.differences) > 0 or (report.partial and report.passed):
        return "sync"
    if not report.passed:
        return "" if report.checked else "sync"
    return "verify --certificate certificate.txt" if report.asked_store else "verify"


def _sync(report: Report) -> str:
    """The command that copies what is queued, with the options that write the kinds among it."""
    beside = " --sidecars xmp" if report.queued_sidecars else ""
    sizes = [size for size in Size if size in report.queued_previews]
    return f"sync{beside}" + (f" --previews {','.join(sizes)}" if sizes else "")


def _advice(report: Report) -> str:
    if not report.checked and not report.unavailable:
        return "Nothing to verify: no file has been copied yet. Run `smug2s3 sync` first."
    return _all_well(report) if report.clean else _to_mend(report)


def _to_mend(report: Report) -> str:
    if report.unmoved and report.unmoved == len(report.differences):
        return f"Not copied or updated yet: {plural(report.unmoved, 'file')}. Run `smug2s3 sync`, then verify again."
    if not report.beyond_repair and any(report.count(kind) for kind in ("missing", "different", "pending")):
        return "Differences found. Add `--repair` to queue them for the next `smug2s3 sync`."
    if report.count("unverifiable"):
        return "Not everything is proven. Run `smug2s3 verify --deep` to read back what the listing cannot prove."
    return "Differences found. Review the items listed above."


def _all_well(report: Report) -> str:
    """The result, claiming no more than was checked."""
    part = (
        " But no sync has covered the whole account yet: run `smug2s3 sync`, or `smug2s3 verify --source` to see "
        "what is missing."
    ) * report.partial
    if not report.asked_store:
        return f"Nothing left to copy, according to the ledger. Run `smug2s3 verify` to check the stored files.{part}"
    but = ", except what is not available from SmugMug (listed above)" * bool(report.unavailable)
    today = " Run `smug2s3 verify --source` to compare with what SmugMug has today."
    return f"Everything in the ledger is stored as recorded{but}.{part or today}"


def _depth(options: Options) -> Depth:
    online = options.head or options.deep or options.source or options.certificate or options.combined or options.strict
    if options.offline and online:
        raise UsageError("--offline checks the ledger only, so it cannot be combined with other checks")
    if (options.accept_unavailable or options.accept_count) and not (options.source or options.certificate):
        raise UsageError("--accept-unavailable and --accept-count need --source or --certificate FILE")
    return Depth(
        offline=options.offline,
        heads=options.head,
        deep=_share(deep=options.deep, sample=options.sample),
        source=options.source or options.certificate is not None,
        repair=options.repair,
        combined=_new_file(options.combined),
        certify=_new_file(options.certificate) is not None,
        accept_unavailable=options.accept_unavailable,
        accept_count=options.accept_count,
        strict=options.strict,
    )


def _share(*, deep: bool, sample: float | None) -> float:
    if sample is None:
        return 1.0 if deep else 0.0
    if not deep or not 0 < sample <= 100:
        raise UsageError(
            "--sample needs --deep and a percentage above 0 and up to 100",
            hint="For example: `smug2s3 verify --deep --sample 5`",
        )
    return sample / 100


def _new_file(name: str | None) -> Path | None:
    """Raises UsageError at the start, not after an hour of checking."""
    if name is None:
        return None
    refuse_unwritable(Path(name))
    return Path(name)
