"""What every test starts from: no settings of the machine it runs on, and none of its files."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from smug2s3.settings import VARIABLES
from tests.support.browser import HOW_TO

# Real accounts must never be reached by a test.
_OURS = {variable.name for variable in VARIABLES.values()}
_THEIRS = {name for name in os.environ if name.startswith(("AWS_", "RCLONE_")) or name.lower().endswith("_proxy")}

AUTHORITY = Path(__file__).parent / "support" / "authority.pem"
"""The only one that S3 clients believe here, and it has signed for nobody: to read all others takes each 0.013 s."""


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell has what it starts in the background ignore Ctrl-C, and so would every command a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that could not be run is said aloud, at the very end."""
    untried = [report for report in terminalreporter.stats.get("skipped", []) if HOW_TO in str(report.longrepr)]
    if untried:
        terminalreporter.section("NOT TESTED", red=True, bold=True)
        terminalreporter.line(f"{len(untried)} tests need a browser and there is none: {HOW_TO}.", red=True, bold=True)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from outside, and relative paths (`.env`, the ledger) lie in a folder of the test's own."""
    for name in _OURS | _THEIRS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(AUTHORITY))
    monkeypatch.chdir(tmp_path)
