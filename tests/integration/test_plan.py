"""What a plan says before a move is what the move then comes to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from smug2s3.app.sync_runner import Outcome, run_sync
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import LedgerError, SourceUnreachable, UsageError
from smug2s3.rules.filters import Filters
from smugmug_simulator import Fault, Limits, Simulator, World, worlds
from tests.support.bucket import Bucket
from tests.support.recorder import Recorder
from tests.support.wired import Wired

PUBLIC = {
    "SMUGMUG_OAUTH_CONSUMER_KEY": "",
    "SMUGMUG_OAUTH_CONSUMER_SECRET": "",
    "SMUGMUG_OAUTH_TOKEN": "",
    "SMUGMUG_OAUTH_TOKEN_SECRET": "",
}


@pytest.fixture
async def tiny(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Wired(sim, bucket, tmp_path)


async def moved(wired: Wired) -> Outcome:
    """A whole sync."""
    outcome = Outcome()
    options = SyncOptions(prefix=wired.settings.prefix, transfers=8, batch=50)
    await run_sync(wired.settings, options, Recorder(), outcome)
    return outcome


@pytest.mark.parametrize("make", [worlds.demo, worlds.hostile])
async def test_the_items_planned_are_what_sync_then_moves(
    make: Callable[[], World], bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(make()) as sim:
        wired = Wired(sim, bucket, tmp_path)

        plan, would = await wired.plan(items=True), await wired.sync(dry_run=True)

        summary = (await moved(wired)).summary
        assert (would.moved, would.unavailable) == (summary.moved, summary.unavailable)
        assert would.bytes == summary.bytes or would.unsized
        assert (plan.albums, plan.assets, plan.bytes) == (summary.albums, summary.assets, summary.bytes)
        assert (plan.files, plan.unavailable) == (summary.moved, summary.unavailable)
        assert plan.photos + plan.videos + plan.components.files == plan.files
        assert plan.problems == summary.problems
        assert plan.unsized == 0
        assert sum(plan.reasons.values()) == len(plan.items) == plan.unavailable

        later = await wired.plan(items=True)
        assert (later.in_store.files, later.in_store.bytes) == (summary.moved, summary.bytes)
        assert (later.to_move.files, later.to_move.bytes, later.unsized) == (0, 0, 0)


async def test_smugmugs_own_totals_are_what_sync_then_copies_and_requests(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.demo()) as sim:
        wired = Wired(sim, bucket, tmp_path)

        plan = await wired.plan()

        outcome = await moved(wired)
        summary = outcome.summary
        assert (plan.albums, plan.assets, plan.bytes) == (summary.albums, summary.assets, summary.bytes)
        assert plan.folders == len([n for n in sim.world.nodes.values() if n.type == "Folder" and n.parent])
        assert plan.sync_calls == outcome.api_calls
        assert plan.api_calls == 2


async def test_both_ways_of_planning_see_the_same_folders_and_albums(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.hostile()) as sim:
        wired = Wired(sim, bucket, tmp_path)

        sums, items = await wired.plan(), await wired.plan(items=True)

        assert sums.folders == items.folders
        assert sums.albums == items.albums - 1  # The flat list has no system albums.


@pytest.mark.parametrize(("limit", "calls"), [(100, 4), (30, 10)], ids=["as-probed", "clamped"])
async def test_albums_take_a_call_a_page(limit: int, calls: int, bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(250, 3, 100), limits=Limits(albums=limit)) as sim:
        plan = await Wired(sim, bucket, tmp_path).plan()

        assert (plan.albums, plan.assets, plan.bytes, plan.api_calls) == (250, 750, 75_000, calls)


async def test_where_the_flat_list_ends_early_the_folders_are_walked(bucket: Bucket, tmp_path: Path) -> None:
    world = worlds.flat(250, 1, 100)
    world.broken_albums_start = 201
    async with Simulator(world) as sim:
        plan = await Wired(sim, bucket, tmp_path).plan()

        assert (plan.albums, plan.assets, plan.bytes, plan.problems) == (250, 250, 25_000, [])


async def test_without_smugmug_there_is_no_plan(tiny: Wired) -> None:
    tiny.sim.faults.add(Fault(action="reset", kind="api", path="*!authuser*", times=None))

    with pytest.raises(SourceUnreachable):
        await tiny.plan()


@pytest.mark.parametrize("items", [False, True])
async def test_what_is_copied_is_distinguished_from_what_is_left(tiny: Wired, *, items: bool) -> None:
    everything = await tiny.plan(items=items)
    await tiny.sync(filters=Filters(albums=("Garden",)))

    plan = await tiny.plan(items=items)

    assert (plan.in_store.files, plan.to_move.files) == (2, 4)
    assert (plan.bytes, plan.files) == (everything.bytes, everything.files) == (plan.bytes, 6)
    await tiny.sync()
    assert (await tiny.plan(items=items)).to_move.files == 0


@pytest.mark.parametrize("items", [False, True])
async def test_a_part_can_be_planned_by_the_names_a_person_sees(tiny: Wired, *, items: bool) -> None:
    plan = await tiny.plan(items=items, filters=Filters(folders=("Fam*",)))

    assert (plan.albums, plan.folders, plan.assets) == (1, 1, 3)


async def test_a_plan_of_filtered_files_is_what_sync_then_copies_of_them(tiny: Wired) -> None:
    filters = Filters(videos=False, exclude_files=("rose*",))

    plan = await tiny.plan(items=True, filters=filters)

    summary = await tiny.sync(filters=filters)
    assert (
        (plan.assets, plan.bytes, plan.left_out)
        == (summary.assets, summary.bytes, summary.left_out)
        == (
            4,
            plan.bytes,
            2,
        )
    )


@pytest.mark.parametrize("items", [False, True])
async def test_filters_that_are_about_nothing_are_refused_with_the_nearest_name(tiny: Wired, *, items: bool) -> None:
    with pytest.raises(UsageError, match=r"no album matches Gardn \(--album\)") as refusal:
        await tiny.plan(items=items, filters=Filters(albums=("Gardn",)))
    assert "'Garden'" in refusal.value.hint


async def test_a_plan_needs_no_store_and_leaves_nothing_behind(tiny: Wired) -> None:
    tiny.changes = {"S3_BUCKET": "nobody-has-this-bucket"}

    assert (await tiny.plan(items=True)).assets == (await tiny.plan()).assets == 6
    assert list(tiny.home.iterdir()) == []
    tiny.ledger.touch()  # nor does it make a ledger of an empty file
    assert (await tiny.plan()).assets == 6
    assert [(path.name, path.stat().st_size) for path in tiny.home.iterdir()] == [(tiny.ledger.name, 0)]
    assert tiny.bucket.files() == {}


async def test_a_stranger_sees_that_sizes_are_unknown_and_albums_locked(bucket: Bucket, tmp_path: Path) -> None:
    world = worlds.tiny()
    world.add_image(world.add_album("Locked", security="Password", password="x"), "locked.jpg")
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path, {**PUBLIC, "SMUGMUG_API_KEY": sim.api_key, "SMUGMUG_USER": "tiny"})

        plan = await wired.plan()

        assert (plan.full_access, plan.albums, plan.assets, plan.bytes, plan.unsized) == (False, 4, 6, 0, 3)
        assert len(plan.problems) == 1
        assert "locked, so SmugMug" in plan.problems[0]
        assert plan.incomplete == 1
        assert (await wired.plan(items=True)).bytes == sum(a.size for a in world.assets() if a.album != "Locked")


async def test_an_album_that_cannot_be_listed_is_named_and_the_others_counted(tiny: Wired) -> None:
    garden = next(node.album.key for node in tiny.sim.world.album_nodes() if node.album and node.name == "Garden")
    tiny.sim.faults.add(Fault(action="status", status=403, kind="api", path=f"*{garden}!images*", times=None))

    plan = await tiny.plan(items=True)

    assert (plan.albums, plan.assets, plan.incomplete) == (3, 4, 1)
    assert "Garden" in plan.problems[0]


async def test_a_question_about_one_file_without_an_answer_leaves_only_its_size_open(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.hostile()) as sim:
        sim.faults.add(Fault(action="status", status=403, kind="media", times=None))
        wired = Wired(sim, bucket, tmp_path)

        plan = await wired.plan(items=True)

        assert plan.assets - plan.components.files == 520
        assert plan.unsized == 3
        assert plan.incomplete == 4  # three files, and an album that counts more than it lists


async def test_the_ledger_of_another_account_is_refused(tiny: Wired, bucket: Bucket, tmp_path: Path) -> None:
    await tiny.sync()
    async with Simulator(worlds.flat(1, 1, 10)) as other:
        with pytest.raises(LedgerError, match="is for account"):
            await Wired(other, bucket, tmp_path).plan()
