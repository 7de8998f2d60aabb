"""Executes the plan of an album: its files, their metadata and names, and its `_album.json`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from smug2s3.engine.album_previews import AlbumPreviews
from smug2s3.engine.collected import Collected
from smug2s3.engine.jobs import AlbumWork, Job
from smug2s3.engine.run_limits import RunLimits
from smug2s3.engine.sidecars import store_sidecar
from smug2s3.engine.summary import Summary
from smug2s3.engine.transfer import OVERBURDENED
from smug2s3.engine.xmp_sidecars import XmpSidecars
from smug2s3.errors import (
    Smug2s3Error,
    SourceGone,
    SourceRefused,
    SourceWebPage,
    StoreCorrupt,
    StoreError,
    StoreMissing,
    StoreUnreachable,
    foreseen,
)
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.models import Asset, Collecting, Contents, Entry, Known, Listing, Proof, Receipt, StoreTarget
from smug2s3.ports.ledger import ExecutorLedger
from smug2s3.ports.mover import Mover, NotStarted, TransferSpec
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.source import Source
from smug2s3.ports.store import Store
from smug2s3.rules import sidecar
from smug2s3.rules.components import NOT_GIVEN, Refusals
from smug2s3.rules.media_types import media_type
from smug2s3.rules.metadata import describe
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.relisting import without_previews
from smug2s3.rules.xmp import Naming

FAILURES_IN_A_ROW = 60
"""After so many failures in a row the cause is not in the files, so the run stops.

Failures of a busy or unreachable side do not count, since the run waits for it.
"""

CLOSED_AT_ONCE = 3
"""How many albums' contents are read back from the ledger, or get XMP sidecars, at once; SmugMug allows 5,000 items in one."""


class Executor:
    """Executes one job per call, concurrently for concurrent callers; counts into ``summary``."""

    def __init__(
        self,
        *,
        source: Source,
        store: Store,
        ledger: ExecutorLedger,
        reporter: Reporter,
        policy: RetryPolicy,
        prefix: str,
        follow_renames: bool,
        collected: Collecting,
        mover: Mover,
        limits: RunLimits,
        summary: Summary,
        look_again: Callable[[], Awaitable[None]],
        xmp: Naming | None = None,
    ) -> None:
        """``look_again`` is called after the first upload and before each `_album.json`, and may end the run.

        With ``xmp`` XMP sidecars are written.
        """
        self._look_again = look_again
        self._looked_early = False
        self._source = source
        self._store = store
        self._ledger = ledger
        self._reporter = reporter
        self._policy = policy
        self._mover = mover
        self._limits = limits
        self._closing = asyncio.Semaphore(CLOSED_AT_ONCE)
        self._prefix = prefix
        self._follow_renames = follow_renames
        self._failures_in_a_row = 0
        self._collected = Collected(store, ledger, collected)
        self.summary = summary
        self._vault = Refusals()
        """The host of files in SmugMug Source; it answered if one of them was stored in this run."""
        self._xmp = self._new_xmp(policy, xmp) if xmp else None
        self._previews = AlbumPreviews(
            store=store, ledger=ledger, mover=mover, limits=limits, reporter=reporter, summary=summary, prefix=prefix
        )

    def _new_xmp(self, policy: RetryPolicy, naming: Naming) -> XmpSidecars:
        return XmpSidecars(
            store=self._store,
            ledger=self._ledger,
            policy=policy,
            summary=self.summary,
            read_item=self._source.read_item,
            naming=naming,
        )

    async def expect(
        self, listing: Listing, known: Mapping[str, Entry], todo: Sequence[Step], excluded: Sequence[Step]
    ) -> None:
        """Record what will be done with an album, before doing it, and what the filters leave out."""
        album = listing.album
        images = [asset.image_key for asset in listing.assets]
        if listing.shown.whole:
            self.summary.gone += sum(known[image].stored for image in known.keys() - set(images))
        await self._ledger.plan(album, todo, images, whole=listing.shown.whole, excluded=excluded)
        moves = [step.asset.image_key for step in todo if step.action is Action.MOVE]
        self._collected.add(await self._ledger.elsewhere(album.key, moves))

    async def execute(self, job: Job) -> None:
        """Execute one job; after an album's last one, also write its `_album.json` and settle the album.

        Raises only errors that stop the whole run: the error of one file is recorded and reported.
        """
        work = job.work
        if job.step is not None:
            if self._limits.over:
                job.leave(self.summary)
            else:
                await self._try(job)
            work.open_jobs -= 1
        if not work.open_jobs and (work.started or not work.left):
            await self._close(work)

    async def _close(self, work: AlbumWork) -> None:
        """Write the `_album.json` and settle the album; the ledger knows already if it was not started."""
        if work.contents and not self._xmp:
            await self._finish(work, work.contents)
            return
        async with self._closing:
            await self._finish(work, work.contents or await self._ledger.contents(work.key))

    async def _finish(self, work: AlbumWork, contents: Contents) -> None:
        work.contents = contents
        try:
            await self._try(Job(work, None))
        finally:
            work.contents = None
        # An account that is given no file in SmugMug Source is not asked for all of them every night.
        refused = work.refused or bool(work.unanswered)
        work.complete &= not (refused and self._vault.answered)
        if work.asked_again and not refused:
            await self._ledger.ask_again()
        await self._ledger.settle(
            contents.album,
            complete=work.complete,
            fingerprint=work.fingerprint,
            references=work.references,
            digest=work.digest,
            unanswered=work.unanswered,
        )
        self._reporter.settled(contents.album.directory, complete=work.complete)

    async def _try(self, job: Job) -> None:
        try:
            await self._do(job)
            self._failures_in_a_row = 0
            job.work.started += 1
        except NotStarted:
            job.leave(self.summary)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # This task was not cancelled: a library cancelled its own request, and this worker must go on.
            await self._failed(job, StoreUnreachable(f"the request for {job.key} was interrupted"))
        except (StoreCorrupt, StoreMissing) as error:
            await (self._mend(job, error) if job.updates and not job.mended else self._failed(job, error))
        except Exception as error:  # noqa: BLE001 - whatever happens to one file must not end the others
            await self._failed(job, foreseen(error))

    async def _mend(self, job: Job, error: StoreError) -> None:
        """The object is not what was copied: copy the bytes from SmugMug again, then do the job."""
        again = job.recopy()
        assert again.step is not None
        await self._ledger.queue_again(again.key, f"{error.side}: {error}")
        self._reporter.retried(self._label(again), error.side, str(error))
        await self._try(again)
        if again.key != job.key and await self._ledger.done(again.step):
            await self._try(replace(job, mended=True))

    async def _do(self, job: Job) -> None:
        if job.step is None:
            assert job.work.contents is not None
            await self._sidecar(job.work, job.work.contents)
        elif job.step.action is Action.DESCRIBE:
            async with self._collected.lock(job.step):
                await self._describe(job, job.step)
        elif job.step.action is Action.RENAME:
            async with self._collected.lock(job.step):
                await self._rename(job, job.step)
        else:
            await self._move(job, job.step)

    async def _move(self, job: Job, step: Step) -> None:
        asset = await self._source.resolve(step.asset)
        closed = self._vault.closed(asset.album_key) if asset.component_of and asset.url else ""
        if asset.url is None or closed:
            await self._unavailable(job, step, f"{NOT_GIVEN} ({closed})" if closed else asset.unavailable)
            return
        step = replace(step, asset=asset, description=describe(asset))
        try:
            async with self._collected.lock(step):
                size = await self._stored(step, asset.url, self._label(job))
        except (SourceGone, SourceRefused, SourceWebPage) as error:
            if not (reason := await self._not_given(step.asset, error)):
                raise
            await self._unavailable(job, step, reason)
            return
        self._reporter.moved(self._label(job), size)
        if not self._looked_early:
            await self._look_early()

    async def _look_early(self) -> None:
        """Look while the bucket contains little: some servers compute the hash of all they list."""
        self._looked_early = True
        try:
            await self._look_again()
        except Smug2s3Error as error:
            if error.ends_the_run:
                raise  # any other is not this file's, and it is looked again before the first `_album.json`

    async def _not_given(self, asset: Asset, error: Smug2s3Error) -> str:
        """Why SmugMug does not provide the file; empty if that is an error of one attempt."""
        if asset.component_of:
            self._vault.add(asset.album_key, str(error))
            return f"{NOT_GIVEN} ({error})"
        if isinstance(error, SourceGone) and not await self._source.still_listed(asset):
            return "deleted on SmugMug after it was listed"
        return ""

    async def _stored(self, step: Step, url: str, label: str) -> int:
        """Store and record the file: as a reference, a server-side copy, or a download."""
        size = step.asset.size
        if await self._collected.refer(step):
            self._reporter.advanced(label, size or 0)
            self.summary.referred += 1
        else:
            with self._limits.admit(size):
                size = await self._copied(step, url, label)
                self.summary.bytes += size
        self.summary.moved += 1
        if step.asset.component_of:
            await self._component_stored()
            self.summary.components_moved += 1
            self.summary.components_bytes += size or 0
        return size or 0

    async def _component_stored(self) -> None:
        """SmugMug gives such files: albums with any that it refused before are listed again, in the next run if not in this."""
        if not self._vault.answered:
            self._vault.answered = True
            await self._ledger.ask_again()

    async def _copied(self, step: Step, url: str, label: str) -> int:
        """Copy it to the key of its album, or of the album it refers to; from the bucket if it is there."""
        place = await self._collected.place(step)
        spec = _spec(place, url, label)
        receipt = await self._collected.copy(place, spec.target)
        if receipt:
            self.summary.copied += 1
            self._reporter.advanced(label, receipt.size)
        else:
            receipt = await self._mover.move(spec)
        if place is step:
            await self._ledger.moved(step, receipt)
        else:
            await self._ledger.moved_for_another(step, place, receipt)
        return receipt.size

    async def _describe(self, job: Job, step: Step) -> None:
        receipt = await self._store.copy(await self._recorded(step.key), _target(step))
        await self._ledger.described(step, receipt)
        self.summary.described += 1
        self._reporter.kept(self._label(job))

    async def _recorded(self, key: str) -> Receipt:
        """The object to copy; raises StoreCorrupt if it was found wrong, since its copy would look new."""
        if (receipt := await self._ledger.recorded(key)) is None:
            raise StoreMissing(f"the bucket does not have {key}")
        if receipt.proof is Proof.WRONG:
            raise StoreCorrupt(f"{key} has changed since it was stored")
        return receipt

    async def _rename(self, job: Job, step: Step) -> None:
        receipt = await self._store.copy(await self._recorded(step.former_key), _target(step))
        # Recorded before the old one is deleted: a crash in between leaves one copy too many, never one too few.
        await self._ledger.renamed(step, receipt)
        self.summary.renamed += 1
        self._reporter.kept(self._label(job))
        try:
            await self._store.delete(step.former_key)
        except StoreError as error:
            if error.ends_the_run:
                raise
            former = step.former_key.removeprefix(self._prefix)
            self.summary.name(former, "left over", str(error))
            self._reporter.note(f"{former}: could not delete the copy under the old name ({error})")

    async def _sidecar(self, work: AlbumWork, contents: Contents) -> None:
        known = await self._ledger.known(work.key)
        current = await self._ledger.sidecar(work.key)
        former = await self._ledger.former(work.key)
        await self._look_again()
        receipt = await retry(
            self._policy,
            lambda: store_sidecar(self._store, contents, known, work.directory, current, former),
            side=self._store.side,
        )
        work.references = {image: entry.key for image, entry in known.items() if entry.reference}
        work.digest = sidecar.digest(contents, known)
        if receipt is not None:
            await self._ledger.sidecar_stored(contents.album, receipt)
            if self._follow_renames and current and current[0] != receipt.key:
                await self._ledger.forget(current[0])
                await self._store.delete(current[0])
        if self._xmp:
            await self._xmp.write(contents, known)
        if not await self._previews.copy(contents, known):
            work.fingerprint = without_previews(work.fingerprint)

    def _label(self, job: Job) -> str:
        return job.key.removeprefix(self._prefix)

    async def _unavailable(self, job: Job, step: Step, reason: str) -> None:
        if step.asset.component_of and reason.startswith(NOT_GIVEN):
            job.work.refused = True
        else:
            job.work.complete = False
        await self._ledger.failed(step, Known.UNAVAILABLE, reason)
        self.summary.unavailable += 1
        self.summary.name(self._label(job), "unavailable", reason)
        self.summary.components_unavailable += bool(step.asset.component_of)
        self._reporter.unavailable(self._label(job), reason)

    async def _failed(self, job: Job, error: Smug2s3Error) -> None:
        if error.ends_the_run:
            raise error
        if isinstance(error, OVERBURDENED) and self._limits.late:
            job.leave(self.summary)  # the time limit passed during an outage
            return
        job.work.complete = False
        if job.updates:
            await self._not_updated(job, error)
            return
        if job.step is not None:
            await self._ledger.failed(job.step, Known.FAILED, f"{error.side}: {error}")
        self.summary.failed += 1
        self.summary.name(self._label(job), "failed", f"{error.side}: {error}")
        self._reporter.failed(self._label(job), error.side, str(error))
        self._failures_in_a_row += not isinstance(error, OVERBURDENED)
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            sentence = f"stopped after {FAILURES_IN_A_ROW} failed files in a row; the last error: {error}"
            raise type(error)(sentence, hint=error.hint or "Fix the cause, then run the same command again.")

    async def _not_updated(self, job: Job, error: Smug2s3Error) -> None:
        """The stored file stays as it is, and the next run tries again: no photo is copied again for its metadata."""
        assert job.step is not None
        await self._ledger.not_described(job.step, f"{error.side}: {error}")
        self.summary.not_updated += 1
        self.summary.name(self._label(job), "not updated", f"{error.side}: {error}")
        self._reporter.not_updated(self._label(job), error.side, str(error))


def _spec(step: Step, url: str, label: str) -> TransferSpec:
    asset = step.asset
    target = _target(step)
    return TransferSpec(
        album_key=asset.album_key,
        image_key=asset.image_key,
        identity=asset.identity,
        key=step.key,
        url=url,
        size=asset.size,
        md5=asset.md5,
        content_type=target.content_type,
        metadata=target.metadata,
        label=label,
    )


def _target(step: Step) -> StoreTarget:
    return StoreTarget(key=step.key, content_type=media_type(step.asset.format), metadata=step.description)
