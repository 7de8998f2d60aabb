"""Compares what the ledger says with what the store holds, and if asked with what SmugMug has today."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from smug2s3.errors import foreseen
from smug2s3.flow.retry import Patience, persistently
from smug2s3.flow.together import task_group
from smug2s3.models import (
    Account,
    Album,
    Asset,
    Difference,
    Entry,
    Head,
    Known,
    Listing,
    Stored,
    StoredObject,
    Verification,
)
from smug2s3.ports import Ledger, Source, Store
from smug2s3.rules.directories import RESERVED, Directories

READERS = 8
"""Objects read back side by side."""

LISTERS = 8

DIFFERENCES_KEPT = 1000
"""Of one verification in the ledger; ``verify`` names all of them."""

_AGAIN = Patience(attempts=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumTally:
    """One album in numbers: what SmugMug counts and lists, what was moved, what is in the bucket as it should be."""

    path: str
    counted: int | None
    listed: int
    moved: int
    proven: int
    unavailable: int
    problem: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything SmugMug lists and can give is proven, and it lists as many as it counts."""
        return not self.problem and self.proven + self.unavailable == self.listed


@dataclass(slots=True, kw_only=True)
class Report:
    """What was found; ``checked`` is everything the ledger says should be there."""

    checked: int = 0
    ok: int = 0
    found: dict[str, list[Difference]] = field(default_factory=dict)
    """All differences by key: to look for one among a hundred thousand, once for each object, would take hours."""
    unavailable: list[tuple[str, str]] = field(default_factory=list)
    """What SmugMug itself could not give, with its reason; no difference, but not in the bucket either."""
    heads: int = 0
    """Objects whose own metadata was looked at."""
    read_back: int = 0
    read_bytes: int = 0
    source_assets: int = 0
    account: Account | None = None
    """Whose account was walked again, if one was."""
    albums: list[AlbumTally] = field(default_factory=list)
    partial: bool = False
    """Whether no sync has gone through the whole account yet, so that the ledger may know nothing of a part of it."""
    unmoved: int = 0
    """Of the differences, what the ledger knows to be not moved yet."""
    queued: int = 0
    """What ``repair`` put down for the next sync."""
    beyond_repair: list[tuple[str, str]] = field(default_factory=list)
    """What ``repair`` found missing or different but no sync can move again: its key, and why."""

    @property
    def differences(self) -> list[Difference]:
        """All of them, in the order in which they were found."""
        return [difference for same_key in self.found.values() for difference in same_key]

    def name(self, difference: Difference) -> None:
        """One more."""
        self.found.setdefault(difference.key, []).append(difference)

    def count(self, kind: str) -> int:
        """How many differences are of one kind."""
        return sum(difference.kind == kind for difference in self.differences)

    @property
    def clean(self) -> bool:
        """Whether there was something to look at, and nothing differs."""
        return not self.found and bool(self.checked or self.unavailable)


class Verify:
    """One verification. Only ``repair`` changes anything, and only in the ledger."""

    def __init__(
        self, *, store: Store, ledger: Ledger, prefix: str, advance: Callable[[str], None], report: Report
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._prefix = prefix
        self._advance = advance
        self.report = report
        self._undescribed: set[str] = set()
        self._never_moved: set[str] = set()
        """Labels of what the next sync tries by itself."""

    async def from_ledger(self) -> None:
        """By the ledger alone, without any network: whether everything it has heard of was moved."""
        self.report.checked = self.report.ok = await self._ledger.count_stored()
        await self._unmoved()

    async def listing(self) -> None:
        """By the store's own listing: presence, size, and MD5 where the ETag is one; reads no object."""
        self._advance("listing the bucket")
        same, differences = await self._ledger.compare(self._listed())
        report = self.report
        report.ok = same
        for difference in differences:
            report.name(difference)
        report.checked = same + len(differences) - report.count("extra")
        await self._unmoved()

    async def _unmoved(self) -> None:
        report = self.report
        report.partial = not await self._ledger.whole_at()
        for key, state, reason in await self._ledger.unmoved():
            label = key.removeprefix(self._prefix)
            if state == Known.UNAVAILABLE:
                report.unavailable.append((label, reason))
            else:
                report.checked += 1
                report.unmoved += 1
                report.name(Difference(kind="missing", key=label, detail=reason or "not moved yet"))
                self._never_moved.add(label)

    async def heads(self) -> None:
        """By every object's own metadata: whether it still says which image it is."""
        await self._each(1.0, self._head)

    async def deep(self, share: float) -> None:
        """Read back and hash ``share`` (0 to 1) of the objects that are there: proves their bytes, whatever the ETag.

        Which objects a share takes depends on their keys alone, evenly spread.
        """
        await self._each(share, self._read_back)

    def written_anew(self, keys: Iterable[str]) -> None:
        """These files are about to be written anew, so what was wrong with them is so no longer."""
        for key in keys:
            self._agrees(key)

    async def repair(self) -> None:
        """Put down in the ledger that what is missing or different is to be moved or described again."""
        for difference in self.report.differences:
            if difference.key in self._undescribed:
                await self._ledger.describe_again(difference.key)
                self.report.queued += 1
            elif difference.kind in ("missing", "different"):
                await self._queue(difference)
        if self.report.account is not None and self.report.differences:
            await self._ledger.unsettle()

    async def _queue(self, difference: Difference) -> None:
        key = difference.key
        if key in self._never_moved or await self._ledger.queue_again(key, difference.detail):
            self.report.queued += 1
        elif key.removeprefix(self._prefix) in RESERVED:
            self.report.beyond_repair.append((key, "the next `smug2s3 verify --certificate FILE` writes it anew"))
        else:
            self.report.beyond_repair.append((key, "SmugMug no longer has it, so no sync can move it again"))

    async def _each(self, share: float, look: Callable[[Stored], Awaitable[None]]) -> None:
        absent = {d.key for d in self.report.differences if d.kind in ("missing", "different")}
        queue: asyncio.Queue[Stored | None] = asyncio.Queue(READERS * 2)

        async def work() -> None:
            while (stored := await queue.get()) is not None:
                await self._carefully(look, stored)

        async with task_group() as readers:
            for _ in range(READERS):
                readers.create_task(work())
            async for page in self._ledger.stored():
                for stored in page:
                    if stored.key not in absent and _chosen(stored.key, share):
                        await queue.put(stored)
            for _ in range(READERS):
                await queue.put(None)

    async def _carefully(self, look: Callable[[Stored], Awaitable[None]], stored: Stored) -> None:
        try:
            await persistently(_AGAIN, lambda: look(stored))
        except Exception as raised:  # noqa: BLE001 - one unreadable object must not hide the others
            error = foreseen(raised)
            if error.ends_the_run:
                raise error from None
            self._differs("unverifiable", stored.key, f"it cannot be looked at: {error}")

    async def _head(self, stored: Stored) -> None:
        self._advance(f"asking for {stored.key}")
        head = await self._store.head(stored.key)
        self.report.heads += 1
        if wrong := _other_bytes(head, stored):
            self._differs("different", stored.key, wrong)
            return  # whatever its metadata say: it is to be moved again, not described
        if head.crc64 and stored.crc64:
            self._agrees(stored.key)
        if stored.image_key and head.metadata.get("image-key") != stored.image_key:
            detail = f"its metadata does not say that it is image {stored.image_key}; title and caption may be lost"
            self._differs("different", stored.key, detail)
            self._undescribed.add(stored.key)

    async def _read_back(self, stored: Stored) -> None:
        self._advance(f"reading {stored.key}")
        md5, size = hashlib.md5(usedforsecurity=False), 0
        async for chunk in self._store.read(stored.key):
            md5.update(chunk)
            size += len(chunk)
        self.report.read_back += 1
        self.report.read_bytes += size
        if md5.hexdigest() == stored.md5:
            self._agrees(stored.key)
        else:
            detail = f"the bytes in the bucket have MD5 {md5.hexdigest()} instead of {stored.md5}"
            self._differs("different", stored.key, detail)

    def _agrees(self, key: str) -> None:
        """Reading overrules what the listing could only suppose."""
        # What is extra was never counted among what should be there.
        self.report.ok += sum(one.kind != "extra" for one in self.report.found.pop(key, ()))

    def _differs(self, kind: str, key: str, detail: str) -> None:
        if self.report.found.pop(key, None) is None:
            self.report.ok -= 1
        self.report.name(Difference(kind=kind, key=key, detail=detail))

    async def source(self, source: Source) -> None:
        """Walk SmugMug again: everything it lists today must have been moved, with the same identity."""
        account = self.report.account = await source.account()
        await self._ledger.belongs_to({"account": account.nickname}, keep=False)
        albums: asyncio.Queue[Album | None] = asyncio.Queue(LISTERS)
        directories = Directories(await self._ledger.directories())
        async with task_group() as listers:
            for _ in range(LISTERS):
                listers.create_task(self._compare_albums(source, albums))
            await source.walk(account, directories, albums.put, self._unreadable)
            for _ in range(LISTERS):
                await albums.put(None)

    async def _listed(self) -> AsyncIterator[list[StoredObject]]:
        async for page in self._store.list(self._prefix):
            self._advance(f"listing the bucket: {page[-1].key if page else ''}")
            yield page

    async def _compare_albums(self, source: Source, albums: asyncio.Queue[Album | None]) -> None:
        while (album := await albums.get()) is not None:
            self._advance(f"comparing album {album.path}")
            try:
                await self._compare_album(source, album)
            except Exception as raised:
                error = foreseen(raised)
                if error.ends_the_run:
                    raise
                self._unreadable(album.path, str(error))

    async def _compare_album(self, source: Source, album: Album) -> None:
        if album.locked:
            self._unreadable(album.path, "it is locked, and SmugMug shows nothing of it to this sign-in")
            return
        listing = await source.listing(album)
        known = await self._ledger.known(album.key)
        for gap in listing.shown.gaps:
            self._unreadable(album.path, gap)
        found = [_against_ledger(album, asset, known.get(asset.image_key)) for asset in listing.assets]
        # Asked before any is named: two items of an album may be called the same.
        for difference in [one for one in found if one and one.key not in self.report.found]:
            self.report.name(difference)
            if difference.kind == "missing":
                self._never_moved.add(difference.key)
        self.report.source_assets += len(listing.assets)
        self.report.albums.append(self._tally(listing, known))

    def _tally(self, listing: Listing, known: Mapping[str, Entry]) -> AlbumTally:
        entries = [known[asset.image_key] for asset in listing.assets if asset.image_key in known]
        moved = [entry for entry in entries if entry.state is Known.MOVED]
        return AlbumTally(
            path=listing.album.path,
            counted=listing.album.image_count,
            listed=len(listing.assets),
            moved=len(moved),
            proven=sum(entry.key not in self.report.found for entry in moved),
            unavailable=sum(entry.state is Known.UNAVAILABLE for entry in entries),
            problem="; ".join(listing.shown.gaps),
        )

    def _unreadable(self, path: str, reason: str) -> None:
        self.report.name(Difference(kind="unverifiable", key=path, detail=reason))


def _against_ledger(album: Album, asset: Asset, entry: Entry | None) -> Difference | None:
    label = f"{album.path}/{asset.filename or asset.image_key}"
    if entry is None:
        detail = "SmugMug has it, but it was never moved; run sync again (with --full)"
        return Difference(kind="missing", key=label, detail=detail)
    if entry.state is not Known.MOVED or asset.url is None:
        return None  # Named already from the ledger, or without an address to compare by.
    if entry.identity != asset.identity:
        detail = "it was replaced on SmugMug since it was moved; run sync again (with --full)"
        return Difference(kind="different", key=entry.key, detail=detail)
    return None


def _other_bytes(head: Head, stored: Stored) -> str:
    """How the object's size or the store's own CRC-64 shows that its bytes are others; empty if they do not."""
    if head.size != stored.size:
        return f"{head.size:,} bytes in the bucket instead of {stored.size:,}"
    if head.crc64 and stored.crc64 and head.crc64 != stored.crc64:
        return f"other bytes in the bucket (the store's own CRC-64 is {head.crc64} instead of {stored.crc64})"
    return ""


def _chosen(key: str, share: float) -> bool:
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16) < share * 0x1_0000_0000


def verification(
    report: Report, *, began: str, ended: str, levels: tuple[str, ...], verdict: tuple[bool, str] | None
) -> Verification:
    """The report as the ledger keeps it: all counts, and the first of what differs."""
    return Verification(
        began=began,
        ended=ended,
        levels=levels,
        clean=report.clean,
        safe=verdict[0] if verdict else None,
        verdict=verdict[1] if verdict else "",
        counts=tally(report)
        | {
            "unavailable": len(report.unavailable),
            "heads": report.heads,
            "read_back": report.read_back,
            "read_bytes": report.read_bytes,
            "source_albums": len(report.albums),
            "source_assets": report.source_assets,
        },
        differences=tuple(report.differences[:DIFFERENCES_KEPT]),
    )


def tally(report: Report) -> dict[str, int]:
    """The counts by kind, as ``verify --json`` gives them."""
    kinds = Counter(difference.kind for difference in report.differences)
    names = ("missing", "different", "extra", "unverifiable")
    return {"checked": report.checked, "ok": report.ok} | {name: kinds[name] for name in names}
