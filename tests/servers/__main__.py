"""The contract suite and a whole account on servers of Debian's: `uv run python -m tests.servers swift ceph`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from tests.servers import ceph, swift
from tests.support.debian import installed
from tests.support.real_server import VARIABLE
from tests.support.s3_account import S3Account

TESTS = ("tests/contract", "tests/integration/test_other_servers.py")


class Server(NamedTuple):
    """How to get one, and how to start it in a folder."""

    packages: tuple[str, ...]
    needs: tuple[str, ...]
    version: Callable[[], str]
    start: Callable[[Path], AbstractContextManager[S3Account]]
    known: tuple[str, ...]
    """Tests that cannot pass there, by a part of their names; ``stores/quirks.py`` says why."""

    @property
    def there(self) -> bool:
        """Whether all its programs are installed."""
        return all(Path(name).exists() for name in self.needs)


SERVERS = {
    "ceph": Server(ceph.PACKAGES, ceph.NEEDS, ceph.version, ceph.ceph, ceph.KNOWN),
    "swift": Server(swift.PACKAGES, swift.NEEDS, swift.version, swift.swift, swift.KNOWN),
}


class Row(NamedTuple):
    """One line of the table."""

    server: str
    version: str
    passed: int = 0
    failed: tuple[str, ...] = ()
    seconds: float = 0.0
    trouble: str = ""


def tried(name: str) -> Row:
    """What came of one server."""
    server = SERVERS[name]
    if not installed(" ".join(server.packages), lambda: server.there):
        return Row(name, "-", trouble=f"not installed: apt-get install {' '.join(server.packages)}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"smug2s3-{name}-") as folder:
        try:
            with server.start(Path(folder)) as account:
                passed, failed = _tested(name, server, account, Path(folder) / "result.xml")
        except (AssertionError, subprocess.TimeoutExpired) as error:
            return Row(name, server.version(), trouble=str(error))
    return Row(name, server.version(), passed, failed, time.monotonic() - began)


def _tested(name: str, server: Server, account: S3Account, result: Path) -> tuple[int, tuple[str, ...]]:
    """How many tests passed, and which failed."""
    named = {"ENDPOINT": account.endpoint, "KEY": account.access_key, "SECRET": account.secret_key}
    named |= {"BUCKET": account.new_bucket(), "SERVER": name}
    chosen = " and not ".join(("environment", *server.known))
    command = [sys.executable, "-m", "pytest", *TESTS, "-k", chosen, "-q", "-n", "0", f"--junit-xml={result}"]
    environment = os.environ | {VARIABLE.format(key): value for key, value in named.items()}
    subprocess.run(command, env=environment, check=False)
    cases = list(ET.parse(result).iter("testcase"))
    failed = [
        case.get("name", "") for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    return len(cases) - len(failed), tuple(failed)


def table(rows: list[Row]) -> str:
    """All of them."""
    lines = [f"{'server':<8} {'version':<26} {'passed':>6} {'failed':>6} {'known':>6} {'seconds':>8}"]
    for row in rows:
        known = len(SERVERS[row.server].known)
        counts = f"{row.passed:>6} {len(row.failed):>6} {known:>6} {row.seconds:>8.0f}"
        lines += [
            f"{row.server:<8} {row.version:<26} {row.trouble or counts}",
            *(f"  failed: {one}" for one in row.failed),
        ]
    return "\n".join(lines)


def main() -> int:
    """Exit code 1 if a test failed or a server did not start."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("server", nargs="*", choices=[[], *SERVERS], help="all by default")
    rows = [tried(name) for name in parser.parse_args().server or SERVERS]
    sys.stdout.write(f"{table(rows)}\n")
    return 1 if any(row.failed or row.trouble or not row.passed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
