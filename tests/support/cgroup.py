"""Limits processes to a share of one core, with cgroups of either version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PERIOD = 20_000
"""The period of the quota in microseconds; short, so that pauses are short."""


@contextmanager
def held_to(cores: float, name: str) -> Iterator[list[str]]:
    """The prefix of a command that limits it to so many cores; raises OSError if that is not possible."""
    quota = int(cores * PERIOD)
    folder = ROOT / ("" if (ROOT / "cgroup.controllers").exists() else "cpu") / f"smug2s3-{os.getpid()}-{name}"
    if folder.parent == ROOT:
        (ROOT / "cgroup.subtree_control").write_text("+cpu")
    folder.mkdir()
    try:
        if folder.parent == ROOT:
            (folder / "cpu.max").write_text(f"{quota} {PERIOD}")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        yield ["sh", "-c", 'echo $$ > "$0"/cgroup.procs && exec "$@"', str(folder)]
    finally:
        folder.rmdir()
