"""The parts of the page that are text and tables, one function each; an empty part is an empty string."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from smug2s3.models import Verification
from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.names import attributed
from smug2s3.reporting.page.charts import figure
from smug2s3.reporting.page.plots import plots, undated
from smug2s3.reporting.page.words import clock, day, marked, name, safe
from smug2s3.rules.assessment import Assessment
from smug2s3.rules.overview import EXAMPLES, FileState, Overview, Unmoved, last_ended
from smug2s3.rules.status import PastRun, ending

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
"""Of these, what is not as it should be."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The small picture that a stored photo carries within it."""

    name: str
    jpeg: bytes
    orientation: int
    """As EXIF has it, 1 to 8."""


def verdict(assessment: Assessment, overview: Overview) -> str:
    """The verdict and the figures one looks for first."""
    advice = f'<p class="advice"><strong>Next:</strong> {marked(assessment.advice)}</p>' if assessment.advice else ""
    return (
        f'<section class="verdict {assessment.severity}" aria-labelledby="verdict"><h2 id="verdict">{safe(assessment.sentence)}'
        f'</h2><p class="lead">{safe(assessment.detail)}</p>{advice}<dl class="figures">{_figures(overview)}</dl></section>'
    )


def _figures(overview: Overview) -> str:
    totals = overview.totals
    years = [year.year for year in overview.years if year.year is not None]
    least = "at least " if totals.undescribed else ""
    kinds = f"with {least}{plural(totals.videos, 'video')}" if totals.videos else ""
    kept = totals.files.get(FileState.KEPT, 0)
    found = [
        ("Files copied", f"{totals.stored:,}", kinds),
        ("Total size", amount(totals.stored_size), ""),
        ("Albums", f"{totals.albums:,}", ""),
        ("Still missing", f"{totals.missing:,}", ""),
        ("Not available", f"{totals.files.get(FileState.UNAVAILABLE, 0):,}", ""),
    ]
    if kept:
        found.append(("No longer on SmugMug", f"{kept:,}", "kept"))
    if years:
        found.append(("Years", f"{years[0]}\N{EN DASH}{years[-1]}" if years[0] != years[-1] else f"{years[0]}", ""))
    return "".join(
        f"<div><dt>{safe(what)}</dt><dd>{safe(value)}{f'<small>{safe(more)}</small>' if more else ''}</dd></div>"
        for what, value, more in found
    )


def missing(overview: Overview) -> str:
    """The failures, by cause, each with what to do."""
    found = [one for one in overview.unmoved if not one.unavailable]
    lead = "These files are on SmugMug but were not copied yet. Each cause says what to do."
    return _section("missing", "What is missing", lead, "".join(_cause(one, "bad") for one in found))


def unavailable(overview: Overview) -> str:
    """What is not available from SmugMug."""
    found = [one for one in overview.unmoved if one.unavailable]
    lead = "SmugMug lists these files but offers no original. They do not count as missing."
    return _section("unavailable", "Not available from SmugMug", lead, "".join(_cause(one, "care") for one in found))


def _cause(unmoved: Unmoved, severity: str) -> str:
    rest = unmoved.count - len(unmoved.examples)
    more = (
        f"<li>… and {plural(rest, 'more file')}: filter with “Show” in the list of albums below.</li>" if rest else ""
    )
    names = "".join(
        f"<li>{name(file)} <small>in {name(album)}{f': {safe(attributed(reason))}' if reason else ''}</small></li>"
        for album, file, reason in unmoved.examples
    )
    return (
        f'<div class="card cause {severity}"><h3><span>{plural(unmoved.count, "file")}:</span> {safe(unmoved.diagnosis.cause)}</h3>'
        f"<p>{marked(unmoved.diagnosis.advice)}</p><details><summary>Show files</summary>"
        f'<ul class="names" tabindex="0">{names}{more}</ul></details></div>'
    )


def unlisted(overview: Overview) -> str:
    """Albums that SmugMug did not show in full."""
    short = [
        f"<li>{name(path)} <small>SmugMug counts {counted:,}, it listed {known:,}</small></li>"
        for path, counted, known in overview.short_albums[:EXAMPLES]
    ]
    last = last_ended(overview.runs)
    told = [f"<li>{name(problem)}</li>" for problem in (last.summary.get("problems", []) if last else [])[:EXAMPLES]]
    lists = "".join(
        f'<div class="card"><h3>{title}</h3><ul class="names" tabindex="0">{"".join(lines)}</ul></div>'
        for title, lines in (("Fewer files than SmugMug counts", short), ("Problems in the last run", told))
        if lines
    )
    lead = "Files that SmugMug does not list cannot be copied. Check these albums on SmugMug, then run `smug2s3 sync --full`."
    return _section("unlisted", "Albums that were not listed completely", lead, lists)


def proof(overview: Overview, place: str) -> str:
    """What the last verification found."""
    last = overview.verification
    if last is None:
        body = (
            '<div class="card"><p>Not verified since the last transfer. '
            "Run <code>smug2s3 verify</code>, then create this report again.</p></div>"
        )
        return _section("proof", "Proof", f"Every file was checked while it was copied to the {place}.", body)
    wrong = sum(last.counts.get(kind, 0) for kind in DIFFERING)
    said = last.verdict or ("Everything was as recorded." if last.clean else f"{plural(wrong, 'difference')} found.")
    severity = "good" if (last.clean if last.safe is None else last.safe) else "bad"
    body = (
        f'<div class="card cause {severity}"><h3>{safe(said)}</h3><p class="note">{safe(clock(last.ended))} UTC'
        f"{_later(overview.stored_since)}</p>{_checks(last)}{_differences(last)}</div>"
    )
    return _section("proof", "Proof", "What the last `smug2s3 verify` checked, and what it found.", body)


def _later(files: int) -> str:
    return f"; {plural(files, 'file')} copied since then" if files else ""


def _checks(last: Verification) -> str:
    counts = last.counts
    rows = [(LEVELS.get(level.partition(":")[0], level), _extent(level, counts)) for level in last.levels]
    cells = "".join(
        f'<tr><th scope="row">{safe(what)}</th><td class="num">{safe(many)}</td></tr>' for what, many in rows
    )
    found = ", ".join(f"{counts.get(kind, 0):,} {words}" for kind, words in KINDS.items())
    return f"<table><tbody>{cells}</tbody></table><p>Found: {safe(found)}.</p>"


def _extent(level: str, counts: Mapping[str, int]) -> str:
    if level.startswith("deep"):
        share = level.partition(":")[2]
        part = f" ({share} % of them)" if share else ""
        return f"{counts.get('read_back', 0):,}{part}, {amount(counts.get('read_bytes', 0))}"
    name_of = {"head": "heads", "source": "source_assets"}.get(level, "checked")
    return f"{counts.get(name_of, 0):,}"


def _differences(last: Verification) -> str:
    if not last.differences:
        return ""
    lines = "".join(
        f"<li>{name(one.key)} <small>{safe(one.kind)}: {safe(one.detail)}</small></li>"
        for one in last.differences[:DIFFERENCES_SHOWN]
    )
    total = sum(last.counts.get(kind, 0) for kind in DIFFERING)
    rest = max(total - DIFFERENCES_SHOWN, 0)
    more = f"<li>… and {rest:,} more; smug2s3 verify names all of them.</li>" if rest else ""
    return f'<details><summary>Which ones</summary><ul class="names" tabindex="0">{lines}{more}</ul></details>'


def samples(found: Iterable[Sample], place: str) -> str:
    """A few small pictures, as proof that these are photos."""
    shown = "".join(
        f'<li><figure><div><img class="o{one.orientation}" alt="" src="data:image/jpeg;base64,'
        f'{base64.b64encode(one.jpeg).decode()}"></div><figcaption>{name(one.name)}</figcaption></figure></li>'
        for one in found
    )
    lead = f"Read from the {place} for this report: the small previews that some photos contain."
    return _section("samples", "A few of your pictures", lead, f'<ul class="samples">{shown}</ul>' if shown else "")


def albums(place: str) -> str:
    """Where the script draws the tree."""
    return _section(
        "albums",
        "Folders and albums",
        f"As they are stored in the {place}. Open a folder or an album to see what is in it, or search all names.",
        '<noscript><p class="card">This part needs JavaScript, which is switched off here.</p></noscript>'
        '<div class="find" role="search"><div><label for="words">Search albums and files</label>'
        '<input type="search" id="words" autocomplete="off" spellcheck="false"></div>'
        '<div><label for="which">Show</label><select id="which"><option value="">all files</option>'
        '<option value="fw">still missing</option><option value="u">not available from SmugMug</option>'
        '<option value="kl">no longer on SmugMug</option><option value="v">videos</option></select></div></div>'
        '<p id="found" role="status"></p><div id="tree"></div>',
    )


def charts(overview: Overview) -> str:
    """The plots."""
    drawn = "".join(figure(chart) for chart in plots(overview))
    note = ""
    if without := undated(overview):
        sentence = (
            f"The date taken of {plural(without, 'file')} is not known yet. `smug2s3 sync --full` asks SmugMug for it."
        )
        note = f'<p class="note">{marked(sentence)}</p>'
    body = f'{note}<div class="charts">{drawn}</div>' if drawn else ""
    return _section("charts", "Your archive in numbers", "", body)


def runs(found: tuple[PastRun, ...]) -> str:
    """The last runs."""
    columns = ("Started (UTC)", "Duration", "Copied", "Size", "Speed", "Failed", "Result")
    head = "".join(f'<th scope="col"{_num(place, 6)}>{column}</th>' for place, column in enumerate(columns))
    rows = "".join(f"<tr>{_cells(columns, _run(run))}</tr>" for run in found)
    table = f'<div class="card scroll" tabindex="0" role="region" aria-labelledby="runs"><table class="stack"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return _section("runs", "Last runs", "Every `smug2s3 sync`, newest first.", table if found else "")


def _run(run: PastRun) -> tuple[str, ...]:
    told = run.summary
    if not told:
        return (clock(run.began), *["-"] * 5, "crashed or killed, or still running")
    size, seconds = told.get("bytes", 0), told.get("seconds", 0.0)
    speed = f"{amount(size / seconds)}/s" if size and seconds else "-"
    part = ", part of the account only" if told.get("part") else ""
    counts = f"{told.get('moved', 0):,}", amount(size), speed, f"{told.get('failed', 0):,}"
    return (clock(run.began), duration(seconds), *counts, ending(run, running=False) + part)


def _cells(columns: tuple[str, ...], cells: tuple[str, ...]) -> str:
    return "".join(
        f'<td data-label="{column}"{_num(place, 6)}>{safe(cell)}</td>'
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True))
    )


def _num(place: int, last: int) -> str:
    return ' class="num"' if 0 < place < last else ""


def _section(anchor: str, title: str, lead: str, body: str) -> str:
    if not body:
        return ""
    words = f'<p class="lead">{marked(lead)}</p>' if lead else ""
    return f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{safe(title)}</h2>{words}{body}</section>'


def made(at: str, version: str) -> str:
    """When and by what the page was made, and what it is not."""
    return (
        f"Created on {day(at)}, {at[11:16]} UTC, by smug2s3 {safe(version)} from the ledger. It does not update itself and contacts no server. "
        "It contains the names of private albums, so share it with care."
    )
