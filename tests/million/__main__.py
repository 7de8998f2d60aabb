"""Walks through an archive of a million items in Chromium, from an S3 server and from a folder: `uv run python -m tests.million`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.machine import table
from tests.million.archive import ITEMS
from tests.million.waiting import TABLE

WALKS = Path(__file__).with_name("walks.py")


def main() -> int:
    """The exit code of the tests, which end before their table is printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.million", description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS, help="fewer, to try it")
    with tempfile.TemporaryDirectory(prefix="smug2s3-million-") as folder:
        lines = Path(folder) / "table.jsonl"
        lines.touch()
        environment = os.environ | {"SMUG2S3_TEST_ITEMS": str(parser.parse_args().items), TABLE: str(lines)}
        command = [sys.executable, "-m", "pytest", str(WALKS), "-n", "0", "-p", "no:cacheprovider"]
        code = subprocess.run(command, env=environment, check=False).returncode
        _print([json.loads(line) for line in lines.read_text().splitlines()])
    return code


def _print(walks: list[tuple[str, dict[str, float], float]]) -> None:
    """A column for each store."""
    names = list(dict.fromkeys(what for _, seconds, _ in walks for what in seconds))
    rows = [(what, *(f"{seconds[what]:.2f}" if what in seconds else "" for _, seconds, _ in walks)) for what in names]
    rows.append(("peak memory of `browse`, MB", *(f"{peak:.0f}" for *_, peak in walks)))
    table(("seconds until", *(store for store, *_ in walks)), rows)


if __name__ == "__main__":
    sys.exit(main())
