"""Compares the ledger with the bucket: by its listing, each object's metadata, or its bytes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from smug2s3.engine.report import OneByOne, Report
from smug2s3.errors import StoreArchived, foreseen
from smug2s3.flow.retry import A_FEW_TRIES, retry
from smug2s3.flow.together import task_group
from smug2s3.models import Head, Known, Proof, StoredObject
from smug2s3.ports.audit import VerifyLedger
from smug2s3.ports.store import Store
from smug2s3.rules import gallery_pages
from smug2s3.rules.directories import RESERVED
from smug2s3.rules.evidence import PROVEN_BY, Evidence, Held, State, of_object
from smug2s3.rules.preview_keys import Size, previewed
from smug2s3.rules.verification import Difference

READERS = 8
"""Objects read back at once."""


class Verify:
    """One verification. Only records what reading back proved, and with ``repair`` what to copy again."""

    def __init__(
        self, *, store: Store, ledger: VerifyLedger, prefix: str, advance: Callable[[str], None], report: Report
    ) -> None:
        self._store = store
        self._ledger = ledger
        self.prefix = prefix
        self.advance = advance
        self.report = report
        self._nameless = False
        """Whether the bucket stores no metadata, so that an object without metadata is fine."""

    async def from_ledger(self) -> None:
        """Check by the ledger alone, without network, whether everything it knows of was copied."""
        self.report.asked_store = False
        self.report.ok = await self._ledger.count_stored()
        await self.unmoved()

    async def listing(self) -> None:
        """Read the bucket's listing, which all other levels need; reads no object."""
        self.advance("listing the bucket")
        await self._ledger.keep_listing(self._listed())

    async def heads(self) -> None:
        """Check whether every object's metadata still names its image. Call it after ``deep``, if both are wanted."""
        self._nameless = await self._ledger.nameless()
        await self._each(1.0, self._head, read=False)

    async def deep(self, share: float) -> None:
        """Read back and hash ``share`` (0 to 1) of the objects that are there: proves their bytes, whatever the ETag.

        Which objects a share takes depends on their keys alone, evenly spread.
        """
        await self._each(share, self._read_back, read=True)

    async def judge(self) -> None:
        """Report all objects that are not proven by now, and count the others."""
        self.advance("comparing")
        report = self.report
        report.ok = await self._ledger.count_plainly_right()
        report.previews, _ = await self._ledger.count_previews()
        async for page in self._ledger.in_doubt():
            found = [difference for held in page if (difference := of_object(held))]
            report.previews_wrong += sum(bool(self._preview_size(one.key)) for one in found)
            report.ok += len(page) - len(found)
            report.objects += found
        report.strangers += await self._ledger.strangers()

    def rewritten(self) -> None:
        """Drop differences of the archive's own files, which are about to be rewritten."""
        own = {self.prefix + name for name in RESERVED}
        self.report.ok += sum(one.key in own for one in self.report.objects)
        self.report.objects = [one for one in self.report.objects if one.key not in own]

    async def unmoved(self) -> None:
        """Report what the ledger knows to be not copied or not updated, if SmugMug is not listed."""
        report = self.report
        report.partial = not await self._ledger.whole_at()
        named = {one.key for one in report.objects}
        for key, state, reason in await self._ledger.unmoved():
            if key in named:
                continue
            label = key.removeprefix(self.prefix)
            if state == Known.UNAVAILABLE:
                report.unavailable.append((label, reason))
            elif state == Known.MOVED:
                report.unmoved += 1
                report.items.append(Difference(kind=State.PENDING.kind, key=label, detail=reason))
            else:
                report.unmoved += 1
                detail = reason or "not copied yet"
                report.items.append(Difference(kind=State.NOT_MOVED.kind, key=label, detail=detail))

    async def repair(self) -> None:
        """Queue in the ledger everything missing or different, to be copied or updated again."""
        report = self.report
        for difference in report.objects:
            if difference.kind == State.PENDING:
                await self._describe(difference.key)
            elif difference.kind in (State.MISSING, State.DAMAGED):
                await self._queue(difference)
        for difference in report.items:
            if difference.kind == State.DAMAGED:
                await self._ledger.queue_again(difference.key, difference.detail)
        report.queued += sum(one.kind in (State.MISSING, State.DAMAGED, State.PENDING) for one in report.items)
        if report.account is not None and report.differences:
            await self._ledger.unsettle()

    def _preview_size(self, key: str) -> Size | None:
        shown = previewed(key, prefix=self.prefix)
        return shown[1] if shown else None

    async def _describe(self, key: str) -> None:
        if await self._ledger.describe_again(key):
            self.report.queued += 1
        else:
            self.report.beyond_repair.append((key, "no longer on SmugMug, so its metadata cannot be restored"))

    async def _queue(self, difference: Difference) -> None:
        key = difference.key
        if await self._ledger.queue_again(key, difference.detail):
            self.report.queued += 1
            self.report.queued_sidecars += key.endswith(".xmp")
            self.report.queued_previews |= {size} if (size := self._preview_size(key)) else set()
        elif key.removeprefix(self.prefix) in RESERVED:
            self.report.beyond_repair.append((key, "the next `smug2s3 verify --certificate FILE` rewrites it"))
        else:
            await self._ledger.lost(key, there=difference.kind == State.DAMAGED)
            self.report.beyond_repair.append(
                (key, "no longer on SmugMug, so it cannot be copied again; removed from the ledger")
            )

    async def _each(self, share: float, look: Callable[[Held], Awaitable[None]], *, read: bool) -> None:
        """``read``: whether reading bytes takes the time."""
        self.report.under_way = OneByOne()
        async for held in self._there(share):
            self.report.under_way.objects += 1
            self.report.under_way.bytes += held.size * read
        await self._side_by_side(share, look)
        self.report.under_way = None

    async def _there(self, share: float) -> AsyncIterator[Held]:
        async for page in self._ledger.there():
            for held in page:
                if _chosen(held.key, share):
                    yield held

    async def _side_by_side(self, share: float, look: Callable[[Held], Awaitable[None]]) -> None:
        queue: asyncio.Queue[Held | None] = asyncio.Queue(READERS * 2)

        async def work() -> None:
            while (held := await queue.get()) is not None:
                await self._carefully(look, held)

        async with task_group() as readers:
            for _ in range(READERS):
                readers.create_task(work())
            async for held in self._there(share):
                await queue.put(held)
            for _ in range(READERS):
                await queue.put(None)

    async def _carefully(self, look: Callable[[Held], Awaitable[None]], held: Held) -> None:
        try:
            await retry(A_FEW_TRIES, lambda: look(held), side=self._store.side)
        except StoreArchived as refusal:
            await self._archived(held, str(refusal))
        except Exception as raised:  # noqa: BLE001 - one unreadable object must not hide the others
            error = foreseen(raised)
            if error.ends_the_run:
                raise error from None
            await self._found(held, State.UNPROVEN, f"could not be checked: {error}")
        if under_way := self.report.under_way:
            under_way.objects_done += 1
            under_way.bytes_done += held.size if under_way.bytes else 0

    async def _archived(self, held: Held, reason: str) -> None:
        """It cannot be read back: what the listing proves stands."""
        if held.evidence.state is State.PROVEN:
            self.report.archived.append((held.key, reason))
        else:
            await self._found(held, State.UNPROVEN, reason)

    async def _head(self, held: Held) -> None:
        self.advance(f"checking {held.key}")
        head = await self._store.head(held.key)
        self.report.heads += 1
        if wrong := _other_bytes(head, held):
            await self._found(held, State.DAMAGED, wrong)
        elif held.image_key and not self._is_of(head, held.image_key):
            if held.evidence.state is State.PROVEN:  # otherwise its bytes are reported
                detail = f"its metadata does not name image {held.image_key}; title and caption may be lost"
                await self._found(held, State.PENDING, detail)
        elif head.crc64 and held.crc64 and held.proof.holds:
            detail = f"{PROVEN_BY[held.proof]}, and its CRC-64 is unchanged"
            await self._found(held, State.PROVEN, detail)

    def _is_of(self, head: Head, image_key: str) -> bool:
        return head.metadata.get("image-key", image_key if self._nameless else "") == image_key

    async def _read_back(self, held: Held) -> None:
        md5, size = hashlib.md5(usedforsecurity=False), 0
        with self._reading() as count:
            async for more in self._store.read_into(md5.update, held.key):
                size += more
                count(more)
                self.advance(f"reading {held.key}")
        self.report.read_back += 1
        self.report.read_bytes += size
        if md5.hexdigest() != held.md5:
            await self._ledger.seen_bytes(held, Proof.WRONG)
            detail = f"the bytes in the bucket have MD5 {md5.hexdigest()} instead of {held.md5}"
            await self._found(held, State.DAMAGED, detail)
        else:
            await self._read_well(held)

    @contextmanager
    def _reading(self) -> Iterator[Callable[[int], None]]:
        """While an object is read, count its bytes so far; afterwards, and before a retry, its full size."""
        under_way, count = self.report.under_way or OneByOne(), 0

        def more(size: int) -> None:
            nonlocal count
            count += size
            under_way.bytes_done += size

        try:
            yield more
        finally:
            under_way.bytes_done -= count

    async def _read_well(self, held: Held) -> None:
        if held.evidence.state is not State.PROVEN or held.proof is Proof.NONE:
            await self._ledger.seen_bytes(held, Proof.READ)
        await self._found(held, State.PROVEN, "read back and hashed")

    async def _found(self, held: Held, state: State, detail: str) -> None:
        await self._ledger.looked(held, Evidence(state, detail))
        self.report.found_wrong += state is not State.PROVEN

    async def _listed(self) -> AsyncIterator[list[StoredObject]]:
        async for page in self._store.list(self.prefix):
            self.advance(f"listing the bucket: {page[-1].key if page else ''}")
            yield gallery_pages.left_out(page)


def _other_bytes(head: Head, held: Held) -> str:
    """How the object's size or the server's CRC-64 shows that its bytes differ; empty if they do not."""
    if head.size != held.size:
        return f"{head.size:,} bytes in the bucket instead of {held.size:,}"
    if head.crc64 and held.crc64 and head.crc64 != held.crc64:
        return f"different bytes in the bucket (CRC-64 {head.crc64} instead of {held.crc64})"
    return ""


def _chosen(key: str, share: float) -> bool:
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16) < share * 0x1_0000_0000
