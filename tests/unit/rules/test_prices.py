"""A list of prices: what it says, what is wrong with it, and the bills it gives."""

from __future__ import annotations

from datetime import date
from importlib import resources

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.prices import Load, StorageClass, bill, read_prices

GOOD = """\
# the price of a shelf
currency = "EUR"

[[class]]
name = "Shelf"
taken = 2026-11-21
storage = 0.01

[[class]]
name = "Cellar"
taken = 2026-11-21
storage = 0.001
puts = 0.05
"""


def one(**fields: float) -> StorageClass:
    return StorageClass(name="x", taken=date(2026, 11, 21), **{"storage": 0.0, **fields})  # type: ignore[arg-type]


def load(files: int = 1000, size: int = 10**12, *, billed: dict[int, int] | None = None) -> Load:
    return Load(files=files, puts=files, bytes=size, billed={0: size} | (billed or {}))


def test_the_list_that_comes_along_is_right_and_names_what_people_ask_for() -> None:
    found = read_prices(resources.files("smug2s3").joinpath("prices.toml").read_text(encoding="utf-8"), "prices.toml")

    names = " ".join(entry.name for entry in found.classes)
    for wanted in ("Standard", "Standard-IA", "Instant", "Flexible", "Deep Archive", "B2", "R2", "Wasabi"):
        assert wanted in names
    assert found.least_sizes == (0, 4096, 131072)
    assert all(date(2020, 1, 1) < entry.taken for entry in found.classes)


def test_a_list_is_read_with_its_currency() -> None:
    found = read_prices(GOOD, "mine.toml")

    assert found.currency == "EUR"
    assert [(entry.name, entry.storage, entry.puts) for entry in found.classes] == [
        ("Shelf", 0.01, 0.0),
        ("Cellar", 0.001, 0.05),
    ]


@pytest.mark.parametrize(
    ("entry", "load", "month", "put", "back"),
    [
        (one(storage=0.023), load(), 23.0, 0.0, 0.0),
        (one(storage=0.00099, gb=2**30), load(size=2**40), 1.01376, 0.0, 0.0),
        (one(puts=0.05), load(files=700_000), 0.0, 35.0, 0.0),
        (one(puts=0.0045, free_puts=1e6), load(files=1_200_000), 0.0, 0.9, 0.0),
        (one(puts=0.0045, free_puts=1e6), load(files=900_000), 0.0, 0.0, 0.0),
        (one(storage=0.006, free_gb=10), load(size=5 * 10**9), 0.0, 0.0, 0.0),
        (one(storage=0.006, free_gb=10), load(size=15 * 10**9), 0.03, 0.0, 0.0),
        (one(storage=0.00683, least_month=6.99), load(size=10**9), 6.99, 0.0, 0.0),
        (one(storage=0.00683, least_month=6.99), load(files=0, size=0), 0.0, 0.0, 0.0),
        (one(back=0.09, free_back_gb=100), load(), 0.0, 0.0, 81.0),
        (one(storage=1.0, least_bytes=131072), load(size=10**9, billed={131072: 3 * 10**9}), 3.0, 0.0, 0.0),
        (one(storage=1.0, extra_bytes=40_000), load(files=25_000, size=10**9), 2.0, 0.0, 0.0),
    ],
)
def test_a_bill_is_what_the_provider_would_send(
    entry: StorageClass, load: Load, month: float, put: float, back: float
) -> None:
    cost = bill(entry, load)

    assert (cost.month, cost.put, cost.back) == pytest.approx((month, put, back))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("storage = 0.001", 'storage = "0.001"'), "line 12: storage must be a number"),
        (GOOD.replace("storage = 0.001", "storage = true"), "line 12: storage must be a number"),
        (GOOD.replace("storage = 0.001", "storage = nan"), "line 12: storage must be a number"),
        (GOOD.replace("storage = 0.001", "storage = -1"), "line 12: storage must be a number from 0"),
        (GOOD.replace("puts = 0.05", "puts = 1e300"), "line 13: puts must be a number from 0"),
        (GOOD.replace("puts = 0.05", "gb = 0"), "line 13: gb must be a number of bytes"),
        (GOOD.replace("puts = 0.05", "putts = 0.05"), "line 13: putts is not a field of a class"),
        (GOOD.replace("2026-11-21", '"2026-11-21"', 1), "line 6: taken must be a date like 2026-11-21"),
        (GOOD.replace("2026-11-21", "2026-11-21T10:00:00", 1), "line 6: taken must be a date"),
        (GOOD.replace('"Cellar"', '" "'), "line 10: name must be text"),
        (GOOD.replace("storage = 0.01\n", ""), "line 4: this class has no storage"),
        (GOOD.replace('"EUR"', "978"), "line 2: currency must be text"),
        (GOOD.replace("storage = 0.001", "storage = 0,001"), "line 12"),
        (GOOD + "\n[other]\nx = 1\n", "unknown field other"),
        ("", "it has no [[class]]"),
        ("class = []", "it has no [[class]]"),
        ("class = 7", "it has no [[class]]"),
        ("class = [7]", "line 1: this class has no name and no taken and no storage"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field_and_how_to_get_a_right_list(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_prices(text, "mine.toml")

    assert "mine.toml" in str(refusal.value)
    assert says in str(refusal.value)
    assert "--print-prices" in refusal.value.hint
