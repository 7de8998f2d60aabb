"""What a run says of files in SmugMug Source: how many questions they take, and what SmugMug refused, also in earlier runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from smug2s3.engine.summary import Summary
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.models import Album, Listing
from smug2s3.ports.ledger import RefusedAlbums
from smug2s3.ports.source import Source
from smug2s3.rules.components import SEVERAL, Raw


class SourceFiles:
    """A few of the albums with refused files are asked for again in every run; of the others these files are counted."""

    def __init__(self, ledger: RefusedAlbums, options: SyncOptions, summary: Summary) -> None:
        self._ledger = ledger
        self._raw = options.raw
        self._prefix = options.prefix
        self._retries = self._raw is not Raw.OFF and not options.filters.partial
        self._summary = summary
        self._refused: set[str] = set()
        self._tried: set[str] = set()
        self._items: int | None = None
        self._announced = False

    async def read(self, source: Source, items: int | None) -> None:
        """Read what was refused so far, and choose whom to ask again: others in every run. SmugMug counts ``items``."""
        if self._raw is not Raw.OFF:
            source.has_components(await self._ledger.with_component())
        found = await self._ledger.refused(everything=self._raw is Raw.ALL)
        self._refused = set(found)
        self._tried = set(found[:SEVERAL]) if self._retries else set()
        self._items = items

    def is_tried(self, album: Album) -> bool:
        """Whether an album that has not changed is asked for again."""
        return album.key in self._tried

    def announcement(self) -> str:
        """What the questions for every photo cost, once before the first; empty otherwise."""
        if self._raw is not Raw.ALL or self._announced:
            return ""
        self._announced = True
        calls = f", up to {self._items:,} in all" if self._items else ""
        return f"asking SmugMug for the RAW files of every photo and video, an API call each{calls}"

    async def skipped(self, album: Album) -> None:
        """Count what is still refused of an album that has not changed."""
        if album.key not in self._refused:
            return
        files, unanswered = await self._ledger.refusals(album.key)
        summary = self._summary
        summary.assets += len(files)
        summary.components += len(files)
        summary.components_unavailable += len(files)
        summary.unavailable += len(files)
        for key, reason in files:
            summary.name(key.removeprefix(self._prefix), "unavailable", reason)
        if self._raw is Raw.ALL:
            self._add(unanswered)

    def unanswered(self, listing: Listing) -> Mapping[str, int]:
        """Count items for which SmugMug did not say which files they have; returns their number by reason."""
        found = Counter(listing.unanswered.values())
        self._add(found)
        return found

    def _add(self, by_reason: Mapping[str, int]) -> None:
        for reason, count in by_reason.items():
            self._summary.unanswered[reason] = self._summary.unanswered.get(reason, 0) + count
