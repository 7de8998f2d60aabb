"""Writes a ZIP whose files are stored as they are, each only kept if all of its bytes were right."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

from smug2s3.stores.local.temp_files import keep

COMMENT = b"smug2s3"
"""Marks a ZIP as one that may be replaced."""

_LARGE = 2**31 - 1
_FIRST, _LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)
"""The moments that a ZIP can name."""


class ZipWriter:
    """A ZIP at ``path``; every method blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = ExitStack()
        self._entry: ZipEntry | None = None

    def open(self) -> None:
        """Create it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._opened.enter_context(self._path.open("w+b"))
        self.zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)
        self._opened.callback(self.zip.close)
        self.zip.comment = COMMENT

    def add(self, name: str, size: int, moment: float | None, content: Iterable[memoryview]) -> None:
        """A new file with all of its bytes, or not at all."""
        entry = self.begin(name, size, moment)
        try:
            for chunk in content:
                entry.write(chunk)
            entry.finish()
        except BaseException:
            entry.abandon()
            raise

    def begin(self, name: str, size: int | None, moment: float | None) -> ZipEntry:
        """A new file, after the one before was finished or abandoned."""
        self._entry = ZipEntry(self, name, size, moment)
        self._entry.begin()
        return self._entry

    def sync(self) -> None:
        """Have the disk take what was written so far."""
        keep(self._file.fileno())

    def finish(self) -> None:
        """Write the list of the files, and sync it to the disk."""
        self._entry = None
        self.zip.close()
        self._file.flush()
        keep(self._file.fileno())
        self._opened.close()

    def discard(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError, ValueError):  # the disk may be full
            if self._entry:
                self._entry.abandon()
        with suppress(OSError, ValueError):
            self._opened.close()
        self._path.unlink(missing_ok=True)

    def cut(self) -> None:
        """Drop the bytes of an abandoned file."""
        self.zip._writing = False  # type: ignore[attr-defined]  # noqa: SLF001 - no public way to abandon an entry
        self._file.truncate(self.zip.start_dir)
        self._file.seek(self.zip.start_dir)


class ZipEntry:
    """One file in a ZIP."""

    def __init__(self, writer: ZipWriter, name: str, size: int | None, moment: float | None) -> None:
        self._writer = writer
        self._wanted = name, size, moment

    def begin(self) -> None:
        """Write its beginning."""
        name, size, moment = self._wanted
        self._hash = hashlib.md5(usedforsecurity=False)
        self.count = 0
        # Without a size there is room for any; the field takes 20 bytes.
        self._entry = self._writer.zip.open(entry_info(name, moment), "w", force_zip64=size is None or size > _LARGE)

    @property
    def md5(self) -> str:
        """Hex digest of its bytes."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes | memoryview) -> None:
        """Append it; to be hashed as well."""
        self._entry.write(chunk)
        self.count += len(chunk)

    def hash(self, chunk: bytes | memoryview) -> None:
        """Take it into the MD5; in another thread, if that is faster."""
        self._hash.update(chunk)

    def restart(self) -> None:
        """Begin it again."""
        self.abandon()
        self.begin()

    def finish(self) -> None:
        """Keep it."""
        self._entry.close()

    def abandon(self) -> None:
        """Leave it out: closed without the end of an entry, which would list it."""
        io.BufferedIOBase.close(self._entry)  # type: ignore[arg-type]
        self._writer.cut()


def entry_info(name: str, moment: float | None) -> zipfile.ZipInfo:
    """The time twice: by the clock of this computer, as in every ZIP, and in UTC, as `unzip` reads it."""
    if moment is None:
        moment = datetime.now(UTC).timestamp()
    local = datetime.fromtimestamp(moment).timetuple()[:6]  # noqa: DTZ006 - a ZIP has no time zones
    info = zipfile.ZipInfo(name, min(max(local, _FIRST), _LAST))
    info.external_attr = 0o644 << 16
    if -(2**31) <= int(moment) < 2**31:
        info.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(moment))
    return info
