"""Downloads a photo in several albums once; the other albums get a copy of the object, or a reference to it."""

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
    """Knows which images of a run are in more than one album, and serializes their transfers."""

    def __init__(self, store: Store, ledger: References, collecting: Collecting) -> None:
        self._store = store
        self._ledger = ledger
        self._collecting = collecting
        self._locks = KeyedLock()
        self._images: set[str] = set()

    def add(self, images: set[str]) -> None:
        """Add images that are in more than one album."""
        self._images |= images

    def lock(self, step: Step) -> AbstractAsyncContextManager[None]:
        """Hold this for the whole of ``step``, until it is recorded; no other album handles the image meanwhile."""
        return self._locks.of(step.asset.image_key)

    async def refer(self, step: Step) -> bool:
        """Whether the asset is in the bucket already; if so, record that.

        True if another album has just copied it for this one, or has an object to refer to.
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
        """The step that copies the bytes to where they belong: to the object of the album that had the photo first.

        It is ``step`` itself unless the album refers, or is to refer, to an object that needs these bytes too.
        """
        if step.asset.image_key not in self._images or not await self._may_refer(step):
            return step
        return await self._ledger.in_place_of_holder(step) or step

    async def _may_refer(self, step: Step) -> bool:
        """A photo with an object of its own keeps it, and a reference stays a reference, whatever --collected says now."""
        owner = await self._ledger.owner(step.key)
        referred = step.refers or bool(owner)
        return owner != step.asset.album_key and (referred or self._collecting is Collecting.REFERENCE)

    async def _intact(self, twin: Receipt) -> bool:
        """Whether the bucket still has the recorded object; if it cannot say, the photo is downloaded again."""
        try:
            head = await self._store.head(twin.key)
        except StoreError as error:
            if error.ends_the_run:
                raise
            return False
        return unchanged(head, twin) is True

    async def copy(self, step: Step, target: StoreTarget) -> Receipt | None:
        """Copy the object of another album in the bucket; ``None`` if there is none or it cannot be copied."""
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
            return None  # Too large to copy, or changed: download it instead.
        return replace(copied, stored_at=datetime.now(UTC).isoformat(timespec="seconds"))
