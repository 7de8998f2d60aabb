"""A Dask scheduler and workers started as by hand, each a process on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import small_parts

PATIENCE = 90.0
"""Seconds to wait for anything on a busy machine."""

_DASK = (sys.executable, "-m", "dask")
_LOUD = {"DASK_LOGGING__DISTRIBUTED": "info"}


@dataclass(slots=True)
class Cluster:
    """A scheduler, and workers that read their settings from the `.env` of one folder whenever a run starts."""

    home: Path
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def settle(self, settings: Mapping[str, str]) -> None:
        """Write the workers' `.env`."""
        (self.home / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))

    def start_worker(self, address: str = "") -> subprocess.Popen[bytes]:
        """Start one more worker, which joins some seconds later; optionally through another ``address``."""
        number = len(self.workers)
        return self.start(
            *_DASK, "worker", address or self.address, "--no-nanny", "--nthreads", "40", "--no-dashboard", "--name", f"w{number}",
            "--memory-limit", "0", "--host", "127.0.0.1", "--preload", str(Path(small_parts.__file__)),
            home=self.home, name=f"worker-{number}.txt",
        )  # fmt: skip

    def start(self, *command: str, home: Path, name: str) -> subprocess.Popen[bytes]:
        """Start a worker with any command in ``home``; its output goes to a file of the cluster."""
        worker = started(*command, home=home, said=self.home / name)
        self.workers.append(worker)
        return worker

    def staff(self, count: int) -> None:
        """Start workers until so many are alive."""
        alive = [worker for worker in self.workers if worker.poll() is None]
        fresh = [self.start_worker() for _ in range(count - len(alive))]
        for worker in fresh:
            self.wait_for("Registered to", self.workers.index(worker))

    def wait_for(self, words: str, number: int) -> None:
        """Wait until a worker has written these words."""
        until(lambda: words in self.said(number))

    def said(self, number: int) -> str:
        """The output of a worker."""
        return self.said_by(f"worker-{number}.txt")

    def said_by(self, name: str) -> str:
        """The same, by the name of the file."""
        return (self.home / name).read_text(errors="replace")

    def everything_said(self) -> str:
        """The output of scheduler and workers."""
        return "".join(path.read_text(errors="replace") for path in self.home.glob("*.txt"))

    @property
    def alive(self) -> list[subprocess.Popen[bytes]]:
        """Workers that have not ended."""
        return [worker for worker in self.workers if worker.poll() is None]


def until(true: object, patience: float = PATIENCE) -> None:
    """Wait until a call returns something true."""
    assert callable(true)
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def started(*command: str, home: Path, said: Path) -> subprocess.Popen[bytes]:
    """Start a process whose output goes to a file."""
    with said.open("wb") as out:
        return subprocess.Popen(command, cwd=home, env=os.environ | _LOUD, stdout=out, stderr=subprocess.STDOUT)


@contextmanager
def dask_cluster(home: Path, *options: str) -> Iterator[Cluster]:
    """A scheduler on loopback, without TLS unless ``options`` require it; all processes are killed at the end."""
    where = home / "scheduler.json"
    scheduler = started(
        *_DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where),
        *options, home=home, said=home / "scheduler.txt",
    )  # fmt: skip
    cluster = None
    try:
        until(lambda: where.exists() and where.read_text())
        cluster = Cluster(home, scheduler, json.loads(where.read_text())["address"])
        yield cluster
    finally:
        for process in [scheduler, *(cluster.workers if cluster else [])]:
            with_signal(process, signal.SIGKILL)
            process.wait()


def with_signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send it a signal if it is alive."""
    if process.poll() is None:
        process.send_signal(number)
