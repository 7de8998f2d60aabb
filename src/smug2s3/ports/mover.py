"""Who carries the bytes of one file from the source to the store: in this process, or in others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from smug2s3.models import Receipt, StoreTarget
from smug2s3.ports.reporter import WorkerState


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSpec:
    """All that is needed to move one asset, on this machine or another; no secrets."""

    album_key: str
    image_key: str
    identity: str
    key: str
    url: str
    """As SmugMug lists it; whoever opens it signs it, and no earlier."""
    size: int | None
    md5: str | None
    content_type: str
    metadata: tuple[tuple[str, str], ...]
    label: str
    """What a person is shown: the key without the prefix."""

    @property
    def target(self) -> StoreTarget:
        """Where it goes and what is said of it there."""
        return StoreTarget(key=self.key, content_type=self.content_type, metadata=self.metadata)


class NotStarted(Exception):
    """A file was not started because the run was to stop before it; a later run copies it."""


class Mover(Protocol):
    """Spec in, receipt out; needs no ledger, so it may run anywhere."""

    @property
    def most(self) -> int:
        """Files it has use for at one time, as of now; it may grow while a run goes on."""

    @property
    def workers(self) -> list[WorkerState]:
        """Who moved the files, where other processes do."""

    def at_work(self, account: str, late: Callable[[], bool]) -> AbstractAsyncContextManager[None]:
        """While the block lasts files are moved; ``account`` is whose, ``late`` whether nothing more is to begin."""

    async def move(self, spec: TransferSpec) -> Receipt:
        """Raises the last attempt's error; until the receipt is there nothing is visible under the key.

        Raises NotStarted where the run's time was over before there was a place for it.
        """
