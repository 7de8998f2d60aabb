"""What every test starts from: no settings of the machine it runs on, and none of its files."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from smug2s3.__main__ import GC_THRESHOLD
from smug2s3.settings import VARIABLES
from tests.support import axe, browser, debian, juicefs, network

# Real accounts must never be reached by a test.
_OURS = {variable.name for variable in VARIABLES.values()}
_THEIRS = {name for name in os.environ if name.startswith(("AWS_", "RCLONE_")) or name.lower().endswith("_proxy")}

_NEEDED = {
    browser.HOW_TO: "a browser and there is none",
    network.HOW_TO: "network namespaces and there are none",
    juicefs.HOW_TO: "JuiceFS's gateway and there is none",
    axe.HOW_TO: "axe-core from npm and it could not be fetched",
    debian.TO_GET_EXIFTOOL: "ExifTool and there is none",
    debian.TO_GET_SYSTEMD: "systemd-analyze and there is none",
}
"""What a test may lack, by how it is to be had."""

AUTHORITY = Path(__file__).parent / "support" / "authority.pem"
"""The only one that S3 clients believe here, and it has signed for nobody: to read all others takes each 0.013 s."""


# Each process of the tests, and each server and worker they start, would compile anew what it imports: half of the time
# that collecting takes.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The tests themselves are a million objects, and to look for garbage among them took a tenth of the time.
gc.set_threshold(*GC_THRESHOLD)

# A shell has what it starts in the background ignore Ctrl-C, `nohup` a hang-up; and so would every command a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each process of a whole run begins with another part of the files: else all of them would compile all of them."""
    about: dict[str, Any] = getattr(session.config, "workerinput", {})
    if about and session.config.args == session.config.getini("testpaths"):
        files = sorted(Path(__file__).parent.rglob("test_*.py"))
        begin = len(files) * int(about["workerid"].removeprefix("gw")) // about["workercount"]
        for file in (*files[begin:], *files[:begin]):
            with suppress(Exception, pytest.skip.Exception):  # said when it is collected
                import_module(".".join(("tests", *file.relative_to(Path(__file__).parent).with_suffix("").parts)))


def pytest_collection_finish() -> None:
    """All of that stays to the end."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that could not be run is said aloud, at the very end."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    untried = {how_to: sum(how_to in reason for reason in skipped) for how_to in _NEEDED}
    if any(untried.values()):
        terminalreporter.section("NOT TESTED", red=True, bold=True)
    for how_to, count in untried.items():
        if count:
            line = f"{count} tests need {_NEEDED[how_to]}: {how_to}."
            terminalreporter.line(line, red=True, bold=True)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from outside, and relative paths (`.env`, the ledger) lie in a folder of the test's own."""
    for name in _OURS | _THEIRS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(AUTHORITY))
    monkeypatch.chdir(tmp_path)
