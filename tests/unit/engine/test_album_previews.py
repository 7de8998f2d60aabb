"""Previews that cannot be copied hold up nothing, and what shows nothing any more is deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from smug2s3.engine.album_previews import FAILURES_IN_A_ROW, AlbumPreviews
from smug2s3.engine.run_limits import RunLimits
from smug2s3.engine.summary import Summary
from smug2s3.errors import Smug2s3Error, SourceBroken, SourceGone, SourceRefused, StoreBroken, StoreUnusable
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.models import Contents, Receipt, Rendition
from smug2s3.ports.mover import NotStarted, TransferSpec
from smug2s3.rules.preview_keys import Size, preview_key
from smug2s3.rules.previews import Preview, packed
from smug2s3.stores.local.store import open_local
from tests.support.recorder import Recorder
from tests.unit.samples import album, asset, receipt, step

FILES = 80


class OneByOne:
    """A mover that fails with an error for some, and remembers what it was asked for."""

    capacity = 1
    workers: list[object] = []  # noqa: RUF012 - never changed

    def __init__(self, *errors: Smug2s3Error | NotStarted, times: int = 0) -> None:
        self.asked: list[TransferSpec] = []
        self._errors = iter([*errors, *errors[-1:] * times])

    async def move(self, spec: TransferSpec) -> Receipt:
        self.asked.append(spec)
        if error := next(self._errors, None):
            raise error
        return receipt(spec.key, size=7, stored_at="2026-01-02", md5=spec.image_key * 32)


@dataclass
class Stage:
    """An album of stored files, and what copies its previews."""

    ledger: SqliteLedger
    store: object
    summary: Summary = field(default_factory=Summary)
    reporter: Recorder = field(default_factory=Recorder)

    async def copy(self, mover: OneByOne, count: int = 1, *, max_bytes: int | None = None) -> bool:
        previews = AlbumPreviews(
            store=self.store,  # type: ignore[arg-type]
            ledger=self.ledger,
            mover=mover,  # type: ignore[arg-type]
            limits=RunLimits(self.summary, self.reporter, max_bytes=max_bytes),
            reporter=self.reporter,
            summary=self.summary,
            prefix="p/",
        )
        wanted = packed(Preview(str(number), Rendition("S", "https://photos/S", 7)) for number in range(count))
        known = await self.ledger.known("AlbumK")
        return await previews.copy(Contents(album=album(), items=(), previews=wanted), known)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    (tmp_path / "bucket").mkdir()
    async with open_local(tmp_path / "bucket") as store, open_ledger(":memory:") as ledger:
        steps = [step(asset(image_key=str(number)), f"p/A/{number}.jpg") for number in range(FILES)]
        await ledger.plan(album(), steps, [one.asset.image_key for one in steps], whole=True)
        for each in steps:
            await ledger.moved(each, receipt(each.key, stored_at="2026-01-01"))
        yield Stage(ledger, store)


@pytest.mark.parametrize(
    ("error", "done", "unavailable", "failed", "left"),
    [
        (SourceGone("no such file"), True, 1, 0, 0),  # nobody asks again every night
        (SourceRefused("denied"), True, 1, 0, 0),
        (SourceBroken("another length"), False, 0, 1, 0),
        (StoreBroken("nonsense"), False, 0, 1, 0),
        (NotStarted(), False, 0, 0, 1),
    ],
)
async def test_one_that_cannot_be_copied_is_counted_and_the_others_are_copied(
    stage: Stage, error: Smug2s3Error | NotStarted, done: bool, unavailable: int, failed: int, left: int
) -> None:
    assert await stage.copy(OneByOne(error), 3) is done
    summary = stage.summary
    assert (summary.previews, summary.previews_bytes) == (2, 14)
    assert (summary.previews_unavailable, summary.previews_failed, summary.previews_left) == (unavailable, failed, left)
    assert [item["state"] for item in summary.items] == ["preview failed"] * failed
    assert len((await stage.ledger.previews("AlbumK")).previews) == 2


async def test_an_error_that_ends_the_run_ends_it(stage: Stage) -> None:
    with pytest.raises(StoreUnusable):
        await stage.copy(OneByOne(StoreUnusable("wrong key")))


async def test_after_many_failures_in_a_row_the_rest_waits_for_another_run_and_the_run_goes_on(stage: Stage) -> None:
    mover = OneByOne(SourceRefused("denied"), times=FILES)
    assert not await stage.copy(mover, FILES)
    summary = stage.summary
    assert FAILURES_IN_A_ROW <= len(mover.asked) < FILES
    assert summary.previews_unavailable == len(mover.asked)
    assert summary.previews_left == FILES - len(mover.asked)
    assert [note for note in stage.reporter.notes if "no more previews in this run" in note] == stage.reporter.notes


async def test_their_bytes_count_for_the_limit_of_a_run(stage: Stage) -> None:
    assert not await stage.copy(OneByOne(), 3, max_bytes=15)
    assert (stage.summary.previews, stage.summary.previews_left, stage.summary.stopped) == (2, 1, "max-bytes")


async def test_no_preview_is_written_where_another_albums_file_is(stage: Stage) -> None:
    taken = preview_key("p/A/0.jpg", Size.SMALL, prefix="p/")
    other = step(asset(image_key="x", album_key="Other"), taken)
    await stage.ledger.plan(album(key="Other"), [other], ["x"], whole=True)
    await stage.ledger.moved(other, receipt(taken))
    mover = OneByOne()
    assert await stage.copy(mover, 2)
    assert ([spec.key for spec in mover.asked], stage.summary.previews_unavailable) == (
        [preview_key("p/A/1.jpg", Size.SMALL, prefix="p/")],
        1,
    )


async def test_a_length_and_our_own_hash_prove_them_and_no_etag(stage: Stage) -> None:
    mover = OneByOne()
    await stage.copy(mover)
    (spec,) = mover.asked
    assert (spec.size, spec.md5, spec.etag_is_md5, spec.metadata, spec.content_type) == (
        7,
        None,
        False,
        (),
        "image/jpeg",
    )


async def test_what_shows_an_earlier_version_or_a_former_name_is_forgotten_and_queued_ones_are_copied_again(
    stage: Stage,
) -> None:
    await stage.copy(OneByOne(), 4)
    ledger = stage.ledger
    replaced = step(asset(image_key="0", serial=1), "p/A/0.jpg")  # by a machine whose clock is ahead
    await ledger.moved(replaced, receipt("p/A/0.jpg", stored_at="2026-02-01"))
    renamed = step(asset(image_key="1"), "p/B/1.jpg", former_key="p/A/1.jpg")
    await ledger.renamed(renamed, receipt("p/B/1.jpg"))

    lost = step(asset(image_key="3"), "p/A/3.jpg")
    await ledger.plan(album(), [], [], whole=True)  # SmugMug lists nothing any more
    await ledger.lost(lost.key, there=False)

    assert await stage.copy(OneByOne(), 0)

    former, kept, last = (preview_key(f"p/A/{name}.jpg", Size.SMALL, prefix="p/") for name in "123")
    assert sorted((await ledger.previews("AlbumK")).previews) == [former, kept, last]
    assert await stage.copy(OneByOne(), 2)
    new = preview_key("p/B/1.jpg", Size.SMALL, prefix="p/"), preview_key("p/A/0.jpg", Size.SMALL, prefix="p/")
    assert set((await ledger.previews("AlbumK")).previews) == {kept, last, *new}
    await ledger.settle(album(), complete=True, fingerprint="f", references={}, digest="d")
    assert await ledger.queue_again(kept, "missing")
    assert set((await ledger.previews("AlbumK")).previews) == {last, *new}
    assert await ledger.settled("AlbumK") is None
