"""The coordinator's state of each worker and each file that is being copied."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from smug2s3.cluster.shares import Load
from smug2s3.errors import Smug2s3Error
from smug2s3.flow.adaptive_limit import USUAL
from smug2s3.models import Receipt
from smug2s3.ports.mover import TransferSpec
from smug2s3.ports.reporter import WorkerState

SMOOTH = 0.3
"""Weight of the latest measurement in the moving averages."""


@dataclass(slots=True, eq=False)
class Transfer:
    """One file that a worker is copying or that waits for a worker."""

    number: int
    spec: TransferSpec
    future: asyncio.Future[Receipt]
    passed: int = 0
    """Bytes that its worker reported."""
    started: bool = False
    losses: int = 0
    """How many workers were lost while copying it."""


@dataclass(slots=True, eq=False)
class Worker:
    """One worker and the files assigned to it."""

    address: str
    name: str
    slots: int
    last_seen: float
    """When its last report came."""
    ready: bool = False
    refusal: Smug2s3Error | None = None
    """Why it is not used."""
    busy: bool = False
    """Whether it was still working for another run when it joined."""
    silent: bool = False
    places: int = USUAL
    share: int | None = None
    """Its share of the limit on concurrent files; ``None`` if it adapts by itself."""
    transfers: dict[int, Transfer] = field(default_factory=dict)
    batches: int = 0
    copied: int = 0
    copied_bytes: int = 0
    losses: int = 0
    """Its files that were given to other workers."""
    _bytes: int = 0
    _passed: int = 0
    _finished: int = 0
    _rate: float = 0.0
    _pace: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether files can be assigned to it."""
        return self.ready and self.refusal is None and not self.silent

    @property
    def settled(self) -> bool:
        """Whether the start of the run need not wait for it."""
        return self.ready or self.busy or self.silent

    @property
    def load(self) -> Load:
        """Its current load."""
        return Load(
            places=self.places if self.share is None else self.share,
            files=len(self.transfers),
            bytes=self._bytes,
            batches=self.batches,
            most_batches=2 * self.slots,
            pace=self._pace,
        )

    @property
    def state(self) -> WorkerState:
        """Its state for displays."""
        under_way = sum(transfer.started for transfer in self.transfers.values())
        return WorkerState(self.name, self._rate, under_way, self.copied, self.copied_bytes, self.silent, self.losses)

    def assign(self, transfer: Transfer) -> None:
        """Assign a file to it."""
        self.transfers[transfer.number] = transfer
        self._bytes += transfer.spec.size or 0

    def release(self, number: int) -> Transfer | None:
        """Take a file from it; ``None`` if it does not have that file."""
        transfer = self.transfers.pop(number, None)
        if transfer:
            self._bytes -= transfer.spec.size or 0
        return transfer

    def passed(self, size: int) -> None:
        """Count transferred bytes."""
        self._passed += size

    def finished(self, size: int) -> None:
        """Count a copied file."""
        self.copied += 1
        self.copied_bytes += size
        self._finished += 1

    def measure(self, seconds: float) -> None:
        """Update its rate and pace after so many seconds."""
        self._rate += SMOOTH * (max(0, self._passed) / seconds - self._rate)
        self._pace += SMOOTH * (self._finished / seconds - self._pace)
        self._passed = self._finished = 0
