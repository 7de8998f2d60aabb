"""A lock that cannot be had is told from one that somebody else has; where there are none, a file does their work."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from smug2s3.errors import LedgerError
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.lock import holder, locked
from smug2s3.ledger.status import read_status

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows locks otherwise")

UNKNOWN = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


def refuse(monkeypatch: pytest.MonkeyPatch, call: str, code: int) -> None:
    """Have the disk answer so to whoever wants to lock a file."""

    def refused(_descriptor: int, _operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(call, refused)


@pytest.fixture(params=[*(("flock", code) for code in UNKNOWN), ("lockf", errno.ENOLCK)], ids=str)
def lockless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A disk that knows no locks, or not those of SQLite, and what it says."""
    call, code = request.param
    refuse(monkeypatch, f"fcntl.{call}", code)
    return errno.errorcode[code]


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return str(tmp_path / "deep" / "ledger.db")


async def test_without_locks_a_run_goes_on_says_what_is_missing_and_others_are_kept_away(
    ledger: str, lockless: str
) -> None:
    told: list[str] = []
    async with open_ledger(ledger, alone=True, notify=told.append) as opened:
        await opened.begin("a run")
        assert holder(ledger) == read_status(ledger).holder
        assert f"process {os.getpid()} on " in (holder(ledger) or "")
        with pytest.raises(LedgerError, match=f"in use by another smug2s3 .*process {os.getpid()}") as refused:
            async with open_ledger(ledger):  # also who would share it elsewhere
                pass
        assert f"delete {ledger}.in-use" in refused.value.hint
        assert len(read_status(ledger).runs) == 1
    assert told == [
        f"the disk of {ledger} does not support file locks ({lockless}): using a lock file beside the ledger instead"
    ]
    assert list(Path(ledger).parent.iterdir()) == [Path(ledger)]
    assert holder(ledger) is None


@pytest.mark.parametrize(
    ("left", "over"),
    [
        pytest.param("process {dead} on {here}, since then", True, id="of a process that is no more"),
        pytest.param("", True, id="of one that was killed before it signed"),
        pytest.param("process {alive} on {here}, since then", False, id="of one that lives"),
        pytest.param("process {dead} on elsewhere, since then", False, id="of another computer"),
        pytest.param("odd", False, id="of somebody unknown"),
    ],
)
def test_without_locks_what_is_left_behind_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str, over: bool
) -> None:
    refuse(monkeypatch, "fcntl.flock", errno.ENOLCK)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    beside = tmp_path / "ledger.db.in-use"
    beside.write_text(left.format(dead=process.pid, alive=os.getpid(), here=os.uname().nodename))
    path = str(tmp_path / "ledger.db")
    assert (holder(path) is None) == over
    if over:
        with locked(path):
            assert f"process {os.getpid()}" in beside.read_text()
        assert not beside.exists()
        return
    with pytest.raises(LedgerError, match="in use by another smug2s3"), locked(path):
        pass
    assert beside.exists()


async def test_a_ledger_goes_from_a_disk_with_locks_to_one_without_and_back(
    ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, lacks in enumerate((False, True, False)):
        with monkeypatch.context() as disk:
            if lacks:
                refuse(disk, "fcntl.lockf", errno.ENOLCK)
            async with open_ledger(ledger, alone=True) as opened:
                await opened.begin(f"run {number}")
    assert len(read_status(ledger).runs) == 3
    with closing(sqlite3.connect(ledger)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.EACCES])
def test_only_what_would_block_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    own, beside = fcntl.flock, tmp_path / "ledger.db.lock"

    def held(descriptor: int, operation: int) -> None:
        if beside.exists() and os.path.samestat(os.fstat(descriptor), beside.stat()):
            raise OSError(code, os.strerror(code))
        own(descriptor, operation)

    monkeypatch.setattr("fcntl.flock", held)
    with pytest.raises(LedgerError, match="in use by another smug2s3"), locked(str(tmp_path / "ledger.db")):
        pass


def test_a_lock_that_is_held_names_its_holder(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with locked(path):
        assert f"process {os.getpid()}" in (holder(path) or "")
        with pytest.raises(LedgerError, match="in use by another smug2s3"), locked(path):
            pass
