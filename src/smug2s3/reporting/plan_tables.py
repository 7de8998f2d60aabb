"""The plan for people: totals, largest albums, time and cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.names import sanitize
from smug2s3.rules.plan_totals import PlanTotals
from smug2s3.rules.prices import Load, PriceList, bill
from smug2s3.rules.transfer_time import rates_around, seconds_needed

NAMES_SHOWN = 5


def load_of(plan_totals: PlanTotals) -> Load:
    """What the bucket would contain when everything is copied, including an `_album.json` per album, and previews."""
    shown, stored = plan_totals.previews, plan_totals.previews_stored
    files = plan_totals.files + shown.files + stored.files
    return Load(
        files=files,
        puts=files + plan_totals.albums,
        bytes=plan_totals.bytes + shown.bytes + stored.bytes,
        billed=plan_totals.billed,
    )


def seconds_at(plan_totals: PlanTotals, rate: float) -> float:
    """How long the rest takes."""
    left, shown = plan_totals.to_move, plan_totals.previews
    size, files = left.bytes + shown.bytes, left.files + shown.files
    return seconds_needed(size=size, files=files, calls=plan_totals.sync_calls, rate=rate)


def show_plan(
    console: Console,
    plan_totals: PlanTotals,
    prices: PriceList,
    rate: float,
    *,
    asked: bool,
    as_called: Callable[[str], str] = str,
) -> None:
    """Print everything, table by table; names come last in a line, so that right-to-left ones do not reorder numbers.

    ``asked``: the rate was given with --rate, and is marked. ``as_called`` turns quoted commands into those to type.
    """
    _say(console, map(as_called, _facts(plan_totals)))
    if plan_totals.largest:
        _put(console, "Largest albums", _largest(plan_totals))
    if plan_totals.names:
        _put(console, "Names that will differ", _names(plan_totals))
    if plan_totals.to_move.files or plan_totals.previews.files:
        _put(console, "Estimated time", _durations(plan_totals, rate, asked=asked))
    if plan_totals.bytes:
        _put(console, f"Estimated cost in {sanitize(prices.currency)}, without tax", _bills(plan_totals, prices))
        _say(console, _notes(prices))


def _say(console: Console, lines: Iterable[str]) -> None:
    """Print a line; wrapped lines are indented to its text, after any number."""
    for line in lines:
        lead = len(line) - len(re.sub(r"^ *([\d,]+  )?", "", line))
        pieces = Text(sanitize(line[lead:])).wrap(console, max(console.width - lead, 1))
        for number, piece in enumerate(pieces):
            console.print(Text(" " * lead if number else line[:lead]) + piece)


def _put(console: Console, title: str, table: Table) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    console.print(table)


def _facts(plan_totals: PlanTotals) -> Iterator[str]:
    if not plan_totals.albums:
        yield "No albums found: this sign-in can see none in this account."
        return
    least = "at least " if plan_totals.unsized or plan_totals.uncounted else ""
    yield (
        f"{plan_totals.account}: {plural(plan_totals.assets, 'item')} ({least}{amount(plan_totals.bytes)}) "
        f"in {plural(plan_totals.albums, 'album')} and {plural(plan_totals.folders, 'folder')}."
    )
    if plan_totals.exact:
        yield f"  {plural(plan_totals.photos, 'photo')} and {plural(plan_totals.videos, 'video')} are available."
    else:
        yield "  These totals are SmugMug's own and may be wrong for videos; use --items to add up every item."
    if raw := plan_totals.components.files:
        size = amount(plan_totals.components.bytes)
        yield f"  {plural(raw, 'RAW or other file')} of SmugMug Source, too ({size})."
    if plan_totals.in_store.files:
        done, left = plan_totals.in_store, plan_totals.to_move
        yield f"  Already copied: {plural(done.files, 'file')} ({amount(done.bytes)}), according to the ledger."
        yield f"  Left to copy: {plural(left.files, 'file')} ({amount(left.bytes)})."
    if shown := plan_totals.previews.files:
        size = amount(plan_totals.previews.bytes)
        yield f"  {plural(shown, 'preview')} to copy besides (about {size}): a PUT request each, and no API call."
    yield from _oddities(plan_totals)
    yield f"`smug2s3 sync` will make about {plural(plan_totals.sync_calls, 'API call')} to SmugMug."
    if plan_totals.component_calls:
        yield f"  {plan_totals.component_calls:,} of them ask for RAW files, one for each photo or video."


def _source_files(plan_totals: PlanTotals) -> Iterator[str]:
    if plan_totals.more_files:
        yield f"  {plural(plan_totals.more_files, 'item')} with more files in SmugMug Source (such as RAW), not copied without --raw auto."
    if plan_totals.unanswered:
        yield f"  {plural(plan_totals.unanswered, 'item')} whose files in SmugMug Source (such as RAW) SmugMug does not list."


def _oddities(plan_totals: PlanTotals) -> Iterator[str]:
    if plan_totals.unavailable:
        yield f"  Not available from SmugMug: {plural(plan_totals.unavailable, 'item')}"
        for reason, count in plan_totals.reasons.most_common():
            yield f"    {count:>7,}  {reason}"
    if plan_totals.left_out:
        yield f"  Excluded by the filters: {plural(plan_totals.left_out, 'item')}"
        yield from (f"    {count:>7,}  {why}" for count, why in _for_want_of(plan_totals) if count)
    if plan_totals.twins:
        yield f"  {plural(plan_totals.twins, 'file')} with the same name as another file in the album; all are kept."
    yield from _source_files(plan_totals)
    if plan_totals.unsized:
        of = plural(plan_totals.unsized, "item" if plan_totals.exact else "album")
        yield f"  Size unknown: {of}."
    if plan_totals.uncounted:
        yield f"  Number of items unknown: {plural(plan_totals.uncounted, 'album')}."
    if plan_totals.problems:
        yield f"  {plural(len(plan_totals.problems), 'album or folder', 'albums or folders')} with a problem:"
        yield from (f"    {problem}" for problem in plan_totals.problems[:NAMES_SHOWN])
    if not plan_totals.full_access:
        yield "  This sign-in sees only public albums. Run `smug2s3 auth` and allow full access to see all of them."


def _for_want_of(plan_totals: PlanTotals) -> Iterator[tuple[int, str]]:
    yield plan_totals.left_out_undated, "because their date is unknown"
    yield plan_totals.left_out_unsized, "because their size is unknown"


def _grid(*headings: str) -> Table:
    """A table with right-aligned numbers, and their labels in the last column."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings[:-1]:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(headings[-1], overflow="fold")
    return table


def _largest(plan_totals: PlanTotals) -> Table:
    table = _grid("size", "items", "album")
    for size, files, path in plan_totals.largest:
        table.add_row(amount(size) if size else "?", f"{files:,}", Text(sanitize(path)))
    return table


def _names(plan_totals: PlanTotals) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for entry in plan_totals.names[:NAMES_SHOWN]:
        table.add_row(Text(sanitize(entry["name"])))
        table.add_row(Text(f"  stored as {sanitize(entry['key'])}"))
    if plan_totals.renamed > NAMES_SHOWN:
        table.add_row(f"and {plan_totals.renamed - NAMES_SHOWN:,} more; --json lists the first 1,000")
    return table


def _durations(plan_totals: PlanTotals, rate: float, *, asked: bool) -> Table:
    table = _grid("speed", "time", "")
    for each in rates_around(rate):
        table.add_row(
            f"{amount(each)}/s", duration(seconds_at(plan_totals, each)), _line_for(each, marked=asked and each == rate)
        )
    return table


def _line_for(rate: float, *, marked: bool) -> str:
    return f"{rate * 8 / 1e6:,.0f} Mbit/s connection" + (" (--rate)" if marked else "")


def _bills(plan_totals: PlanTotals, prices: PriceList) -> Table:
    table = _grid("per month", "upload\n(once)", "download\neverything", "storage")
    for entry in prices.classes:
        cost = bill(entry, load_of(plan_totals))
        table.add_row(_money(cost.month), _money(cost.put), _money(cost.back), Text(sanitize(entry.name)))
    return table


def _money(sum_: float) -> str:
    if 0 < sum_ < 0.005:
        return "<0.01"
    return f"{sum_:,.2f}" if sum_ < 1000 else f"{sum_:,.0f}"


def _notes(prices: PriceList) -> Iterable[str]:
    taken: Sequence[str] = sorted({entry.taken.isoformat() for entry in prices.classes})
    span = taken[0] if len(taken) == 1 else f"{taken[0]} to {taken[-1]}"
    yield f"Prices as of {span}. Check the provider's page before you choose, or use your own list (--prices)."
    yield from (f"  {entry.name}: {entry.note}." for entry in prices.classes if entry.note)
