"""A lock that cannot be had is told from one that somebody else has."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from smug2s3.errors import LedgerError
from smug2s3.ledger.lock import holder, locked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows locks otherwise")


@pytest.fixture(params=[errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def lockless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A disk that knows no locks, and what it says."""
    code: int = request.param

    def refused(_descriptor: int, _operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.flock", refused)
    return errno.errorcode[code]


def test_a_disk_without_locks_is_no_other_smug2s3(tmp_path: Path, lockless: str) -> None:
    with (
        pytest.raises(LedgerError, match=f"lets no file be locked \\({lockless}\\)") as refused,
        locked(str(tmp_path / "ledger.db")),
    ):
        pass
    assert "another smug2s3" not in str(refused.value)
    assert "LEDGER_PATH" in refused.value.hint


@pytest.mark.usefixtures("lockless")
def test_on_a_disk_without_locks_nobody_holds_one(tmp_path: Path) -> None:
    (tmp_path / "ledger.db.lock").write_text("process 1")
    assert holder(str(tmp_path / "ledger.db")) is None


def test_a_lock_that_is_held_names_its_holder(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with locked(path):
        assert f"process {os.getpid()}" in (holder(path) or "")
        with pytest.raises(LedgerError, match="another smug2s3 works with the ledger"), locked(path):
            pass
