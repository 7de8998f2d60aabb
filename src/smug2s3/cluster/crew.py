"""A worker and a file as the coordinator knows them: what was given to whom, and when it was last heard of."""

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
"""How much the last moment counts in a pace or a rate."""


@dataclass(slots=True, eq=False)
class Parcel:
    """One file on its way: with a worker, or waiting for one."""

    number: int
    spec: TransferSpec
    arrival: asyncio.Future[Receipt]
    passed: int = 0
    """Bytes that its worker told of."""
    begun: bool = False
    losses: int = 0
    """Workers that were lost with it."""


@dataclass(slots=True, eq=False)
class Worker:
    """One worker."""

    address: str
    name: str
    slots: int
    heard: float
    """When it last gave a sign of life."""
    ready: bool = False
    refusal: Smug2s3Error | None = None
    """Why it is not given anything."""
    busy: bool = False
    """Whether it was still working for another run when it came."""
    silent: bool = False
    places: int = USUAL
    share: int | None = None
    """How many of the files that may be moved at once are its own; ``None``: as many as it finds useful."""
    parcels: dict[int, Parcel] = field(default_factory=dict)
    batches: int = 0
    copied: int = 0
    copied_bytes: int = 0
    losses: int = 0
    """Files of its that were given to others."""
    _bytes: int = 0
    _passed: int = 0
    _finished: int = 0
    _rate: float = 0.0
    _pace: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether it may be given files."""
        return self.ready and self.refusal is None and not self.silent

    @property
    def settled(self) -> bool:
        """Whether nobody has to wait for it to open both sides."""
        return self.ready or self.busy or self.silent

    @property
    def load(self) -> Load:
        """What it has to do."""
        return Load(
            places=self.places if self.share is None else self.share,
            files=len(self.parcels),
            bytes=self._bytes,
            batches=self.batches,
            most_batches=2 * self.slots,
            pace=self._pace,
        )

    @property
    def state(self) -> WorkerState:
        """For those who look."""
        begun = sum(parcel.begun for parcel in self.parcels.values())
        return WorkerState(self.name, self._rate, begun, self.copied, self.copied_bytes, self.silent, self.losses)

    def take(self, parcel: Parcel) -> None:
        """It is given a file."""
        self.parcels[parcel.number] = parcel
        self._bytes += parcel.spec.size or 0

    def part_with(self, number: int) -> Parcel | None:
        """The file is not with it any more, if it was."""
        parcel = self.parcels.pop(number, None)
        if parcel:
            self._bytes -= parcel.spec.size or 0
        return parcel

    def passed(self, size: int) -> None:
        """Bytes went through it."""
        self._passed += size

    def finished(self, size: int) -> None:
        """One file more is in the store."""
        self.copied += 1
        self.copied_bytes += size
        self._finished += 1

    def measure(self, seconds: float) -> None:
        """How fast it was in the last so many seconds."""
        self._rate += SMOOTH * (max(0, self._passed) / seconds - self._rate)
        self._pace += SMOOTH * (self._finished / seconds - self._pace)
        self._passed = self._finished = 0
