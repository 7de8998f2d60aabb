"""`smug2s3 verify`: names every difference, counts them, certifies if asked, and says so in its exit code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.text import Text

from smug2s3.app.proving import Depth, run_verify
from smug2s3.cli.console import ending_well, environment, finished, put_json, put_text, say, talk, watched
from smug2s3.engine.verify import Report, tally
from smug2s3.errors import UsageError
from smug2s3.reporting.amounts import amount, plural
from smug2s3.reporting.certificate import Certificate, certificate_text, verdict
from smug2s3.reporting.drafts import refuse_unwritable, replacing
from smug2s3.reporting.events import Teller, Weight
from smug2s3.reporting.lines import EVERY, Lines
from smug2s3.reporting.names import fitted, harmless
from smug2s3.settings import load

MUCH = 16
"""Columns below which the name of what is looked at says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of one call."""

    offline: bool = False
    head: bool = False
    deep: bool = False
    sample: float | None = None
    source: bool = False
    repair: bool = False
    combined: str | None = None
    certificate: str | None = None
    json: bool = False


def verify(wishes: Wishes) -> None:
    """The whole command."""
    report = Report()
    certificates: list[Certificate] = []

    def on_error(message: str, code: int) -> None:
        if wishes.json:
            put_json(document(report) | {"error": message, "exit_code": code})

    with ending_well(on_error):
        depth = _depth(wishes)
        needs = frozenset({"smugmug"} if depth.source else ()) | frozenset(() if depth.offline else {"store"})
        settings = load(environment(), needs=needs)

        async def work() -> None:
            with watching(report) as advance:
                teller = Teller(Lines(say, least=Weight.NOTE, dated=not watched()).hear)
                await run_verify(settings, report, depth, advance=advance, reporter=teller, certify=certificates.append)

        finished(work)
        for certificate in certificates:
            with replacing(Path(wishes.certificate or "")) as file:
                file.write(certificate_text(certificate))
    _tell(wishes, report, certificates)
    raise typer.Exit(0 if report.clean else 1)


def _tell(wishes: Wishes, report: Report, certificates: list[Certificate]) -> None:
    verdicts = [verdict(certificate) for certificate in certificates]
    if wishes.json:
        certified = {"safe_to_cancel": verdicts[0][0], "verdict": verdicts[0][1]} if verdicts else {}
        put_json(document(report) | certified)
        return
    put_text(report_text(report))
    for _, sentence in verdicts:
        put_text(f"{sentence}\n")
        say(f"The certificate is in {wishes.certificate}.")


@contextmanager
def watching(report: Report) -> Iterator[Callable[[str], None]]:
    """How far it is and what is being looked at: on a terminal a line that changes, elsewhere one a minute."""
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
            lines.say(harmless(f"{_so_far(report)}{text}"))

    yield say_now_and_then


def _now(report: Report, text: str, columns: int) -> Text:
    so_far = _so_far(report)
    room = columns - len(so_far)
    return Text(
        f"{so_far}{fitted(text, room)}"
        if room >= MUCH
        else fitted(so_far.removesuffix(" · ") or text, max(columns, 10))
    )


def _so_far(report: Report) -> str:
    parts = [f"{len(report.differences):,} differ"] if report.differences else []
    parts += [f"{report.heads:,} asked for"] if report.heads else []
    parts += [f"{report.read_back:,} read back ({amount(report.read_bytes)})"] if report.read_back else []
    parts += [f"{plural(len(report.albums), 'album')} compared"] if report.albums else []
    return "".join(f"{part} · " for part in parts)


def document(report: Report) -> dict[str, object]:
    """The report as ``verify --json`` gives it."""
    return {
        **tally(report),
        "unavailable": len(report.unavailable),
        "heads": report.heads,
        "read_back": report.read_back,
        "read_bytes": report.read_bytes,
        "source_albums": len(report.albums),
        "source_assets": report.source_assets,
        "partial": report.partial,
        "queued": report.queued,
        "beyond_repair": [{"key": key, "reason": reason} for key, reason in report.beyond_repair],
        "differences": [{"kind": d.kind, "key": d.key, "detail": d.detail} for d in report.differences],
        "unavailable_items": [{"key": label, "reason": reason} for label, reason in report.unavailable],
    }


def report_text(report: Report) -> str:
    """Every difference on a line, then the counts, then one sentence to act on."""
    lines = [f"{d.kind:<12} {d.key}: {d.detail}" for d in report.differences]
    lines += [f"{'unavailable':<12} {label}: {reason}" for label, reason in report.unavailable]
    counts = tally(report)
    found = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("missing", "different", "extra", "unverifiable"))
    lines.append(f"Checked {plural(counts['checked'], 'object')}: {counts['ok']:,} as recorded, {found}.")
    if report.heads:
        lines.append(f"Looked at the metadata of {plural(report.heads, 'object')}.")
    if report.read_back:
        lines.append(f"Read back and hashed {plural(report.read_back, 'object')} ({amount(report.read_bytes)}).")
    if report.albums:
        albums, items = plural(len(report.albums), "album"), plural(report.source_assets, "item")
        lines.append(f"Compared with SmugMug: {albums}, {items}.")
    lines += [f"Beyond repair: {key}: {reason}." for key, reason in report.beyond_repair]
    lines.append(_advice(report))
    return "\n".join(harmless(line) for line in lines) + "\n"


def _advice(report: Report) -> str:
    if report.queued:
        return f"Put down for the next run: {plural(report.queued, 'file')}. Run `smug2s3 sync`, then verify again."
    if not report.checked and not report.unavailable:
        return "The ledger knows of no file yet, so nothing is proven: run `smug2s3 sync` first."
    if report.unmoved and report.unmoved == len(report.differences):
        return f"Not moved yet: {plural(report.unmoved, 'file')}. Run `smug2s3 sync`, then verify again."
    if (report.count("missing") or report.count("different")) and not report.beyond_repair:
        return "Not everything is as it should be. `smug2s3 verify --repair` has the next sync move it again."
    if not report.clean:
        return "Not everything is as it should be; what is named above needs your eyes."
    return _all_well(report)


def _all_well(report: Report) -> str:
    if report.partial and report.account is None:
        return (
            "Everything the ledger knows of is in the store, as recorded. But no sync has gone through the whole account "
            "yet: run `smug2s3 sync`, or `smug2s3 verify --source` to see what is not moved."
        )
    if report.unavailable:
        return "Everything SmugMug could give is in the store, as recorded; what it could not is named above."
    return "Everything is in the store, as recorded."


def _depth(wishes: Wishes) -> Depth:
    online = wishes.head or wishes.deep or wishes.source or wishes.certificate or wishes.combined
    if wishes.offline and online:
        raise UsageError("--offline looks at the ledger alone, so no other level goes with it")
    return Depth(
        offline=wishes.offline,
        heads=wishes.head,
        deep=_share(deep=wishes.deep, sample=wishes.sample),
        source=wishes.source or wishes.certificate is not None,
        repair=wishes.repair,
        combined=_new_file(wishes.combined),
        certify=_new_file(wishes.certificate) is not None,
    )


def _share(*, deep: bool, sample: float | None) -> float:
    if sample is None:
        return 1.0 if deep else 0.0
    if not deep or not 0 < sample <= 100:
        raise UsageError(
            "--sample is a percentage above 0 and up to 100, together with --deep",
            hint="For example: smug2s3 verify --deep --sample 5",
        )
    return sample / 100


def _new_file(name: str | None) -> Path | None:
    """Refused before anything is looked at, not after an hour of looking."""
    if name is None:
        return None
    refuse_unwritable(Path(name))
    return Path(name)
