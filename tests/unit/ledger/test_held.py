"""Another program that holds the ledger, as a database browser does: it is waited for, and named."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smug2s3.errors import LedgerError
from smug2s3.ledger import database, held
from smug2s3.ledger import status as looking
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.ledger.status import read_status

BROWSER = """
import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
if len(sys.argv) > 2:
    ledger.execute("PRAGMA locking_mode = EXCLUSIVE")
ledger.execute("BEGIN EXCLUSIVE")
ledger.execute("UPDATE runs SET run = run")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fortieth of the patience."""
    for module in (held, database, looking):
        monkeypatch.setattr(module, "ONE_TRY", 0.05)
    monkeypatch.setattr(held, "LONGEST", 1.5)


@contextmanager
def browser(path: Path, *, against_readers: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another program that has changed something and not saved it; it saves when its input ends."""
    command = [sys.executable, "-c", BROWSER, str(path), *(["all"] if against_readers else [])]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.stdin.close()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        await ledger.begin("first")
    return tmp_path / "ledger.db"


async def let_go(process: subprocess.Popen[str], after: float = 0.3) -> None:
    await asyncio.sleep(after)
    assert process.stdin is not None
    process.stdin.close()


def name(process: subprocess.Popen[str]) -> str:
    """As the message has it, on Linux."""
    return f"process {process.pid} (python" if sys.platform == "linux" else "another program"


async def test_what_is_to_be_written_in_the_middle_of_a_run_waits_and_says_for_whom(path: Path) -> None:
    told: list[str] = []
    async with open_ledger(str(path), notify=told.append) as ledger:
        with browser(path) as process:
            whose = name(process)
            await asyncio.gather(ledger.begin("second"), ledger.begin("third"), let_go(process))
        await ledger.begin("fourth")
    assert len(read_status(str(path)).runs) == 4
    (only,) = told
    assert whose in only
    assert str(path) in only


async def test_opening_waits_too(path: Path) -> None:
    told: list[str] = []
    with browser(path, against_readers=True) as process:
        opening = asyncio.create_task(_opened(path, told))
        await let_go(process)
        await opening
    assert len(told) == 1


async def _opened(path: Path, told: list[str]) -> None:
    async with open_ledger(str(path), notify=told.append):
        pass


async def test_who_only_looks_waits_too(path: Path) -> None:
    told: list[str] = []
    with browser(path, against_readers=True) as process:
        looking = asyncio.create_task(asyncio.to_thread(read_status, str(path), told.append))
        await let_go(process)
        assert len((await looking).runs) == 1
    assert len(told) == 1


async def test_one_that_is_not_closed_ends_it_once_with_what_to_do(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        with browser(path) as process:
            before = asyncio.get_running_loop().time()
            with pytest.raises(LedgerError, match="is locked by ") as refused:
                await ledger.begin("second")
            waited = asyncio.get_running_loop().time()
            with pytest.raises(LedgerError, match="is locked by "):
                await ledger.end("first", {})
            assert asyncio.get_running_loop().time() - waited < waited - before
            assert name(process) in str(refused.value)
            assert "Close it there" in refused.value.hint
            assert "rights" not in refused.value.hint
        await ledger.begin("second")
    with browser(path, against_readers=True), pytest.raises(LedgerError, match="is locked by "):
        read_status(str(path))


async def test_reading_beside_does_not_make_the_wait_longer(path: Path) -> None:
    async with open_ledger(str(path)) as ledger:
        with browser(path):
            reading = asyncio.create_task(_reading_on(ledger))
            async with asyncio.timeout(20):
                with pytest.raises(LedgerError, match="is locked by "):
                    await ledger.begin("second")
            reading.cancel()


async def _reading_on(ledger: SqliteLedger) -> None:
    while True:
        await ledger.directories()
        await asyncio.sleep(0.01)
