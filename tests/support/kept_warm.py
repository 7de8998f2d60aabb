"""The process that has imported the program, and forks a process for every command that it is asked for."""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any


def _import_everything() -> None:
    """All of the program but what few commands need, and Dask takes seconds."""
    import smug2s3

    for module in pkgutil.walk_packages(smug2s3.__path__, "smug2s3."):
        if not module.name.startswith(("smug2s3.cluster", "smug2s3.__main__")):
            importlib.import_module(module.name)
    importlib.import_module("aioboto3")


def _wanted(line: socket.socket) -> dict[str, Any]:
    """Serves until nobody asks any more; returns only in a new process, which is to become what was asked for."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(line, 1 << 20, 4)
        if not message:
            os._exit(0)
        if not os.fork():
            break
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    line.close()
    asker, *streams = descriptors
    with socket.socket(fileno=asker) as answer:
        if pid := os.fork():
            _watch(pid, answer, streams)
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    wanted: dict[str, Any] = json.loads(message)
    return wanted


def _watch(pid: int, answer: socket.socket, streams: list[int]) -> None:
    """Say who it is, and how it ended."""
    for descriptor in streams:
        os.close(descriptor)
    answer.send(str(pid).encode())
    answer.send(str(os.waitpid(pid, 0)[1]).encode())
    os._exit(0)


def _become(wanted: dict[str, Any]) -> None:
    """As if Python had been started for it."""
    os.environ.clear()
    os.environ.update(wanted["environment"])
    time.tzset()
    os.chdir(wanted["home"])
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def _run(command: list[str]) -> None:
    if command[0] == "-m":
        sys.path[0] = str(Path.cwd())
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(command[0]).parent)
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    _import_everything()
    gc.freeze()
    asked_for = _wanted(socket.socket(fileno=int(sys.argv[1])))
    _become(asked_for)
    _run(asked_for["command"])
