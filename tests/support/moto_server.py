"""moto as a server in a process of its own, which ends with its standard input: also when the tests are killed."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import Request, urlopen

BUCKET = "everybody"

PAGE = 10
"""Keys it lists at a time, so that a listing of several pages needs no thousand objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moto:
    """Where it listens, and a bucket in it."""

    endpoint: str
    bucket: str = BUCKET
    page: int = PAGE


@contextmanager
def moto_server() -> Iterator[Moto]:
    """A running server; it is gone at the end of the block."""
    environment = os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": str(PAGE)}
    with subprocess.Popen(
        [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            endpoint = process.stdout.readline().strip()
            assert endpoint, "moto did not start"
            yield Moto(endpoint=endpoint)
        finally:
            process.communicate()


def _serve() -> None:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with urlopen(Request(f"http://{host}:{port}/{BUCKET}", method="PUT")):  # it looks at no signature
        sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
