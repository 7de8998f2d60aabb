"""In an order of the whole account, and for a while: what is left is told, stays open, and moves in a later run."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import summary_text
from smug2s3.rules.filters import Filters
from smug2s3.rules.order import Order
from smugmug_simulator import Fault, Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support.bucket import Bucket
from tests.support.quick import Pair
from tests.support.wired import Wired

SIZES = {"A": (500, 9000, 40), "B": (7000, 60), "C": (300, 8000)}
"""Of the files in three albums; no order of albums gives the order of files."""


def mixed() -> World:
    """Seven files in three albums, the larger the later taken."""
    world = World("mixed")
    for name, sizes in SIZES.items():
        album = world.add_album(name)
        for size in sizes:
            taken = datetime.fromisoformat("2020-01-01") + timedelta(minutes=size)
            world.add_image(album, f"{size}.jpg", noise_photo(size, size), taken=taken)
    return world


@pytest.fixture
async def pair(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """That account, one file at a time."""
    async with Simulator(mixed()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db")


def moved(pair: Pair) -> list[int]:
    """Sizes in the order in which the files arrived."""
    return list(pair.reporter.finished.values())


ALL = sorted(size for sizes in SIZES.values() for size in sizes)


@pytest.mark.parametrize(
    ("order", "sizes"),
    [
        (Order.SMALLEST, ALL),
        (Order.LARGEST, ALL[::-1]),
        (Order.OLDEST, ALL),
        (Order.NEWEST, ALL[::-1]),
    ],
)
async def test_files_of_all_albums_are_copied_in_one_order(pair: Pair, order: Order, sizes: list[int]) -> None:
    summary = await pair.sync(order=order, transfers=1)

    assert moved(pair) == sizes
    assert (summary.moved, summary.stopped, summary.left) == (7, "", 0)
    pair.assert_complete()
    assert (await pair.verify(deep=1.0, source=True)).clean
    assert (await pair.sync()).albums_unchanged == 3
    assert [item["image"]["FileName"] for item in pair.bucket.album("A")["items"]] == ["500.jpg", "9000.jpg", "40.jpg"]


async def test_an_order_writes_the_same_archive_as_none(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")
        await pair.sync(order=Order.NEWEST)
        written = {key: path.read_bytes() for key, path in bucket.files().items()}
        pair.ledger.unlink()

        assert (await pair.sync(adopt=True)).moved == 6
        assert {key: path.read_bytes() for key, path in bucket.files().items()} == written


async def test_in_the_end_the_bytes_are_used_up_and_a_later_run_goes_on(pair: Pair) -> None:
    most = 9000 + 8000 + 7000
    would = await pair.sync(order=Order.LARGEST, max_bytes=most + 400, dry_run=True)
    assert pair.bucket.files() == {}

    first = await pair.sync(order=Order.LARGEST, max_bytes=most + 400, transfers=1)

    assert moved(pair) == [9000, 8000, 7000]
    assert (first.stopped, first.bytes, first.left, first.left_bytes) == ("max-bytes", most, 4, 900)
    assert (would.moved, would.bytes, would.left, would.left_bytes) == (3, most, 4, 900)
    assert "--max-bytes" in pair.reporter.notes[-1]
    second = await pair.sync(order=Order.LARGEST)
    assert (second.moved, second.skipped, second.albums_unchanged) == (4, 3, 0)
    pair.assert_complete()


async def test_the_album_files_record_what_was_left(pair: Pair) -> None:
    await pair.sync(order=Order.LARGEST, max_bytes=9000, transfers=1)

    items = {item["image"]["FileName"]: item.get("not_moved", "moved") for item in pair.bucket.album("A")["items"]}
    assert items == {
        "500.jpg": ("not copied yet; a later run will"),
        "9000.jpg": "moved",
        "40.jpg": ("not copied yet; a later run will"),
    }
    assert not any("/B/" in key or "/C/" in key for key in pair.bucket.files())
    report = await pair.verify(source=True)
    assert report.count("missing") == 6 + 2  # and the own files of two albums that were not begun
    assert not any(album.complete for album in report.albums)


async def test_a_file_larger_than_the_limit_does_not_hold_up_the_rest(pair: Pair) -> None:
    summary = await pair.sync(order=Order.LARGEST, max_bytes=8999, transfers=1)

    assert (moved(pair)[0], summary.left_too_large) == (8000, 1)
    rest = await pair.sync(max_bytes=8999)
    assert (rest.stopped, rest.moved, rest.left, rest.left_too_large) == ("", 5, 1, 1)
    assert rest.albums_unchanged == 0
    assert (await pair.sync()).albums_unchanged == 2


@pytest.mark.parametrize("order", [Order.ALBUM, Order.NEWEST])
async def test_when_the_time_has_come_nothing_more_is_asked_for_and_no_album_is_settled(
    pair: Pair, order: Order
) -> None:
    summary = await pair.sync(order=order, until=datetime.now(UTC) - timedelta(seconds=1))

    assert (summary.stopped, summary.moved, summary.failed) == ("until", 0, 0)
    assert (summary.albums, summary.albums_left, summary.albums_left_items, summary.left) == (3, 3, 7, 0)
    assert "Nothing was copied before the time of --until" in summary_text(Outcome(summary=summary), dry_run=False)
    assert pair.sim.count("media") == 0
    assert not any("!images" in one.path for one in pair.sim.requests)
    with closing(sqlite3.connect(pair.ledger)) as ledger, ledger:
        assert ledger.execute("SELECT count(*) FROM albums WHERE complete").fetchone() == (0,)
    assert (await pair.sync()).moved == 7
    pair.assert_complete()


async def test_a_running_file_at_the_time_limit_is_finished_and_the_others_are_not_started(pair: Pair) -> None:
    pair.sim.faults.add(Fault(action="delay", seconds=1.2, kind="media"))

    summary = await pair.sync(order=Order.LARGEST, transfers=1, until=datetime.now(UTC) + timedelta(seconds=1))

    assert (summary.stopped, moved(pair), summary.left, summary.left_bytes) == ("until", [9000], 6, sum(ALL) - 9000)
    assert (await pair.verify(deep=1.0)).count("missing") == 6
    assert (await pair.sync()).moved == 6
    pair.assert_complete()


async def test_a_dry_run_counts_everything_whatever_the_time(pair: Pair) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)

    assert (await pair.sync(dry_run=True, until=past, order=Order.NEWEST)).moved == 7


async def test_a_failure_in_an_order_is_named_and_cured_by_the_next_run(pair: Pair) -> None:
    pair.sim.faults.add(Fault(action="status", status=403, kind="media", path="*7000*", times=None))

    summary = await pair.sync(order=Order.LARGEST, transfers=1)

    assert (summary.moved, summary.failed, summary.left) == (6, 1, 0)
    reasons = {item["image"]["FileName"]: item.get("not_moved") for item in pair.bucket.album("B")["items"]}
    assert reasons == {"7000.jpg": "failed; the next run tries again", "60.jpg": None}
    pair.sim.faults.clear()
    again = await pair.sync(order=Order.LARGEST)
    assert (again.moved, again.albums_unchanged) == (1, 2)
    pair.assert_complete()


async def test_an_unmatched_filter_is_refused_before_anything_is_copied_in_an_order(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(mixed()) as sim:
        wired = Wired(sim, bucket, tmp_path)

        with pytest.raises(Exception, match="no album matches D"):
            await wired.sync(order=Order.NEWEST, filters=Filters(albums=("A", "D")))

        assert bucket.files() == {}
        assert (await wired.sync()).moved == 7


async def test_an_album_of_many_items_comes_back_from_the_queue_whole(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.make("flat:2x250x20")) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync(order=Order.OLDEST)).moved == 500
        names = [item["image"]["FileName"] for item in bucket.album("Album 000002")["items"]]
        assert names == [f"IMG_{number:05d}.JPG" for number in range(1, 251)]
        assert (await pair.sync()).albums_unchanged == 2
