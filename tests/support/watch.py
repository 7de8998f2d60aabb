"""Looks at a bucket all the time for what must never be visible in it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from pathlib import Path
from urllib.parse import unquote

from smugmug_simulator import World
from tests.support.bucket import SIDECAR, Bucket
from tests.support.fault_proxy import FaultProxy

TRIAL = "/.smug2s3-check-"

SETTLED = 3.0
"""Seconds after a broken upload until the server has removed what came of it."""


class Watch:
    """Looks at a bucket while it is written to; a file is looked into once, and again when it changed."""

    def __init__(self, bucket: Bucket, proxy: FaultProxy, world: World) -> None:
        self._bucket = bucket
        self._proxy = proxy
        self._right = {asset.md5 for asset in world.assets()}
        self._known: dict[str, tuple[tuple[int, int], str]] = {}
        self._broken: dict[str, float] = {}
        self._heard = 0
        self.looks = 0

    def wrong(self) -> list[str]:
        """Keys of objects that are neither a whole file of the account nor a whole ``_album.json``.

        What is being written right now does not count: this server shows it, a store would not. Nor do the tiny objects
        that a refusal is tried with, which are gone again in a moment.
        """
        self.looks += 1
        now = time.monotonic()
        for passed in self._proxy.log[self._heard :]:
            if not passed.status:
                self._broken[key_of(passed.path)] = now
        self._heard = len(self._proxy.log)
        busy = {key_of(path) for _, path in self._proxy.under_way}
        busy |= {key for key, since in self._broken.items() if now - since < SETTLED}
        return [
            key
            for key, path in self._files().items()
            if not (key in busy or TRIAL in key) and not self._is_right(key, path)
        ]

    def _files(self) -> dict[str, Path]:
        with contextlib.suppress(FileNotFoundError):  # it went between being listed and being looked at
            return self._bucket.files()
        return {}

    def _is_right(self, key: str, path: Path) -> bool:
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if self._known.get(key, (None, ""))[0] != stamp:
                self._known[key] = stamp, self._read(path)
        except FileNotFoundError:
            return True
        return self._known[key][1] in ("sidecar", *self._right)

    @staticmethod
    def _read(path: Path) -> str:
        content = path.read_bytes()
        if path.name != SIDECAR:
            return hashlib.md5(content, usedforsecurity=False).hexdigest()
        with contextlib.suppress(ValueError):
            json.loads(content)
            return "sidecar"
        return "a broken sidecar"


def key_of(path: str) -> str:
    """The object's key in a request's path: ``/bucket/key?query``."""
    return unquote(path.partition("?")[0]).removeprefix("/").partition("/")[2]
