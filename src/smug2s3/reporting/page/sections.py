"""The contents of the page's sections, as plain data for their templates; an empty section is not shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.page.plots import plots, undated
from smug2s3.reporting.page.words import clock
from smug2s3.rules.overview import EXAMPLES, FileState, Overview, last_ended
from smug2s3.rules.status import PastRun, ending
from smug2s3.rules.verification import Verification

DIFFERENCES_SHOWN = 200

LEVELS = {
    "ledger": "Checked the ledger only: was everything copied?",
    "listing": "Compared every file with the listing: is it there, with the right size and checksum?",
    "head": "Checked the metadata of every stored file",
    "deep": "Read files back and checked every byte",
    "source": "Listed SmugMug again and compared with what it has today",
}

KINDS = {
    "ok": "as recorded",
    "missing": "missing",
    "different": "changed",
    "pending": "with metadata changed on SmugMug",
    "unverifiable": "that could not be verified",
    "not_shown": "not listed completely by SmugMug",
    "extra": "not from smug2s3",
    "unavailable": "not available from SmugMug",
}
DIFFERING = ("missing", "different", "pending", "unverifiable", "not_shown")
"""The kinds that are problems."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The preview inside a stored photo."""

    name: str
    jpeg: bytes
    orientation: int
    """EXIF orientation, 1 to 8."""

    @property
    def encoded(self) -> str:
        """Base64, for a ``data:`` URL."""
        return base64.b64encode(self.jpeg).decode()


def figures(overview: Overview) -> list[tuple[str, str, str]]:
    """The main figures: label, number, and a remark in small type."""
    totals = overview.totals
    years = [year.year for year in overview.years if year.year is not None]
    least = "at least " if totals.undescribed else ""
    kinds = f"with {least}{plural(totals.videos, 'video')}" if totals.videos else ""
    found = [
        ("Files copied", f"{totals.stored:,}", kinds),
        ("Total size", amount(totals.stored_size), ""),
        ("Albums", f"{totals.albums:,}", ""),
        ("Still missing", f"{totals.missing:,}", ""),
        ("Not available", f"{totals.files.get(FileState.UNAVAILABLE, 0):,}", ""),
    ]
    if overview.components[0]:
        found.append(("RAW files and the like", f"{overview.components[0]:,}", amount(overview.components[1])))
    if overview.unanswered:
        found.append(("RAW files not known", f"{overview.unanswered:,}", "items: SmugMug does not list these files"))
    if overview.previews[0]:
        found.append(("Previews besides", f"{overview.previews[0]:,}", amount(overview.previews[1])))
    if kept := totals.files.get(FileState.KEPT, 0):
        found.append(("No longer on SmugMug", f"{kept:,}", "kept"))
    if years:
        span = f"{years[0]}\N{EN DASH}{years[-1]}" if years[0] != years[-1] else f"{years[0]}"
        found.append(("Years", span, ""))
    return found


def unlisted(overview: Overview) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What SmugMug did not list completely, by the ledger's counts and the problems of the last run, with a remark each."""
    short = [
        (path, f"SmugMug counts {counted:,} but listed {known:,}")
        for path, counted, known in overview.short_albums[:EXAMPLES]
    ]
    last = last_ended(overview.runs)
    problems = (last.summary.get("problems", []) if last else [])[:EXAMPLES]
    return short, [(problem, "") for problem in problems]


def proof(last: Verification, later: int) -> dict[str, Any]:
    """The result of the last verification; ``later`` files were copied since then."""
    wrong = sum(last.counts.get(kind, 0) for kind in DIFFERING)
    said = "Everything was as recorded." if last.clean else f"{plural(wrong, 'difference')} found."
    return {
        "severity": "good" if (last.clean if last.safe is None else last.safe) else "bad",
        "sentence": last.verdict or said,
        "ended": last.ended,
        "later": later,
        "checks": [(LEVELS.get(level.partition(":")[0], level), _extent(level, last.counts)) for level in last.levels],
        "found": ", ".join(f"{last.counts.get(kind, 0):,} {words}" for kind, words in KINDS.items()),
        "differences": last.differences[:DIFFERENCES_SHOWN],
        "rest": max(wrong - DIFFERENCES_SHOWN, 0),
    }


def _extent(level: str, counts: Mapping[str, int]) -> str:
    if level.startswith("deep"):
        share = level.partition(":")[2]
        part = f" ({share} % of them)" if share else ""
        return f"{counts.get('read_back', 0):,}{part}, {amount(counts.get('read_bytes', 0))}"
    name_of = {"head": "heads", "source": "source_assets"}.get(level, "checked")
    return f"{counts.get(name_of, 0):,}"


def run_cells(run: PastRun) -> tuple[str, ...]:
    """One run as a row of the table."""
    summary = run.summary
    if not summary:
        return (clock(run.began), *["-"] * 5, "crashed or killed, or still running")
    size, seconds = summary.get("bytes", 0), summary.get("seconds", 0.0)
    speed = f"{amount(size / seconds)}/s" if size and seconds else "-"
    part = ", part of the account only" if summary.get("part") else ""
    counts = f"{summary.get('moved', 0):,}", amount(size), speed, f"{summary.get('failed', 0):,}"
    return (clock(run.began), duration(seconds), *counts, ending(run, running=False) + part)


def shown(overview: Overview, samples: Iterable[Sample]) -> dict[str, Any]:
    """All sections, by the names in the templates."""
    short, problems = unlisted(overview)
    return {
        "figures": figures(overview),
        "missing": [one for one in overview.unmoved if not one.unavailable],
        "unavailable": [one for one in overview.unmoved if one.unavailable],
        "short": short,
        "problems": problems,
        "samples": list(samples),
        "charts": list(plots(overview)),
        "undated": undated(overview),
        "proof": overview.verification and proof(overview.verification, overview.stored_since),
        "runs": [run_cells(run) for run in overview.runs],
    }
