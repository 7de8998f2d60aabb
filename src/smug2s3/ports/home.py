"""The folder on a disk that `get` fills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from smug2s3.flow.spool import Spool
from smug2s3.rules.homecoming import HomeFile, Names


class Sink(Protocol):
    """Takes the bytes of one file, in order."""

    @property
    def count(self) -> int:
        """How many it has."""

    @property
    def md5(self) -> str:
        """Hex digest of these."""

    def take(self, chunk: bytes | memoryview) -> None:
        """Append it; blocks, and may be called in any thread, but only in one at a time. Raises TargetError."""

    async def write(self, chunks: Iterable[bytes | memoryview]) -> None:
        """Append them."""

    async def restart(self) -> None:
        """Forget all of them: they were wrong."""


class ZipSink(Protocol):
    """One ZIP that is being written."""

    def entry(self, name: str, size: int | None, moment: float | None) -> AbstractAsyncContextManager[Sink]:
        """A new file in it, one at a time; left out again if the block fails."""

    async def add(self, name: str, moment: float | None, content: Spool) -> None:
        """A new file with all of its bytes, which are known to be right; not while there is another."""

    def lacks_some(self) -> None:
        """A file could not be added, so that an earlier ZIP of this name is kept beside the new one."""


class Home(Protocol):
    """Paths are relative and in POSIX form. Raises TargetError only."""

    @property
    def names(self) -> Names:
        """The names that it takes."""

    async def absent(self, files: Sequence[HomeFile]) -> set[str]:
        """The paths of those that are not there, at one look."""

    async def is_right(self, file: HomeFile) -> bool:
        """Whether the file is there with its bytes; its time is then set if it differs."""

    def part(self, file: HomeFile) -> AbstractAsyncContextManager[Sink]:
        """A `.part` beside the file, with what an interrupted run left of a large one.

        Becomes the file at the end of the block. If the block fails, a large one stays for the next run.
        """

    async def link(self, file: HomeFile, original: HomeFile) -> bool:
        """Make the file a hard link to ``original``, which is right; false if the disk has no hard links."""

    async def zip_is_right(self, path: str, files: Sequence[HomeFile]) -> bool:
        """Whether the ZIP is there, with exactly these files and their bytes."""

    def zip(self, path: str) -> AbstractAsyncContextManager[ZipSink]:
        """A new ZIP, which appears at the end of the block or not at all; none if it would be empty."""
