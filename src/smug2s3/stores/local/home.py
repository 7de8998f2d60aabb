"""The folder that `get` fills: a file appears there when all of its bytes are on the disk and right, or not at all."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from smug2s3.errors import TargetError, TargetUnusable
from smug2s3.flow.spool import Spool
from smug2s3.flow.threads import in_thread
from smug2s3.flow.together import together
from smug2s3.rules import diagnostics
from smug2s3.rules.homecoming import PART, HomeFile, Names
from smug2s3.stores.local.folder import keep_folder
from smug2s3.stores.local.home_files import PartFile, is_zip_of, make_way, md5_of, place_zip
from smug2s3.stores.local.temp_files import set_time
from smug2s3.stores.local.zip_writer import ZipEntry, ZipWriter

T = TypeVar("T")

Kept = Callable[[str, str], None]
"""Gets the path of a new file, and what another one that had its name is called now."""

RESUMED = 8 * 1024 * 1024
"""The size from which a `.part` is continued: a smaller file is faster fetched again than hashed and asked for."""

THREADS = 16
"""Concurrent operations on the disk."""

SYNCED = 32 * 1024 * 1024
"""Bytes of one file after which they are synced to the disk while more come."""

_ENDS = {
    errno.ENOSPC: ("is full", diagnostics.FREE_SPACE),
    errno.EDQUOT: ("has no quota left", diagnostics.FREE_SPACE),
    errno.EROFS: ("is read-only", "Choose another folder, or remount the disk as writable."),
    errno.EIO: ("has an error", diagnostics.DISK),
    errno.ENODEV: ("is gone", diagnostics.DISK),
}
_OF_ONE = {
    errno.EFBIG: ("the file is too large for it", diagnostics.LARGE_FILES),
    errno.ENAMETOOLONG: ("the name is too long for it", "Choose a folder with a shorter path, or another disk."),
    errno.EINVAL: ("it does not take this name", diagnostics.OTHER_NAMES),
    errno.EILSEQ: ("it does not take this name", diagnostics.OTHER_NAMES),
    errno.EISDIR: ("there is a folder of that name", ""),
    errno.ENOTDIR: ("there is a file where a folder should be", ""),
    errno.EEXIST: ("there is a file where a folder should be", ""),
}


class HomeFolder:
    """Implements ``smug2s3.ports.home``, which documents it."""

    def __init__(self, root: Path, threads: ThreadPoolExecutor, kept: Kept, *, read_only: bool) -> None:
        self._root = root
        self._threads = threads
        self._kept = kept
        self._filled: set[str] = set()
        """Folders with new files."""
        self.names = Names(longest=_longest_name(root), plain=not (read_only or _takes_any_name(root)))

    async def absent(self, files: Sequence[HomeFile]) -> set[str]:
        """What cannot be looked at is absent, too; its reason is seen when it is created."""
        paths = [file.path for file in files]
        return await self._do("", lambda: {path for path in paths if not os.path.lexists(self._root / path)})

    async def is_right(self, file: HomeFile) -> bool:
        """Its bytes are read: a size and a time prove nothing."""
        return await self._do(file.path, self._is_right, file)

    def _is_right(self, file: HomeFile) -> bool:
        path = self._root / file.path
        try:
            if file.md5 is None or path.stat().st_size != file.size or md5_of(path) != file.md5:
                return False
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return False
        set_time(path, file.moment)
        return True

    @asynccontextmanager
    async def part(self, file: HomeFile) -> AsyncIterator[_Sink]:
        """Small ones are begun again and leave nothing."""
        stays = (file.size or 0) >= RESUMED
        part = PartFile(self._root / file.path, file.moment)
        syncing = _Syncing(self._do, file.path, part.sync)
        try:
            if stays:
                await self._do(file.path, part.resume)
                yield _Sink(self, file.path, part, syncing)
            else:
                yield _SmallFile(self, file, part, syncing)
            await syncing.ended()
            if not part.placed:
                await self._do(file.path, part.place)
        except BaseException:
            with suppress(TargetError):
                await syncing.ended()
            await self._do(file.path, partial(part.close, stays=stays))
            raise
        finally:
            if part.placed:
                self._noted(file.path, part.before)

    async def keep_names(self) -> None:
        """Sync the folders whose files are new: once each at the end, since a file that a power cut takes is copied again."""
        filled = map(PurePosixPath, self._filled)
        for folder in {above for one in filled for above in (one, *one.parents)}:
            await self._do(str(folder), keep_folder, self._root / folder)

    def _noted(self, path: str, before: Path | None) -> None:
        self._filled.add(path.rpartition("/")[0])
        if before is not None:
            self._kept(path, before.name)

    async def link(self, file: HomeFile, original: HomeFile) -> bool:
        """The original is read first, since it may be from another time."""
        linked, before = await self._do(file.path, self._link, file, original)
        self._noted(file.path, before)
        return linked

    def _link(self, file: HomeFile, original: HomeFile) -> tuple[bool, Path | None]:
        source, target = self._root / original.path, self._root / file.path
        part = target.with_name(target.name + PART)
        if not self._is_right(original):
            return False, None
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            os.link(source, part)
        except OSError:
            return False, None  # as on exFAT
        before = make_way(target, file.md5 or "")
        part.replace(target)
        return True, before

    async def zip_is_right(self, path: str, files: Sequence[HomeFile]) -> bool:
        """Every entry is read."""
        return await self._do(path, is_zip_of, self._root / path, files)

    @asynccontextmanager
    async def zip(self, path: str) -> AsyncIterator[_Zip]:
        """Begun again after an interruption: a ZIP has no place for half a file."""
        target = self._root / path
        part = target.with_name(target.name + PART)
        writer = ZipWriter(part)
        new = _Zip(self, path, writer)
        try:
            await self._do(path, writer.open)
            yield new
            await new.syncing.ended()
            before = await self._do(path, partial(place_zip, writer, part, target, complete=new.complete))
        except BaseException:
            with suppress(TargetError):
                await new.syncing.ended()
            await self._do(path, writer.discard)
            raise
        self._noted(path, before)

    async def _do(self, what: str, step: Callable[..., T], *arguments: object) -> T:
        """The result of ``step`` in a thread."""
        return await in_thread(self._threads, self.in_this_thread, what, step, *arguments)

    def in_this_thread(self, what: str, step: Callable[..., T], *arguments: object) -> T:
        """The result of ``step``, with its errors translated."""
        try:
            return step(*arguments)
        except OSError as error:
            raise translate(error, what, self._root) from error


class _Syncing:
    """Has a large file synced to the disk while it is written, so that nobody waits for all of it at its end."""

    def __init__(self, do: Callable[..., Awaitable[None]], what: str, sync: Callable[[], None]) -> None:
        self._do = do
        self._what = what
        self._sync = sync
        self._waiting = 0
        self._loop = asyncio.get_running_loop()
        self._running: asyncio.Future[None] | None = None

    def wrote(self, size: int) -> None:
        """So many more bytes were written; called in any thread."""
        self._waiting += size
        if self._waiting >= SYNCED:
            if self._running is not None and self._running.done():
                self._running.result()  # a disk names each error only once
            self._waiting = 0
            self._loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        if self._running is None or (self._running.done() and not self._running.exception()):
            self._running = asyncio.ensure_future(self._do(self._what, self._sync))

    async def ended(self) -> None:
        """Wait for it, before the file is closed; raises its error."""
        if self._running is not None:
            await asyncio.wait({self._running})
            self._running.result()


class _Sink:
    """A part or a ZIP entry, written to in other threads."""

    def __init__(self, home: HomeFolder, what: str, inner: PartFile | ZipEntry, syncing: _Syncing) -> None:
        self._home = home
        self._what = what
        self._inner = inner
        self._syncing = syncing

    @property
    def count(self) -> int:
        """How many bytes it has."""
        return self._inner.count

    @property
    def md5(self) -> str:
        """Hex digest of these."""
        return self._inner.md5

    def take(self, chunk: bytes | memoryview) -> None:
        """Append it."""
        self._inner.hash(chunk)
        self._write(chunk)

    async def write(self, chunks: Iterable[bytes | memoryview]) -> None:
        """Append them; hashed in one thread while they are written in another."""
        do = self._home._do  # noqa: SLF001 - of this module
        await together(do(self._what, _each, step, chunks) for step in (self._inner.hash, self._write))

    def _write(self, chunk: bytes | memoryview) -> None:
        self._home.in_this_thread(self._what, self._inner.write, chunk)
        self._syncing.wrote(len(chunk))

    async def restart(self) -> None:
        """Forget all of them."""
        await self._home._do(self._what, self._inner.restart)  # noqa: SLF001 - of this module


class _SmallFile(_Sink):
    """A file that is placed by whoever appends its last bytes, if they are right: each step between threads costs."""

    def __init__(self, home: HomeFolder, file: HomeFile, part: PartFile, syncing: _Syncing) -> None:
        super().__init__(home, file.path, part, syncing)
        self._file = file
        self._part = part

    def take(self, chunk: bytes | memoryview) -> None:
        """Append it."""
        super().take(chunk)
        if self.count == self._file.size and self.md5 == self._file.md5:
            self._home.in_this_thread(self._file.path, self._part.place)


class _Zip:
    """A ZIP, written to in other threads."""

    def __init__(self, home: HomeFolder, path: str, writer: ZipWriter) -> None:
        self._home = home
        self._path = path
        self._writer = writer
        self.complete = True
        self.syncing = _Syncing(home._do, path, writer.sync)  # noqa: SLF001 - of this module

    def lacks_some(self) -> None:
        """An earlier one is kept."""
        self.complete = False

    async def add(self, name: str, moment: float | None, content: Spool) -> None:
        """All in one step: each between threads costs."""
        do = self._home._do  # noqa: SLF001 - of this module
        await do(self._path, self._writer.add, name, content.count, moment, content)
        self.syncing.wrote(content.count)

    @asynccontextmanager
    async def entry(self, name: str, size: int | None, moment: float | None) -> AsyncIterator[_Sink]:
        """One file; left out again if the block fails."""
        do = self._home._do  # noqa: SLF001 - of this module
        entry: ZipEntry = await do(self._path, self._writer.begin, name, size, moment)
        try:
            yield _Sink(self._home, self._path, entry, self.syncing)
            await do(self._path, entry.finish)
        except BaseException:
            await do(self._path, entry.abandon)
            raise


@asynccontextmanager
async def open_home(root: Path, kept: Kept, *, read_only: bool = False) -> AsyncIterator[HomeFolder]:
    """The folder with its own threads, which end with the block; ``read_only`` for a dry run."""
    with ThreadPoolExecutor(THREADS, "smug2s3-home") as threads:
        home = HomeFolder(root, threads, kept, read_only=read_only)
        try:
            yield home
        except BaseException:
            with suppress(TargetError):  # what ended the block says more
                await home.keep_names()
            raise
        await home.keep_names()


def _each(step: Callable[[T], None], items: Iterable[T]) -> None:
    for item in items:
        step(item)


def translate(error: OSError, what: str, root: Path) -> TargetError:
    """The TargetError for a failure of ``what`` below ``root``."""
    number = error.errno or 0
    code = errno.errorcode.get(number, str(error))
    if number in _ENDS:
        sentence, hint = _ENDS[number]
        return TargetUnusable(f"the disk of {root} {sentence} ({code})", hint=hint)
    if not os.path.isdir(root):  # noqa: PTH112 - a disk that is gone makes an error of Path's own question
        return TargetUnusable(f"the folder {root} is gone", hint=diagnostics.DISK)
    sentence, hint = _OF_ONE.get(number, (f"{error.strerror or error}", diagnostics.RIGHTS))
    return TargetError(f"the disk refused {what}: {sentence} ({code})", hint=hint)


def _longest_name(root: Path) -> int:
    try:
        return os.pathconf(root, "PC_NAME_MAX")
    except (AttributeError, OSError, ValueError):  # Windows has no such question
        return 255


def _takes_any_name(root: Path) -> bool:
    """Asked with a file, since no system says so; a folder that cannot be written to fails later, with its reason."""
    trial = root / ".smug2s3-\u5199\u03c0\U0001f3d6"
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        return error.errno not in (errno.EINVAL, errno.EILSEQ)
    return True
