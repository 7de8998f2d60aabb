"""A plan as a person reads it: every number there, in 60 columns, whatever the names are."""

from __future__ import annotations

import io
from datetime import date

import pytest
from rich.cells import cell_len
from rich.console import Console

from smug2s3.models import AlbumTotals
from smug2s3.reporting.plan_tables import show_plan
from smug2s3.rules.plan_totals import PlanTotals
from smug2s3.rules.prices import PriceList, StorageClass

PRICES = PriceList(
    currency="EUR",
    classes=(
        StorageClass(
            name="Shelf \x1b[31m", taken=date(2026, 1, 2), storage=0.01, puts=0.005, note="it creaks " * 9 + "a lot"
        ),
        StorageClass(name="Cellar", taken=date(2026, 3, 4), storage=0.001, back=0.09),
    ),
)


def plan_totals(*paths: str) -> PlanTotals:
    found = PlanTotals(account="jane")
    for path in paths:
        found.add_totals(AlbumTotals(key=path, path=path, folder="", assets=1000, bytes=10**12), (0, 0))
    return found


def shown(found: PlanTotals, *, columns: int = 80, rate: float = 5e6, asked: bool = False) -> str:
    console = Console(file=io.StringIO(), width=columns, highlight=False)
    show_plan(console, found, PRICES, rate, asked=asked)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_numbers_stand_there() -> None:
    text = shown(plan_totals("Summer"))

    assert "jane: 1,000 items (1.0 TB) in 1 album and 0 folders." in text
    assert "2 days 7 h  40 Mbit/s connection" in text
    assert "10.00    0.01        0.00  Shelf" in text
    assert "1.00    0.00       90.00  Cellar" in text
    assert "in EUR, without tax" in text
    assert "Prices as of 2026-01-02 to 2026-03-04" in text


def test_previews_are_named_and_are_part_of_requests_storage_and_time() -> None:
    found = plan_totals("Summer")
    found.add_previews(2000, 10**9)
    found.take_stored_previews(1000, 10**12, counted=True)
    text = " ".join(shown(found).split())

    assert "jane: 1,000 items (1.0 TB) in 1 album and 0 folders." in text
    assert "1,000 previews to copy besides (about 1.0 TB): a PUT request each, and no API call." in text
    assert "4 days 15 h 40 Mbit/s connection" in text
    assert "30.00 0.02 0.00 Shelf" in text
    assert "3.00 0.00 270.00 Cellar" in text


def test_the_rate_that_was_asked_for_is_marked() -> None:
    assert "(--rate)" not in shown(plan_totals("Summer"))
    assert "80 Mbit/s connection (--rate)" in shown(plan_totals("Summer"), rate=1e7, asked=True)


@pytest.mark.parametrize(
    "name",
    [
        "עדן/חתונה 2019",
        "فرح",
        "🏖️👨‍👩‍👧‍👦🎉 Party",
        "京都の秋" * 30,
        "x" * 300,
        "bell\x07\x1b[2J\u202eevil",
        "[bold]not markup[/]",
    ],
)
def test_any_name_fits_into_sixty_columns_and_drives_no_terminal(name: str) -> None:
    found = plan_totals(name)
    found.exact = True
    found.add_unavailable(f"{name}/a.jpg", "SmugMug is still processing this video")
    found.names = [{"name": name, "key": f"{name}_"}]
    found.problems = [f"{name}: locked, so SmugMug does not list its contents for this sign-in"]

    text = shown(found, columns=60)

    assert max(cell_len(line) for line in text.splitlines()) <= 60
    assert not any(mark in text for mark in ("\x07", "\x1b", "\u202e"))
    assert "[bold]" in text or "bold" not in name


def test_an_empty_account_is_said_to_be_one_without_tables() -> None:
    assert shown(PlanTotals(account="jane")) == "No albums found: this sign-in can see none in this account.\n"


def test_what_smugmug_does_not_say_is_named_with_the_way_out() -> None:
    found = PlanTotals(account="jane", full_access=False)
    found.add_totals(AlbumTotals(key="a", path="a", folder="", assets=5, bytes=None), (0, 0))
    found.add_totals(AlbumTotals(key="b", path="b", folder="", assets=None, bytes=None), (0, 0))

    text = " ".join(shown(found).split())

    assert "jane: 5 items (at least 0 B)" in text
    assert "Size unknown: 1 album." in text
    assert "Number of items unknown: 1 album." in text
    assert "use --items to add up every item" in text
    assert "only public albums" in text
    assert "costs" not in text


def test_a_long_reason_goes_on_under_its_words_not_under_its_count() -> None:
    found = plan_totals("a")
    found.exact = True
    for _ in range(3):
        found.add_unavailable("x", "SmugMug offers this sign-in no original of this photo, only reduced copies")

    text = shown(found, columns=60)

    assert "\n          3  SmugMug offers this sign-in no original of this" in text
    assert "\n             photo, only reduced copies\n" in text


def test_what_is_copied_and_what_is_left_are_distinguished() -> None:
    found = PlanTotals(account="jane")
    found.add_totals(AlbumTotals(key="a", path="a", folder="", assets=5, bytes=500), (2, 200))

    text = shown(found)

    assert "Already copied: 2 files (200 B)" in text
    assert "Left to copy: 3 files (300 B)" in text
    done = PlanTotals(account="jane")
    done.add_totals(AlbumTotals(key="a", path="a", folder="", assets=5, bytes=500), (5, 500))
    assert "How long" not in shown(done)
