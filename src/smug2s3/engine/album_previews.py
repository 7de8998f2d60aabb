"""Copies SmugMug's reduced pictures of an album's files, and deletes those that show nothing any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from smug2s3.engine.run_limits import RunLimits
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.engine.transfer import OVERBURDENED
from smug2s3.errors import (
    Smug2s3Error,
    SourceGone,
    SourceRefused,
    SourceWebPage,
    StoreError,
    StoreUnreachable,
    foreseen,
)
from smug2s3.flow.together import together
from smug2s3.models import Album, Contents, Entry
from smug2s3.ports.ledger import PreviewRecords, StoredPreviews
from smug2s3.ports.mover import Mover, NotStarted, TransferSpec
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.store import Store
from smug2s3.rules.media_types import media_type
from smug2s3.rules.plan import Step
from smug2s3.rules.previews import Preview, outdated, packed, stored_at, unpacked, wanted

AT_ONCE = 16
"""Previews of one album copied side by side; the mover limits all transfers together."""

FAILURES_IN_A_ROW = 60
"""After so many, the cause is not in the pictures: this run copies no more of them."""

_NOT_GIVEN = (SourceGone, SourceRefused, SourceWebPage)

Target = tuple[str, str, Preview]
"""The keys of a preview and of its file, and the preview."""


async def to_copy(
    ledger: StoredPreviews, options: SyncOptions, album: Album, steps: Iterable[Step], summary: Summary
) -> bytes:
    """The previews to copy once the files of a listed album are stored, packed; all are counted."""
    if not options.previews:
        return b""
    found = wanted(steps, await ledger.previews(album.key), prefix=options.prefix)
    summary.previews_unavailable += found.unavailable
    summary.previews_needless += found.needless
    if options.dry_run:
        summary.previews += len(found.to_copy)
        summary.previews_bytes += found.bytes
    return packed(found.to_copy)


class AlbumPreviews:
    """The previews of one run. The originals are safe without them, so a failure of one ends nothing."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: PreviewRecords,
        mover: Mover,
        limits: RunLimits,
        reporter: Reporter,
        summary: Summary,
        prefix: str,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._mover = mover
        self._limits = limits
        self._reporter = reporter
        self._summary = summary
        self._prefix = prefix
        self._failures_in_a_row = 0

    async def copy(self, contents: Contents, known: Mapping[str, Entry]) -> bool:
        """Copy what the plan found missing, now that the files are stored; returns whether none is left to do.

        Previews of removed photos stay, as these do. A photo that is only a reference has them where its file is.
        """
        album = contents.album.key
        own = {image: entry.key for image, entry in known.items() if not entry.reference}
        stored = {image: key for image, key in own.items() if known[image].stored}
        targets = [
            (stored_at(preview, file, prefix=self._prefix), file, preview)
            for preview in unpacked(contents.previews)
            if (file := stored.get(preview.image_key))
        ]
        done = await self._copy_all(album, targets)
        await self._clear(album, frozenset(own.values()))
        return done

    async def _copy_all(self, album: str, targets: Sequence[Target]) -> bool:
        if not targets:
            return True
        self._reporter.previewing(len(targets), sum(preview.expected for _, _, preview in targets))
        queue = iter(targets)
        return all(await together(self._copy_in_turn(album, queue) for _ in range(AT_ONCE)))

    async def _clear(self, album: str, files: frozenset[str]) -> None:
        """Delete what shows nothing any more."""
        for key in outdated(await self._ledger.previews(album), files, prefix=self._prefix):
            if not await self._deleted(key):
                return  # another run tries again

    async def _deleted(self, key: str) -> bool:
        try:
            await self._store.delete(key)
        except StoreError as error:
            if error.ends_the_run:
                raise
            label = key.removeprefix(self._prefix)
            self._reporter.note(f"{label}: could not delete the outdated preview ({error})")
            return False
        await self._ledger.forget(key)
        return True

    async def _copy_in_turn(self, album: str, queue: Iterator[Target]) -> bool:
        """One of several that take from the same iterator; returns whether none is left to do."""
        done = True
        for target in queue:
            done = await self._try(album, *target) and done
        return done

    async def _try(self, album: str, key: str, file: str, preview: Preview) -> bool:
        if self._limits.over or self._failures_in_a_row >= FAILURES_IN_A_ROW:
            return self._leave(key)
        if await self._ledger.owner(key) not in ("", album):
            return self._unavailable(key)  # a file of an earlier version's archive lies there
        try:
            await self._copy(album, key, file, preview)
        except NotStarted:
            return self._leave(key)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # This task was not cancelled: a library cancelled its own request.
            return self._failed(key, StoreUnreachable(f"the request for {key} was interrupted"))
        except Exception as error:  # noqa: BLE001 - whatever happens to one preview must not end the others
            return self._failed(key, foreseen(error))
        return True

    async def _copy(self, album: str, key: str, file: str, preview: Preview) -> None:
        shown = await self._ledger.recorded(file)
        with self._limits.admit(preview.rendition.length):
            receipt = await self._mover.move(_spec(album, key, preview, key.removeprefix(self._prefix)))
            self._summary.previews_bytes += receipt.size
        # Another machine may have copied the file, by a clock that is ahead of this one's.
        moment = max(receipt.stored_at, shown.stored_at if shown else "")
        await self._ledger.previews_stored([(album, replace(receipt, stored_at=moment))])
        self._summary.previews += 1
        self._failures_in_a_row = 0
        self._reporter.previewed(key.removeprefix(self._prefix), receipt.size)

    def _leave(self, key: str) -> bool:
        self._summary.previews_left += 1
        self._reporter.preview_left(key.removeprefix(self._prefix))
        return False

    def _unavailable(self, key: str) -> bool:
        self._summary.previews_unavailable += 1
        self._reporter.preview_left(key.removeprefix(self._prefix))
        return True

    def _failed(self, key: str, error: Smug2s3Error) -> bool:
        """Record it; returns whether another run need not try again."""
        if error.ends_the_run:
            raise error
        if isinstance(error, OVERBURDENED) and self._limits.late:
            return self._leave(key)
        not_given = isinstance(error, _NOT_GIVEN)
        self._summary.previews_unavailable += not_given
        label = key.removeprefix(self._prefix)
        if not not_given:
            self._summary.previews_failed += 1
            self._summary.name(label, "preview failed", f"{error.side}: {error}")
        self._reporter.preview_failed(label, error.side, str(error))
        self._failures_in_a_row += not isinstance(error, OVERBURDENED)
        if self._failures_in_a_row == FAILURES_IN_A_ROW:
            self._reporter.note(
                f"no more previews in this run, after {FAILURES_IN_A_ROW} failures in a row; the next one tries again"
            )
        return not_given


def _spec(album: str, key: str, preview: Preview, label: str) -> TransferSpec:
    """SmugMug names no MD5 of a reduced picture, so its length and our own hash prove it."""
    rendition = preview.rendition
    return TransferSpec(
        album_key=album,
        image_key=preview.image_key,
        identity=rendition.size,
        key=key,
        url=rendition.url,
        size=rendition.length,
        md5=None,
        content_type=media_type(rendition.format),
        metadata=(),
        label=label,
        etag_is_md5=False,
    )
