"""Reads a stored file for a browser, and continues where the store broke off: films are watched with pauses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from smug2s3.errors import StoreBroken, StoreError
from smug2s3.ports.store import Store

TRIES = 3
"""Tries without a byte in between."""

FIRST_WAIT = 0.2


async def continued(store: Store, key: str, begin: int, end: int) -> AsyncGenerator[bytes]:
    """The bytes from ``begin`` on, without those from ``end`` on; raises StoreError. Close it if you may stop early."""
    failed = 0
    while begin < end:
        try:
            async with aclosing(store.read(key, begin, end)) as chunks:
                async for chunk in chunks:
                    begin, failed = begin + len(chunk), 0
                    yield chunk
            if begin < end:
                raise StoreBroken(f"the bucket sent only {begin:,} of {end:,} bytes of {key}")
        except StoreError as error:
            failed += 1
            if not error.retryable or failed == TRIES:
                raise
            await asyncio.sleep(FIRST_WAIT * failed)
