"""`smug2s3 plan`: estimates size, time and cost before anything is copied."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import typer

from smug2s3.app.sync_runner import run_plan
from smug2s3.cli.console import (
    data,
    environment,
    error_boundary,
    finished,
    put_drawn,
    put_json,
    put_text,
    say,
    talk,
    watched,
)
from smug2s3.cli.needed import settings_for
from smug2s3.cli.selection import Selection
from smug2s3.cli.settings_file import again, as_called
from smug2s3.cli.sync import preview_sizes, raw_files
from smug2s3.errors import UsageError
from smug2s3.reporting.listing import ListingReporter
from smug2s3.reporting.plan_tables import load_of, seconds_at, show_plan
from smug2s3.rules.filters import Filters
from smug2s3.rules.plan_totals import PlanTotals
from smug2s3.rules.prices import PriceList, bill, read_prices
from smug2s3.rules.transfer_time import rates_around, read_rate
from smug2s3.settings import Settings

LARGEST_FILE = 1_000_000
"""Characters; a price list has a few thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one call."""

    selection: Selection = field(default_factory=Selection)
    items: bool = False
    raw: str | None = None
    previews: str | None = None
    rate: str | None = None
    prices: str | None = None
    print_prices: bool = False
    json: bool = False


def plan(options: Options) -> None:
    """Run the command."""
    plan_totals = PlanTotals()

    def on_error(message: str, code: int) -> None:
        if options.json:
            put_json(_counts(plan_totals) | {"error": message, "exit_code": code})

    with error_boundary(on_error):
        if options.print_prices:
            with data() as out:
                out.write(_own_prices())
            return
        filters = options.selection.filters()
        rate, prices = read_rate(options.rate), _prices(options.prices)
        plan_totals.least_sizes = prices.least_sizes
        found = environment() | raw_files(options.raw) | preview_sizes(options.previews)
        settings = settings_for("smugmug", found=found)
        # Filters of files need the files.
        _run(settings, filters, plan_totals, items=options.items or filters.partial, plain=options.json)
        if options.json:
            put_json(document(plan_totals, prices, rate))
        else:
            _show(plan_totals, prices, rate, asked=options.rate is not None)
            step = next_step(
                plan_totals,
                has_bucket=bool(settings.bucket),
                part=options.selection.partial,
                previews=f" --previews {options.previews}" if options.previews else "",
            )
            if step:
                put_text(f"Next: {step}\n")
    raise typer.Exit(1 if plan_totals.incomplete else 0)


def _run(settings: Settings, filters: Filters, plan_totals: PlanTotals, *, items: bool, plain: bool) -> None:
    visible = watched() and not plain
    with talk.status("listing albums on SmugMug") if visible else nullcontext() as status:
        reporter = ListingReporter(say, status.update if status else lambda _: None)
        finished(lambda: run_plan(settings, filters, reporter, plan_totals, items=items))


def _show(plan_totals: PlanTotals, prices: PriceList, rate: float, *, asked: bool) -> None:
    put_drawn(lambda console: show_plan(console, plan_totals, prices, rate, asked=asked, as_called=as_called))


def next_step(plan_totals: PlanTotals, *, has_bucket: bool, part: bool, previews: str = "") -> str:
    """The command to run next; empty if there is nothing to copy, or if it would need this plan's filters.

    ``previews`` is the option that this plan was given.
    """
    if not plan_totals.albums:
        return ""
    if plan_totals.incomplete:
        return again()
    if not has_bucket:
        return "smug2s3 config init"
    if not plan_totals.in_store.files:
        return "smug2s3 check"
    if plan_totals.to_move.files or plan_totals.previews.files:
        return "" if part else f"smug2s3 sync{previews}"
    return "smug2s3 verify"


def document(plan_totals: PlanTotals, prices: PriceList, rate: float) -> dict[str, Any]:
    """The plan as ``--json`` gives it."""
    return _counts(plan_totals) | {
        "rate": rate,
        "durations": [
            {"bytes_per_second": each, "seconds": round(seconds_at(plan_totals, each))} for each in rates_around(rate)
        ],
        "currency": prices.currency,
        "prices": [_priced(plan_totals, prices, number) for number in range(len(prices.classes))],
    }


def _counts(plan_totals: PlanTotals) -> dict[str, Any]:
    """The counts, under the names of `sync --json`; ``null`` for those that need ``--items``."""
    return {
        "account": plan_totals.account,
        "full_access": plan_totals.full_access,
        "exact": plan_totals.exact,
        "folders": plan_totals.folders,
        "albums": plan_totals.albums,
        "assets": plan_totals.assets,
        "photos": plan_totals.photos if plan_totals.exact else None,
        "videos": plan_totals.videos if plan_totals.exact else None,
        "bytes": plan_totals.bytes,
        "unavailable": plan_totals.unavailable if plan_totals.exact else None,
        "twins": plan_totals.twins if plan_totals.exact else None,
        "names_changed": plan_totals.renamed if plan_totals.exact else None,
        "left_out": plan_totals.left_out if plan_totals.exact else None,
        "left_out_undated": plan_totals.left_out_undated if plan_totals.exact else None,
        "left_out_unsized": plan_totals.left_out_unsized if plan_totals.exact else None,
        "more_files": plan_totals.more_files if plan_totals.exact else None,
        "unanswered": plan_totals.unanswered if plan_totals.exact else None,
        "components": plan_totals.components.files if plan_totals.exact else None,
        "components_bytes": plan_totals.components.bytes if plan_totals.exact else None,
        "previews": plan_totals.previews.files,
        "previews_bytes": plan_totals.previews.bytes,
        "component_api_calls": plan_totals.component_calls,
        "unsized": plan_totals.unsized,
        "uncounted": plan_totals.uncounted,
        "in_store": {"files": plan_totals.in_store.files, "bytes": plan_totals.in_store.bytes},
        "to_move": {"files": plan_totals.to_move.files, "bytes": plan_totals.to_move.bytes},
        "albums_incomplete": plan_totals.incomplete,
        "sync_api_calls": plan_totals.sync_calls,
        "api_calls": plan_totals.api_calls,
        "seconds": round(plan_totals.seconds, 3),
        "largest_albums": [{"path": path, "assets": files, "bytes": size} for size, files, path in plan_totals.largest],
        "problems": plan_totals.problems,
        "items": plan_totals.items,
        "names": plan_totals.names,
    }


def _priced(plan_totals: PlanTotals, prices: PriceList, number: int) -> dict[str, Any]:
    entry = prices.classes[number]
    cost = bill(entry, load_of(plan_totals))
    return {
        "name": entry.name,
        "taken": entry.taken.isoformat(),
        "month": round(cost.month, 4),
        "put": round(cost.put, 4),
        "back": round(cost.back, 4),
        "note": entry.note,
    }


def _own_prices() -> str:
    return resources.files("smug2s3").joinpath("prices.toml").read_text(encoding="utf-8")


def _prices(path: str | None) -> PriceList:
    if path is None:
        return read_prices(_own_prices(), "the built-in price list")
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            return read_prices(file.read(LARGEST_FILE), path)
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(
            f"cannot read the price list {path}: {reason}",
            hint="Run `smug2s3 plan --print-prices` for one to copy and edit.",
        ) from None
