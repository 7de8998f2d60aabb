"""What botocore and aiohttp accept as a body that is read once: `read` to pass validation, iteration to be sent."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable


class StreamBody:
    """An async iterable of bytes as the ``Body`` of a request."""

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self._chunks = chunks
        self.begun = False
        """Whether any of it was asked for: there is no way back then."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun = True
        async for chunk in self._chunks:
            yield chunk

    async def read(self, _size: int = -1) -> bytes:
        """Never called by aiohttp, which iterates; whoever reads gets everything."""
        return b"".join([chunk async for chunk in self._chunks])

    def tell(self) -> int:
        """The beginning: a signer looks here and must not move it."""
        return 0

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """There is no way back."""
        raise OSError("a stream cannot be rewound")


async def told(chunks: Iterable[bytes], alive: Callable[[], None]) -> AsyncIterator[bytes]:
    """Chunks that are at hand, each one taken a sign of life on a slow line."""
    for chunk in chunks:
        alive()
        yield chunk
