"""A photo that several albums have collected comes from SmugMug once; the others get a copy of it, or refer to it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime

from smug2s3.errors import StoreError
from smug2s3.flow.keyed_lock import KeyedLock
from smug2s3.models import Collecting, Receipt, StoreTarget
from smug2s3.ports.ledger import References
from smug2s3.ports.store import Store
from smug2s3.rules.plan import Step
from smug2s3.rules.proof import unchanged


class Collected:
    """Knows which images of a run lie in several albums, and lets one of these be moved before the others follow."""

    def __init__(self, store: Store, ledger: References, collecting: Collecting) -> None:
        self._store = store
        self._ledger = ledger
        self._collecting = collecting
        self._locks = KeyedLock()
        self._images: set[str] = set()

    def add(self, images: set[str]) -> None:
        """These lie in more than one album."""
        self._images |= images

    def turn(self, step: Step) -> AbstractAsyncContextManager[None]:
        """Around everything that is done for ``step``, until it is recorded: no other album has its image meanwhile."""
        return self._locks.of(step.asset.image_key)

    async def refer(self, step: Step) -> bool:
        """Whether the asset is in the store without anything being done there; then it is recorded so.

        That is where another album has just moved it in this one's place, or has an object to refer to.
        """
        if step.asset.image_key not in self._images:
            return False
        if await self._ledger.done(step):
            await self._ledger.referred(step, step.key)
            return True
        twin = await self._ledger.twin(step.asset)
        if twin is None or not await self._may_refer(step) or not await self._intact(twin):
            return False
        await self._ledger.referred(step, twin.key)
        return True

    async def place(self, step: Step) -> Step:
        """The step that brings the bytes to where they belong: to the object of the album that had the photo first.

        It is ``step`` itself unless the album refers, or is to refer, to an object that needs these bytes too.
        """
        if step.asset.image_key not in self._images or not await self._may_refer(step):
            return step
        return await self._ledger.in_place_of_holder(step) or step

    async def _may_refer(self, step: Step) -> bool:
        """What has an object of its own keeps it, and what referred to another goes on to, whatever is chosen today."""
        owner = await self._ledger.owner(step.key)
        referred = step.refers or bool(owner)
        return owner != step.asset.album_key and (referred or self._collecting is Collecting.REFERENCE)

    async def _intact(self, twin: Receipt) -> bool:
        """Whether the store still has what the ledger remembers; what it does not say comes from SmugMug once more."""
        try:
            head = await self._store.head(twin.key)
        except StoreError as error:
            if error.ends_the_run:
                raise
            return False
        return unchanged(head, twin) is True

    async def copy(self, step: Step, target: StoreTarget) -> Receipt | None:
        """A copy of what is stored for another album; ``None`` where there is none, or none can be made of it."""
        if step.asset.image_key not in self._images:
            return None
        twin = await self._ledger.twin(step.asset)
        if twin is None or twin.key == target.key:
            return None
        try:
            copied = await self._store.copy(twin, target)
        except StoreError as error:
            if error.ends_the_run:
                raise
            return None  # Too large for a copy, or no longer what it was: SmugMug has it still.
        return replace(copied, stored_at=datetime.now(UTC).isoformat(timespec="seconds"))
