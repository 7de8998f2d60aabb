"""Keeps pictures that took long to make, in a folder of limited size: those not shown for longest go first."""

from __future__ import annotations

import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock

_OURS = re.compile(r"[0-9a-f]{32}-\d+\.jpg")
_HALF_WRITTEN = ".writing-"


class KeptPictures:
    """Pictures by name. Methods block, and can be called from any thread.

    A folder that cannot be written, or a full disk, is said once; from then on nothing more is kept.
    """

    def __init__(self, folder: Path, limit: int, notify: Callable[[str], object]) -> None:
        """``limit`` in bytes; 0 to keep nothing."""
        self._folder = folder
        self._limit = limit
        self._notify = notify
        self._lock = Lock()
        self._sizes: OrderedDict[str, int] | None = None
        """By name, those that were shown last at the end; ``None`` until the folder was read."""
        self._total = 0

    def get(self, name: str) -> bytes | None:
        """The picture; ``None`` if it is not kept."""
        if not self._limit:
            return None
        path = self._folder / name
        try:
            body = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        with self._lock:
            if self._sizes is not None and name in self._sizes:
                self._sizes.move_to_end(name)
        return body

    def put(self, name: str, body: bytes) -> None:
        """Keep the picture; it appears complete or not at all."""
        if len(body) > self._limit:
            return
        with self._lock:
            try:
                self._write(name, body)
            except OSError as error:
                self._limit = 0
                self._notify(f"pictures are not kept in {self._folder}: {error.strerror or error}")

    def _write(self, name: str, body: bytes) -> None:
        sizes = self._read_folder() if self._sizes is None else self._sizes
        handle, temporary = tempfile.mkstemp(prefix=_HALF_WRITTEN, dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
            Path(temporary).replace(self._folder / name)
        finally:
            Path(temporary).unlink(missing_ok=True)
        self._total += len(body) - sizes.pop(name, 0)
        sizes[name] = len(body)
        while self._total > self._limit:
            oldest, size = sizes.popitem(last=False)
            (self._folder / oldest).unlink(missing_ok=True)
            self._total -= size

    def _read_folder(self) -> OrderedDict[str, int]:
        """Only what is ours: nothing else is ever removed."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        found: list[tuple[float, str, int]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.startswith(_HALF_WRITTEN):
                    Path(entry.path).unlink(missing_ok=True)
                elif _OURS.fullmatch(entry.name):
                    known = entry.stat()
                    found.append((known.st_mtime, entry.name, known.st_size))
        self._sizes = OrderedDict((name, size) for _, name, size in sorted(found))
        self._total = sum(self._sizes.values())
        return self._sizes
