"""MinIO's S3 front end over a folder, through JuiceFS's gateway; the program is in the dependency group ``servers``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.support.s3_account import S3Account

HOW_TO = "run `uv sync --group servers` to have it"
KEEPS_ALL = ("--keep-etag", "--object-meta")
"""Without these two it keeps neither ETags nor metadata: also a store that people have."""

_KEY, _SECRET = "smug2s3-tests", "not-a-secret-at-all"
_STARTS_WITHIN = 60.0


def juicefs() -> str | None:
    """The program, if it is there."""
    return shutil.which("juicefs", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@contextmanager
def gateway(program: str, root: Path, *options: str) -> Iterator[S3Account]:
    """A running server that keeps everything under ``root``; it is gone at the end of the block."""
    metadata, address = f"sqlite3://{root / 'meta.db'}", f"127.0.0.1:{_free_port()}"
    environment = os.environ | {"MINIO_ROOT_USER": _KEY, "MINIO_ROOT_PASSWORD": _SECRET, "HOME": str(root)}
    form = [program, "format", metadata, "--storage", "file", "--bucket", f"{root / 'data'}/", "tests"]
    subprocess.run(form, env=environment, check=True, capture_output=True)
    own = ["--cache-dir", str(root / "cache"), "--log", str(root / "log"), "--metrics", f"127.0.0.1:{_free_port()}"]
    serve = [program, "gateway", metadata, address, "--multi-buckets", "--no-usage-report", "--no-banner"]
    said = root / "output"
    with (
        said.open("wb") as output,
        subprocess.Popen([*serve, *own, *options], env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            _await(f"http://{address}", process, said)
            yield S3Account(endpoint=f"http://{address}", access_key=_KEY, secret_key=_SECRET)
        finally:
            process.kill()


def _free_port() -> int:
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(address: str, process: subprocess.Popen[bytes], said: Path) -> None:
    """Until it answers, with whatever."""
    ends = time.monotonic() + _STARTS_WITHIN
    while process.poll() is None and time.monotonic() < ends:
        try:
            urlopen(address).close()
        except HTTPError as refusal:
            refusal.close()
            return
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"the gateway did not start: {said.read_text(errors='replace')[-2000:]}")
