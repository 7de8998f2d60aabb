"""What `get` does to single files of its folder, in threads: parts that grow, others that have the name, whole ZIPs."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path

from smug2s3.rules.homecoming import PART, HomeFile
from smug2s3.rules.keys import split_suffix
from smug2s3.stores.local.temp_files import keep, set_time
from smug2s3.stores.local.zip_writer import COMMENT, ZipWriter

_BLOCK = 1024 * 1024


class PartFile:
    """One `.part`, with the hash of what is in it; every method blocks."""

    def __init__(self, target: Path, moment: float | None) -> None:
        self._target = target
        self._moment = moment
        self.path = target.with_name(target.name + PART)
        self.placed = False
        """Whether it is at its target."""
        self.before: Path | None = None
        """Where another file went that had the target's name."""
        self._file: FileIO | None = None
        self._hash = hashlib.md5(usedforsecurity=False)
        self.count = 0

    def resume(self) -> None:
        """Read what an earlier run left of it, if it did."""
        if not self.path.is_file():
            return
        self._file = self.path.open("r+b", buffering=0)
        while block := self._file.read(_BLOCK):
            self._hash.update(block)
            self.count += len(block)

    def _opened(self) -> FileIO:
        """Created when it is first needed: a step less for each of many small files."""
        if self._file is None:
            self._file = _created(self.path)
        return self._file

    @property
    def md5(self) -> str:
        """Hex digest of its bytes."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes | memoryview) -> None:
        """Append it; to be hashed as well. Once it is placed, bytes are only counted: they are too many."""
        if not self.placed:
            file, rest = self._opened(), memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]
        self.count += len(chunk)

    def hash(self, chunk: bytes | memoryview) -> None:
        """Take it into the MD5; in another thread, if that is faster."""
        self._hash.update(chunk)

    def restart(self) -> None:
        """Empty it."""
        self.placed = False
        self._opened().seek(0)
        self._opened().truncate()
        self._hash = hashlib.md5(usedforsecurity=False)
        self.count = 0

    def sync(self) -> None:
        """Have the disk take what was written so far."""
        keep(self._opened().fileno())

    def place(self) -> None:
        """Sync it to the disk, and rename it to its target; whether its name stays is for the folder to be synced."""
        file = self._opened()
        keep(file.fileno())
        file.close()
        self._file = None
        set_time(self.path, self._moment)
        self.before = self.before or make_way(self._target, self.md5)
        self.path.replace(self._target)
        self.placed = True

    def close(self, *, stays: bool) -> None:
        """After a failure; ``stays`` for another run to continue it."""
        if self._file is None:
            if not stays:
                with suppress(OSError):  # an earlier run may have left one, or nothing
                    self.path.unlink()
            return
        with suppress(OSError):  # as a network disk may say at last
            self._file.close()
        if not (stays and self.count):
            self.path.unlink(missing_ok=True)


def _created(path: Path) -> FileIO:
    try:
        return path.open("wb", buffering=0)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb", buffering=0)


def md5_of(path: Path) -> str:
    """The MD5 (hex) of a file."""
    with path.open("rb") as file:
        return _md5(iter(partial(file.read, _BLOCK), b""))


def _md5(blocks: Iterable[bytes]) -> str:
    found = hashlib.md5(usedforsecurity=False)
    for block in blocks:
        found.update(block)
    return found.hexdigest()


def make_way(target: Path, md5: str) -> Path | None:
    """Rename another file that has the name: somebody may have edited it. Returns its new place."""
    if not target.is_file() or md5_of(target) == md5:
        return None
    stem, suffix = split_suffix(target.name)
    number = 1
    while (place := target.with_name(f"{stem}-before{f'-{number}' if number > 1 else ''}{suffix}")).exists():
        number += 1
    target.rename(place)
    return place


def place_zip(writer: ZipWriter, part: Path, target: Path, *, complete: bool) -> Path | None:
    """Finish a ZIP and rename it to ``target``, unless it is empty; returns where another file of this name went."""
    if not writer.zip.filelist:
        writer.discard()
        return None
    names = set(writer.zip.namelist())
    writer.finish()
    before = None if complete and _has_only(target, names) else make_way(target, "")
    part.replace(target)
    return before


def _has_only(path: Path, names: set[str]) -> bool:
    """Whether it is one of ours and nothing is lost with it: other filters, or a person, may have put more into it."""
    try:
        with zipfile.ZipFile(path) as found:
            return found.comment == COMMENT and names.issuperset(found.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def is_zip_of(path: Path, files: Sequence[HomeFile]) -> bool:
    """Whether it holds just these files; every byte is read."""
    try:
        with zipfile.ZipFile(path) as found:
            sizes = {entry.filename: entry.file_size for entry in found.infolist()}
            if sizes != {file.name: file.size for file in files}:
                return False
            for file in files:
                with found.open(file.name) as entry:
                    if _md5(iter(partial(entry.read, _BLOCK), b"")) != file.md5:
                        return False
            return True
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, zipfile.BadZipFile):
        return False
