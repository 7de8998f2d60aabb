"""Maps keys to paths in a folder; no key leads out of the folder or into its hidden folder."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from smug2s3.errors import StoreMissing, StoreRefused, StoreUnusable
from smug2s3.rules import keys
from smug2s3.stores.local.temp_files import keep

HIDDEN = ".smug2s3"
"""The hidden folder for temporary files and records."""

# Drives, alternate streams and separators, which only Windows has.
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]' if os.name == "nt" else r"\x00")


class Folder:
    """A folder that holds objects, each as a file at the path of its key."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self.hidden = self.root / HIDDEN

    def path(self, key: str) -> Path:
        """The path of ``key``; raises StoreRefused if it is not a separate place in the folder."""
        path = self.root.joinpath(*_parts(key))
        if _leads_away(path.parent):
            raise _refusal(key, "its path contains a symbolic link")
        return path

    def found(self, key: str) -> tuple[Path, os.stat_result]:
        """The object's file and its status; raises StoreMissing if there is none."""
        path = self.path(key)
        try:
            entry = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            raise self._missing(key) from None
        if stat.S_ISDIR(entry.st_mode):
            raise self._missing(key)
        if not stat.S_ISREG(entry.st_mode):
            raise _refusal(key, "it is not a regular file")
        return path, entry

    def vacant(self, key: str) -> Path:
        """The path to write ``key`` to; raises StoreRefused with the object that is in its way."""
        path = self.path(key)
        for above in self._above(path):
            if _is_file(above):
                raise StoreRefused(f"{key} cannot be stored: {self.key(above)} is a file, and cannot be a folder too")
        if path.is_dir() and not path.is_symlink():
            inside = next(self._files(path, ""), None)
            raise StoreRefused(
                f"{key} cannot be stored: it is the folder of {self.key(inside) if inside else 'others'}"
            )
        return path

    def refuse_hidden_link(self) -> None:
        """Raise StoreUnusable if the hidden folder is a link, which may lead anywhere."""
        if _leads_away(self.hidden):
            hint = "Remove the link; the folder is created when needed."
            raise StoreUnusable(f"{self.hidden} is a symbolic link", hint=hint)

    def make_way(self, path: Path) -> None:
        """Create the folders above ``path``, but never the folder itself: without it, its disk is not connected."""
        for above in self._above(path):
            with suppress(FileExistsError):
                above.mkdir()
                keep_folder(above.parent)

    def clear_way(self, path: Path) -> None:
        """Remove empty folders above ``path``."""
        with suppress(OSError):
            for above in reversed(self._above(path)):
                above.rmdir()

    def files(self, prefix: str) -> Iterator[Path]:
        """Every file whose key begins with ``prefix``. Files reachable only through a link are not included."""
        self.root.stat()  # a disk that is gone is not an empty folder
        directory, _, beginning = prefix.rpartition("/")
        start = self.path(directory) if directory else self.root
        if not directory or (start.is_dir() and not start.is_symlink()):
            yield from self._files(start, beginning)

    def key(self, path: Path) -> str:
        """The key of a file; for a name that is not valid text, something to show."""
        return os.fsencode(path.relative_to(self.root).as_posix()).decode(errors="replace")

    def _files(self, start: Path, beginning: str) -> Iterator[Path]:
        waiting = [start]
        while waiting:
            directory = waiting.pop()
            for entry in _entries(directory):
                path = Path(entry.path)
                if path == self.hidden or (directory == start and not entry.name.startswith(beginning)):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                elif entry.is_file(follow_symlinks=False):
                    yield path

    def _above(self, path: Path) -> list[Path]:
        """The folders between this one and ``path``, from the top."""
        return [above for above in reversed(path.parents) if above.is_relative_to(self.root) and above != self.root]

    def _missing(self, key: str) -> StoreMissing:
        self.root.stat()  # a disk that is gone is not an object that is gone
        return StoreMissing(f"the folder does not have {key}")


def keep_folder(path: Path) -> None:
    """Make renamed and new files in a folder survive a power cut."""
    if os.name == "nt":
        return  # Windows does so itself, and cannot open folders.
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (PermissionError, IsADirectoryError):
        return  # A folder that may be written but not read, or a network disk that cannot open folders.
    try:
        keep(descriptor)
    finally:
        os.close(descriptor)


def _is_file(path: Path) -> bool:
    """Looks once: of a disk that is unplugged between two looks the folders would seem to be files."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return not stat.S_ISDIR(path.stat().st_mode)
    return False


def _leads_away(directory: Path) -> bool:
    """A link may lead anywhere, so none is followed; Windows' short names come out long here, too."""
    return os.path.normcase(os.path.realpath(directory)) != os.path.normcase(directory)


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except NotADirectoryError:
        return []


def _parts(key: str) -> list[str]:
    parts = key.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise _refusal(key, "it has an empty, '.' or '..' part")
    if _UNSAFE.search(key):
        raise _refusal(key, "it has a character that is not allowed in file names")
    if _seen(parts[0]) == HIDDEN:
        raise _refusal(key, f"{HIDDEN} is reserved")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise _refusal(key, "it is not valid text") from None
    return parts


def _seen(name: str) -> str:
    """The name as some file systems see it: without case, invisible characters and trailing dots."""
    visible = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    return keys.fold(visible).rstrip(". ")


def _refusal(key: str, reason: str) -> StoreRefused:
    return StoreRefused(f"{key!r} cannot be a file in the folder: {reason}")
