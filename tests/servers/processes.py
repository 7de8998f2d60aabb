"""Processes of a server under test: each on ports of its own, its output in a file, ended with the block."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, socket
from typing import Any

STARTS_WITHIN = 60.0
ENDS_WITHIN = 10.0


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def done(command: Sequence[object], **options: Any) -> str:
    """The output of a command that must succeed."""
    words = [str(word) for word in command]
    ran: subprocess.CompletedProcess[str] = subprocess.run(
        words, capture_output=True, text=True, check=False, **options
    )
    assert ran.returncode == 0, f"{command[0]} failed: {ran.stdout[-1000:]}{ran.stderr[-2000:]}"
    return ran.stdout


@contextmanager
def running(
    command: Sequence[object], said: Path, port: int | None, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The process and its children from when it listens on ``port``; what they print is in ``said``."""
    with (
        said.open("wb") as output,
        subprocess.Popen(
            [str(word) for word in command],
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            _await(process, port, said)
            yield process
        finally:
            _end(process)


def _await(process: subprocess.Popen[bytes], port: int | None, said: Path) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < ends:
        if port is None:
            return
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{said.stem} did not start: {said.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """All of its session, since some servers leave children behind."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(ENDS_WITHIN)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
