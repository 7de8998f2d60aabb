"""Blocking file operations of a folder destination; each leaves the folder in a consistent state."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from smug2s3.errors import StoreUnusable
from smug2s3.models import StoreTarget
from smug2s3.rules.homecoming import moment_of
from smug2s3.stores.local.faults import absent
from smug2s3.stores.local.folder import Folder, keep_folder
from smug2s3.stores.local.records import Record, place_of, read_record, twins
from smug2s3.stores.local.temp_files import TempFile, clear_leftovers

PAGE = 1000
"""Objects per page of a listing."""

LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that file managers leave behind, with ``._*`` and ``@eaDir``; not objects unless stored as such."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file and its record."""

    key: str
    path: Path
    entry: os.stat_result
    record: Record | None

    @property
    def md5(self) -> str | None:
        """The recorded MD5, while it is trustworthy."""
        return self.record.md5 if self.record and self.record.still_describes(self.entry) else None

    @property
    def litter(self) -> bool:
        """Whether a file manager left it."""
        name = self.path.name
        return self.record is None and (name in LITTER or name.startswith("._") or "@eaDir" in self.path.parts)


class FolderIO:
    """The objects of one folder. Raises a StoreError for a bad key or folder, else the system's errors."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._incoming = folder.hidden / "incoming"
        self._records = folder.hidden / "objects"
        self._placing = threading.Lock()
        """Hold this while creating a folder and a file in it: another thread may remove an empty folder in between."""
        self._clearing = threading.Lock()
        self._cleared = False

    def temp_file(self) -> TempFile:
        """A new temporary file, not opened yet."""
        return TempFile(self._incoming)

    def look(self) -> None:
        """Raise StoreUnusable if the folder does not exist."""
        if not self._folder.root.is_dir():
            raise absent(self._folder.root)
        try:
            os.scandir(self._folder.root).close()
        except PermissionError as error:
            raise _forbidden("read", self._folder.root) from error

    def begin(self, key: str, temp_file: TempFile) -> None:
        """Open ``temp_file`` if its contents can be stored under ``key``."""
        self._folder.vacant(key)
        self._prepare()
        temp_file.open()

    def place(self, temp_file: TempFile, target: StoreTarget, size: int, md5: str) -> None:
        """Rename the written file to its key, and write its record."""
        record = _record(target, size, temp_file.finish(moment_of(target)), md5)
        with ExitStack() as ending:
            described = self._drafted(record, ending)
            with self._placing:
                path = self._folder.vacant(target.key)
                self._move(temp_file, path)
                self._move(described, place_of(self._records, target.key))
                for former in self._other_names(target.key, path):
                    place_of(self._records, former.key).unlink(missing_ok=True)
        keep_folder(path.parent)

    def describe(self, found: Found, target: StoreTarget, md5: str) -> None:
        """Write a new record for an unchanged file."""
        self._prepare()
        with ExitStack() as ending:
            described = self._drafted(_record(target, found.entry.st_size, found.entry.st_mtime_ns, md5), ending)
            with self._placing:
                self._move(described, place_of(self._records, target.key))

    def remove(self, key: str) -> None:
        """Delete the file, its record, and folders that become empty.

        On a disk that ignores case, the file may be another object, as after a rename that changed only the case.
        """
        self._folder.root.stat()  # raises if the disk is gone
        path, place = self._folder.path(key), place_of(self._records, key)
        with self._placing:
            if not path.is_dir() and (place.exists() or not any(self._other_names(key, path))):
                path.unlink(missing_ok=True)
                place.unlink(missing_ok=True)
            self._folder.clear_way(path)
            self._folder.clear_way(place)

    def find(self, key: str) -> Found:
        """One file; raises StoreMissing."""
        path, entry = self._folder.found(key)
        return Found(key, path, entry, read_record(self._records, key))

    def pages(self, prefix: str) -> Iterator[list[Found]]:
        """Every object whose key begins with ``prefix``."""
        files = self._folder.files(prefix)
        while paths := list(islice(files, PAGE)):
            seen = (self._seen(path) for path in paths)
            yield [found for found in seen if found and not found.litter]

    def _seen(self, path: Path) -> Found | None:
        key = self._folder.key(path)
        # Some disks ignore case, and some give accents back in another Unicode form than the key has.
        record = read_record(self._records, key) or next(self._other_names(key, path), None)
        try:
            return Found(record.key if record else key, path, path.lstat(), record)
        except FileNotFoundError:
            return None  # Removed since its folder was listed.

    def _other_names(self, key: str, path: Path) -> Iterator[Record]:
        """Records of the same file under keys that the disk does not distinguish from ``key``."""
        for twin in twins(self._records, key):
            with suppress(OSError):
                if path.samefile(self._folder.path(twin.key)):
                    yield twin

    def _prepare(self) -> None:
        self._folder.refuse_hidden_link()
        try:
            self._folder.make_way(self._incoming / "any")
        except PermissionError as error:
            raise _forbidden("write to", self._folder.root) from error
        with self._clearing:  # Before the first temporary file of this process, so that none is taken for a leftover.
            if not self._cleared:
                clear_leftovers(self._incoming)
            self._cleared = True

    def _drafted(self, record: Record, ending: ExitStack) -> TempFile:
        temp_file = self.temp_file()
        ending.callback(temp_file.discard)
        temp_file.open()
        temp_file.write([record.encoded()])
        temp_file.finish()
        return temp_file

    def _move(self, temp_file: TempFile, path: Path) -> None:
        self._folder.make_way(path)
        temp_file.path.replace(path)


def _record(target: StoreTarget, size: int, changed: int, md5: str) -> Record:
    return Record(
        key=target.key,
        size=size,
        changed=changed,
        md5=md5,
        content_type=target.content_type,
        metadata=dict(target.metadata),
    )


def _forbidden(what: str, root: Path) -> StoreUnusable:
    hint = "Change its permissions, or run smug2s3 as its owner."
    return StoreUnusable(f"no permission to {what} the folder {root}", hint=hint)
