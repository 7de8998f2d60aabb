"""`smug2s3 browse` in a process of its own, and what it takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Browsed:
    """The running command."""

    address: str
    """The first one, with the token."""
    process: int

    @property
    def origin(self) -> str:
        """What all addresses begin with."""
        return self.address.partition("/?")[0]

    @property
    def processor_seconds(self) -> float:
        """What the process has used of the processor so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_mb(self) -> float:
        """The most memory that the process has had."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1000


@contextmanager
def browsed(home: Path, **environment: str) -> Iterator[Browsed]:
    """The command in that folder, as long as the block lasts."""
    command = [sys.executable, "-m", "smug2s3", "browse", "--no-open"]
    own = os.environ | {"PYTHONUNBUFFERED": "1"} | environment
    with subprocess.Popen(command, cwd=home, env=own, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = next(line.split()[-1] for line in process.stdout if "http://" in line)
            yield Browsed(address, process.pid)
        finally:
            process.terminate()
            process.stdout.read()
