"""A photo that several albums have collected comes from SmugMug once; for the others the store copies it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime

from smug2s3.errors import StoreError
from smug2s3.flow.turns import Turns
from smug2s3.models import Receipt, StoreTarget
from smug2s3.ports import Ledger, Store
from smug2s3.rules import digests
from smug2s3.rules.plan import Step


class Collected:
    """Knows which images of a run lie in several albums, and lets one of these be moved before the others copy it."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        self._turns = Turns()
        self._images: set[str] = set()

    def add(self, images: set[str]) -> None:
        """These lie in more than one album."""
        self._images |= images

    def turn(self, step: Step) -> AbstractAsyncContextManager[None]:
        """Around everything that is done for ``step``, until it is recorded."""
        image = step.asset.image_key
        return self._turns.of(image) if image in self._images else nullcontext()

    async def copy(self, step: Step, target: StoreTarget) -> Receipt | None:
        """A copy of what is stored for another album; ``None`` where there is none, or none can be made of it."""
        if step.asset.image_key not in self._images:
            return None
        twin = await self._ledger.twin(step.asset)
        if twin is None or twin.key == target.key:
            return None
        try:
            return await self._copy(twin, target)
        except StoreError as error:
            if error.ends_the_run:
                raise
            return None  # Too large for a copy, or no longer there: SmugMug has it still.

    async def _copy(self, twin: Receipt, target: StoreTarget) -> Receipt | None:
        etag = await self._store.copy(twin.key, target)
        agrees = digests.etag_agrees(etag, recorded=twin.etag, md5=twin.md5) if etag else None
        if agrees is False or (await self._store.head(target.key)).size != twin.size:
            await self._store.delete(target.key)
            return None
        stored_at = datetime.now(UTC).isoformat(timespec="seconds")
        return replace(twin, key=target.key, etag=etag or twin.etag, stored_at=stored_at)
