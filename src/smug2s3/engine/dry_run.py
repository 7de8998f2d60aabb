"""The executor of a dry run: counts what `Executor` would do with the same jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from smug2s3.engine.jobs import Job
from smug2s3.engine.run_limits import RunLimits
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.engine.xmp_sidecars import ReadItem, to_write
from smug2s3.models import Collecting, Entry, Listing
from smug2s3.ports.ledger import SharedObjects, StoredXmp
from smug2s3.ports.mover import NotStarted
from smug2s3.rules.plan import Action, Step


class DryRunLedger(SharedObjects, StoredXmp, Protocol):
    """What it asks the ledger."""


class DryRunExecutor:
    """Replaces `Executor`.

    With references, it remembers every image it would copy: 100 bytes each.
    """

    def __init__(
        self, ledger: DryRunLedger, options: SyncOptions, limits: RunLimits, summary: Summary, read_item: ReadItem
    ) -> None:
        self._ledger = ledger
        self._refer = options.collected is Collecting.REFERENCE
        self._xmp = options.xmp
        self._limits = limits
        self._summary = summary
        self._read_item = read_item
        self._moved: set[tuple[str, str]] = set()

    async def expect(
        self,
        listing: Listing,
        known: Mapping[str, Entry],
        todo: Sequence[Step],
        excluded: Sequence[Step],  # noqa: ARG002 - nothing is recorded
    ) -> None:
        """Count the XMP sidecars that would be written."""
        if self._xmp:
            due = await to_write(self._ledger, self._xmp, self._read_item, listing.contents, known, todo)
            self._summary.sidecars += due  # after the await: other albums count, too

    async def execute(self, job: Job) -> None:
        """Count one job."""
        if job.step is None:
            return
        if self._limits.over:
            job.leave(self._summary)
        elif job.step.action is Action.MOVE:
            await self._move(job, job.step)
        elif job.step.action is Action.UNAVAILABLE:
            self._summary.unavailable += 1
            self._summary.components_unavailable += bool(job.step.asset.component_of)

    async def _move(self, job: Job, step: Step) -> None:
        may_refer = await self._may_refer(step)
        twin = await self._ledger.twin(step.asset) if may_refer else None
        # No await from here on: other albums are counted concurrently.
        image = step.asset.image_key, step.asset.identity
        if twin or (may_refer and image in self._moved):
            self._summary.referred += 1
            self._summary.moved += 1
            self._summary.components_moved += bool(step.asset.component_of)
            return
        try:
            with self._limits.admit(step.asset.size):
                self._summary.moved += 1
                self._summary.unsized += step.asset.size is None
                self._summary.bytes += step.asset.size or 0
                if step.asset.component_of:
                    self._summary.components_moved += 1
                    self._summary.components_bytes += step.asset.size or 0
        except NotStarted:
            job.leave(self._summary)
        else:
            self._moved |= {image} if self._refer else set()

    async def _may_refer(self, step: Step) -> bool:
        owner = await self._ledger.owner(step.key) if self._refer or step.refers else step.asset.album_key
        return owner != step.asset.album_key
