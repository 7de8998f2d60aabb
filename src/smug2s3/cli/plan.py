"""`smug2s3 plan`: what there is, how long a move will take and what keeping it will cost, before anything moves."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import typer

from smug2s3.app.moving import run_plan
from smug2s3.cli.console import (
    data,
    ending_well,
    finished,
    put_drawn,
    put_json,
    say,
    talk,
    watched,
)
from smug2s3.cli.needed import settings_for
from smug2s3.cli.selection import Selection
from smug2s3.cli.settings_file import as_called
from smug2s3.errors import UsageError
from smug2s3.models import Filters
from smug2s3.reporting.listing import ListingReporter
from smug2s3.reporting.plan_tables import load_of, seconds_at, show_plan
from smug2s3.rules.forecast import rates_around, read_rate
from smug2s3.rules.outlook import Outlook
from smug2s3.rules.prices import PriceList, bill, read_prices
from smug2s3.settings import Settings

LARGEST_FILE = 1_000_000
"""Characters; a list of prices has a few thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of one call."""

    selection: Selection = field(default_factory=Selection)
    items: bool = False
    rate: str | None = None
    prices: str | None = None
    print_prices: bool = False
    json: bool = False


def plan(wishes: Wishes) -> None:
    """The whole command."""
    outlook = Outlook()

    def on_error(message: str, code: int) -> None:
        if wishes.json:
            put_json(_counts(outlook) | {"error": message, "exit_code": code})

    with ending_well(on_error):
        if wishes.print_prices:
            with data() as out:
                out.write(_own_prices())
            return
        filters = wishes.selection.filters()
        rate, prices = read_rate(wishes.rate), _prices(wishes.prices)
        outlook.floors = prices.floors
        settings = settings_for("smugmug")
        # Which files are wanted is only known of files.
        _run(settings, filters, outlook, items=wishes.items or filters.partial, plain=wishes.json)
        if wishes.json:
            put_json(document(outlook, prices, rate))
        else:
            _show(outlook, prices, rate, asked=wishes.rate is not None)
    raise typer.Exit(1 if outlook.incomplete else 0)


def _run(settings: Settings, filters: Filters, outlook: Outlook, *, items: bool, plain: bool) -> None:
    visible = watched() and not plain
    with talk.status("asking SmugMug") if visible else nullcontext() as status:
        reporter = ListingReporter(say, status.update if status else lambda _: None)
        finished(lambda: run_plan(settings, filters, reporter, outlook, items=items))


def _show(outlook: Outlook, prices: PriceList, rate: float, *, asked: bool) -> None:
    put_drawn(lambda console: show_plan(console, outlook, prices, rate, asked=asked, as_called=as_called))


def document(outlook: Outlook, prices: PriceList, rate: float) -> dict[str, Any]:
    """The plan as ``--json`` gives it."""
    return _counts(outlook) | {
        "rate": rate,
        "durations": [
            {"bytes_per_second": each, "seconds": round(seconds_at(outlook, each))} for each in rates_around(rate)
        ],
        "currency": prices.currency,
        "prices": [_priced(outlook, prices, number) for number in range(len(prices.classes))],
    }


def _counts(outlook: Outlook) -> dict[str, Any]:
    """What was found out, under the names that `sync --json` uses; ``null`` where only ``--items`` can tell."""
    return {
        "account": outlook.account,
        "full_access": outlook.full_access,
        "exact": outlook.exact,
        "folders": outlook.folders,
        "albums": outlook.albums,
        "assets": outlook.assets,
        "photos": outlook.photos if outlook.exact else None,
        "videos": outlook.videos if outlook.exact else None,
        "bytes": outlook.bytes,
        "unavailable": outlook.unavailable if outlook.exact else None,
        "twins": outlook.twins if outlook.exact else None,
        "names_changed": outlook.renamed if outlook.exact else None,
        "left_out": outlook.left_out if outlook.exact else None,
        "left_out_undated": outlook.left_out_undated if outlook.exact else None,
        "left_out_unsized": outlook.left_out_unsized if outlook.exact else None,
        "more_files": outlook.more_files if outlook.exact else None,
        "unsized": outlook.unsized,
        "uncounted": outlook.uncounted,
        "in_store": {"files": outlook.in_store.files, "bytes": outlook.in_store.bytes},
        "to_move": {"files": outlook.to_move.files, "bytes": outlook.to_move.bytes},
        "albums_incomplete": outlook.incomplete,
        "sync_api_calls": outlook.sync_calls,
        "api_calls": outlook.api_calls,
        "seconds": round(outlook.seconds, 3),
        "largest_albums": [{"path": path, "assets": files, "bytes": size} for size, files, path in outlook.largest],
        "problems": outlook.problems,
        "items": outlook.items,
        "names": outlook.names,
    }


def _priced(outlook: Outlook, prices: PriceList, number: int) -> dict[str, Any]:
    entry = prices.classes[number]
    cost = bill(entry, load_of(outlook))
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
        return read_prices(_own_prices(), "the list of prices that came along")
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            return read_prices(file.read(LARGEST_FILE), path)
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(
            f"the list of prices {path} cannot be read: {reason}",
            hint="`smug2s3 plan --print-prices` prints one to copy and edit.",
        ) from None
