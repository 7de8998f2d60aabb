"""Several pages read the ledger at once, and the last of them to leave removes SQLite's log."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from smug2s3.ledger.catalogue import LedgerCatalogue
from smug2s3.ledger.ledger import open_ledger

SECONDS = 0.6
"""In which the log goes in the wrong moment a dozen times."""


async def test_a_log_that_goes_while_somebody_looks_at_it_is_no_error(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    async with open_ledger(path):
        pass
    catalogue, until = LedgerCatalogue(path), time.monotonic() + SECONDS

    def look(number: int) -> int:
        rounds = 0
        while time.monotonic() < until:
            assert not (catalogue.stored(["a.jpg"]) if number % 2 else catalogue.albums())
            rounds += 1
        return rounds

    with ThreadPoolExecutor(4) as threads:
        assert min(threads.map(look, range(4))) > 0
