"""Bytes that wait in memory, in blocks that are used again: new memory costs more than to copy them."""

from __future__ import annotations

from collections.abc import Iterator

BLOCK = 256 * 1024

Free = list[memoryview]
"""Blocks that nobody uses."""


class Spool:
    """Grows by blocks of ``free`` ones, as long as there are some; in one thread at a time."""

    def __init__(self, free: Free) -> None:
        self._free = free
        self._blocks: list[memoryview] = []
        self.count = 0

    def take(self, chunk: bytes | memoryview) -> None:
        """Append a copy."""
        rest = memoryview(chunk)
        while rest:
            start = self.count % BLOCK
            if not start:
                self._blocks.append(self._block())
            some = rest[: BLOCK - start]
            self._blocks[-1][start : start + len(some)] = some
            self.count += len(some)
            rest = rest[len(some) :]

    def _block(self) -> memoryview:
        try:
            return self._free.pop()
        except IndexError:
            return memoryview(bytearray(BLOCK))

    def __iter__(self) -> Iterator[memoryview]:
        """All bytes in order."""
        for number, block in enumerate(self._blocks):
            yield block[: self.count - number * BLOCK]

    def clear(self) -> None:
        """Forget them, so that others can use the blocks."""
        self._free += self._blocks
        self._blocks = []
        self.count = 0
