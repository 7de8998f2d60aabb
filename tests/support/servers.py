"""One real S3 server for all tests of a process, with a supply of buckets that nobody else uses."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from smug2s3.local_servers import S3Server, s3_server
from tests.support.bucket import Bucket

BUCKETS = 1000
"""Made before the server starts: it does not see new folders for minutes, nor need it then."""


@dataclass(frozen=True, slots=True)
class LocalS3:
    """The server, and where it keeps its objects as plain files."""

    server: S3Server
    root: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_bucket(self) -> Bucket:
        """An empty bucket."""
        name = _name(next(self._numbers))
        return Bucket(name=name, folder=self.root / name, server=self.server)


@contextmanager
def local_s3(*options: str) -> Iterator[LocalS3]:
    """A server that lives in a thread, so that tests with an event loop each can share it."""
    root = Path(tempfile.mkdtemp(prefix="smug2s3-test-s3-"))
    for number in range(1, BUCKETS + 1):
        (root / _name(number)).mkdir()
    ready: Future[S3Server] = Future()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(root, options, ready, stop)))
    thread.start()
    try:
        yield LocalS3(ready.result(60), root)
    finally:
        stop.set()
        thread.join()
        shutil.rmtree(root)


async def _serve(root: Path, options: tuple[str, ...], ready: Future[S3Server], stop: threading.Event) -> None:
    try:
        async with s3_server(root, *options) as server:
            ready.set_result(server)
            await asyncio.to_thread(stop.wait)
            server.process.kill()  # asked politely it takes seconds to flush what nobody wants any more
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


def _name(number: int) -> str:
    return f"bucket-{number:04d}"
