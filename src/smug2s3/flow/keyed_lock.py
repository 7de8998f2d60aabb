"""A lock per key."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class KeyedLock:
    """Locks by key; an unused one takes no memory."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        """The lock of this key, for ``async with``."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock
