"""A computer that copies through a proxy, and what must hold at every moment and from one run to the next."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.fault_proxy import FaultProxy
from tests.support.machine import PATIENCE, Machine
from tests.support.watch import Watch, key_of


@dataclass(slots=True, kw_only=True)
class Watched:
    """Commands are run on ``coordinator``; all uploads pass ``proxy``."""

    coordinator: Machine
    proxy: FaultProxy
    watch: Watch

    async def copied(self, more: int) -> None:
        """Wait until so many more files are uploaded, and check that nothing wrong is visible meanwhile."""
        wanted = self.proxy.count("PUT") + more
        await until(lambda: self.wrong() and self.proxy.count("PUT") >= wanted)

    def wrong(self) -> bool:
        """True, unless something wrong is visible."""
        assert self.watch.wrong() == []
        return True

    def confirmed(self) -> set[str]:
        """Keys that the ledger records as copied."""
        ledger = self.coordinator.home / "transfer_log.db"
        with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
            return {key for (key,) in connection.execute("SELECT key FROM assets WHERE state = 'moved'")}

    def put_since(self, heard: int) -> set[str]:
        """Keys of all that was put since the proxy's log had so many lines."""
        return {key_of(passed.path) for passed in self.proxy.log[heard:] if passed.method == "PUT"}

    def everything_said(self) -> str:
        """The output of all processes beside the coordinator."""
        return ""


async def until(true: Callable[[], bool]) -> None:
    """Wait until a call returns true."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.03)
