"""What botocore and aiohttp accept as a body that is read once: `read` to pass validation, iteration to be sent."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable


class StreamBody:
    """An async iterable of bytes as the ``Body`` of a request."""

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self._chunks = chunks
        self.started = False
        """Whether reading has started: it cannot be rewound then."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.started = True
        async for chunk in self._chunks:
            yield chunk

    async def read(self, _size: int = -1) -> bytes:
        """Read everything; aiohttp iterates instead."""
        return b"".join([chunk async for chunk in self._chunks])

    def tell(self) -> int:
        """The start: signers ask for the position and must not change it."""
        return 0

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """Raises OSError: a stream cannot be rewound."""
        raise OSError("a stream cannot be rewound")


async def paced(chunks: Iterable[bytes], alive: Callable[[], None]) -> AsyncIterator[bytes]:
    """Chunks from memory; each one taken is a sign of life on a slow connection."""
    for chunk in chunks:
        alive()
        yield chunk
