"""Copies files from the source to the bucket, in this process or in others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from smug2s3.models import Receipt, StoreTarget
from smug2s3.ports.reporter import WorkerState


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSpec:
    """Everything needed to copy one asset, on this machine or another; no secrets."""

    album_key: str
    image_key: str
    identity: str
    key: str
    url: str
    """As SmugMug lists it; it is signed only when it is opened."""
    size: int | None
    md5: str | None
    content_type: str
    metadata: tuple[tuple[str, str], ...]
    label: str
    """The name shown to people: the key without the prefix."""
    etag_is_md5: bool = True
    """Whether the media host's ETag, if it looks like an MD5, must be that of the bytes."""

    @property
    def target(self) -> StoreTarget:
        """The object to write, with its metadata."""
        return StoreTarget(key=self.key, content_type=self.content_type, metadata=self.metadata)


class NotStarted(Exception):
    """A file was not started because of a limit; it is left for a later run."""


class Mover(Protocol):
    """Spec in, receipt out; needs no ledger, so it may run anywhere."""

    @property
    def capacity(self) -> int:
        """How many files it can take at once; may grow during a run."""

    @property
    def workers(self) -> list[WorkerState]:
        """The worker processes that copy the files, if any."""

    def running(self, account: str, late: Callable[[], bool]) -> AbstractAsyncContextManager[None]:
        """Accept files of ``account`` while the block runs; once ``late`` is true, no more are started."""

    async def move(self, spec: TransferSpec) -> Receipt:
        """Copy it; raises the last attempt's error. Nothing is visible under the key before the receipt exists.

        Raises NotStarted if the time limit passed while it waited for a place.
        """
