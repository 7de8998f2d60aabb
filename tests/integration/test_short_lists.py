"""What SmugMug lists is shown in full, or named: then the run is not complete, and nothing is taken for gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import exit_code, summary_text
from smug2s3.engine.summary import Summary
from smug2s3.rules.components import Raw
from smug2s3.rules.filters import Filters
from smugmug_simulator import Fault, Limits, Simulator, World, worlds
from tests.support.bucket import Bucket
from tests.support.quick import Pair

GARDEN, SUMMER = 2, 3
"""Items of the albums Garden and Family/Summer 2019 of the tiny account, which has six."""


@pytest.fixture
async def pair(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, not moved yet; with a page in it, which has no media."""
    world = worlds.tiny()
    world.add_page("About")
    async with Simulator(world) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db")


def at(pair: Pair, place: str, action: str, **more: Any) -> Fault:
    """A fault of one list for as long as it is in force: the top folder's, Family's, Garden's, or any answer's."""
    world = pair.sim.world
    nodes = {node.name: node for node in world.nodes.values()}
    garden = nodes["Garden"].album
    assert garden is not None
    path = {
        "top": f"*{world.root}!children*",
        "Family": f"*{nodes['Family'].id}!children*",
        "Garden": f"*{garden.key}!images*",
        "anywhere": "*",
    }[place]
    return Fault.from_json({"kind": "api", "path": path, "action": action, "times": None, **more})


def assert_named(summary: Summary, *sentences: str) -> None:
    """Each is the beginning of a problem, and there is no other; the run says that it is not complete."""
    assert summary.albums_incomplete == len(summary.problems) == len(sentences)
    assert all(problem.startswith(sentences) for problem in summary.problems), summary.problems
    outcome = Outcome(summary=summary)
    assert exit_code(outcome) == 1
    told = summary_text(outcome, dry_run=False)
    assert "not listed completely" in told
    assert "Everything" not in told
    assert "Next: smug2s3 " in told


def assert_nothing_lacks(summary: Summary) -> None:
    """The run says that all is well."""
    assert summary.problems == []
    assert exit_code(Outcome(summary=summary)) == 0


async def assert_the_next_run_ends_it(pair: Pair, missing: int) -> None:
    """With the troubles over, what was missing is moved, and nothing else."""
    pair.sim.faults.clear()
    summary = await pair.sync()
    assert (summary.moved, summary.gone) == (missing, 0)
    assert_nothing_lacks(summary)
    pair.assert_complete()


COUNTED = "in SmugMug's list of all albums"
ELSEWHERE = f"Family/Summer 2019: {COUNTED}"

# The list, its fault, how many items are not seen, and how the sentences about that begin.
SHORT: dict[str, tuple[str, dict[str, Any], int, tuple[str, ...]]] = {
    "a folder without its children": (
        "Family", {"action": "drop_list"}, SUMMER, ("Family: SmugMug counts 1 entries", ELSEWHERE),
    ),
    "a folder that counts none": (
        "Family", {"action": "zero_total"}, SUMMER, ("Family: SmugMug says that it is not empty", ELSEWHERE),
    ),
    "a folder of which one is nothing": (
        "Family", {"action": "odd_entry"}, SUMMER,
        ("Family: the list contains something other than a node", ELSEWHERE),
    ),
    "a folder that is refused": (
        "Family", {"action": "status", "status": 403}, SUMMER, ("Family: SmugMug refused", ELSEWHERE),
    ),
    "a node without id and address": (
        "top", {"action": "lose_field", "name": "NodeID,Uri", "entry": "Family"}, SUMMER,
        ("the top folder: the list contains a node without a key (Family)", ELSEWHERE),
    ),
    "an album without a way into it": (
        "anywhere", {"action": "lose_field", "name": "Uris.Album", "entry": "Garden"}, GARDEN,
        ("Garden: SmugMug gave no", f"Garden: {COUNTED}"),
    ),
    "an album its folder hides": (
        "top", {"action": "hide_entry", "entry": "Garden"}, GARDEN, (f"Garden: {COUNTED}",),
    ),
    "a list without its entries": (
        "Garden", {"action": "drop_list"}, GARDEN, ("Garden: SmugMug counts 2 entries in the list but sent only 0",),
    ),
    "a list that counts none": (
        "Garden", {"action": "zero_total"}, GARDEN, ("Garden: SmugMug counts 2 items in the album but lists 0",),
    ),
    "a list without an item": (
        "Garden", {"action": "hide_entry", "entry": "rose.jpg"}, 1,
        ("Garden: SmugMug counts 2 items in the album but lists 1",),
    ),
    "a list with less than it counts": (
        "Garden", {"action": "shrink_page"}, 1, ("Garden: SmugMug counts 2 entries in the list but sent only 1",),
    ),
    "an item without its key": (
        "Garden", {"action": "lose_field", "name": "ImageKey", "entry": "rose.jpg"}, 1,
        ("Garden: the list contains an item without a key (rose.jpg)",),
    ),
    "an item that is nothing": (
        "Garden", {"action": "odd_entry", "entry": "rose.jpg"}, 1,
        ("Garden: the list contains something other than an item",),
    ),
    "an item whose page is not there": (
        "Garden", {"action": "status", "status": 404, "position": 1}, 1,
        ("Garden: entry 1 of the list could not be read",),
    ),
    "an item whose page is refused": (
        "Garden", {"action": "status", "status": 403, "position": 2}, 1,
        ("Garden: entry 2 of the list could not be read",),
    ),
    "an item whose page is cut off": (
        "Garden", {"action": "reset", "position": 2}, 1, ("Garden: entry 2 of the list could not be read",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHORT)
async def test_what_is_not_listed_is_named_and_the_next_run_copies_it(pair: Pair, case: str) -> None:
    place, fault, missing, sentences = SHORT[case]
    pair.sim.faults.add(at(pair, place, **fault))

    summary = await pair.sync()

    # The list of all albums goes by the names in their addresses.
    summary.problems = [problem.replace("Summer-2019", "Summer 2019") for problem in summary.problems]
    assert_named(summary, *sentences)
    assert summary.moved == 6 - missing
    await assert_the_next_run_ends_it(pair, missing)


@pytest.mark.parametrize("case", SHORT)
async def test_what_failed_and_is_then_not_shown_is_not_gone(pair: Pair, case: str) -> None:
    place, fault, missing, _ = SHORT[case]
    pair.sim.faults.add(Fault(action="status", status=403, kind="media", times=None))
    assert (await pair.sync()).failed == 6
    pair.sim.faults.clear()
    pair.sim.faults.add(at(pair, place, **fault))

    summary = await pair.sync(full=True)

    assert (summary.moved, summary.gone, exit_code(Outcome(summary=summary))) == (6 - missing, 0, 1)
    await assert_the_next_run_ends_it(pair, missing)


SHOWN_OTHERWISE: dict[str, tuple[str, dict[str, Any]]] = {
    "an album whose link its folder forgot": (
        "top", {"action": "lose_field", "name": "Uris.Album", "entry": "Garden"},
    ),
    "nodes without their ids": ("top", {"action": "lose_field", "name": "NodeID"}),
    "a folder of an unknown type": ("top", {"action": "set_field", "name": "Type", "value": "Shelf", "entry": "Family"}),
    "albums without a type": ("top", {"action": "lose_field", "name": "Type", "entry": "Garden"}),
    "a folder without pages": ("top", {"action": "drop_pages"}),
    "a folder that does not count": ("top", {"action": "drop_total"}),
    "a list without pages": ("Garden", {"action": "drop_pages"}),
    "a list that does not count": ("Garden", {"action": "drop_total"}),
    "a folder that hides an album once": ("top", {"action": "hide_entry", "entry": "Garden", "times": 1}),
    "a folder that is empty once": ("Family", {"action": "zero_total", "times": 1}),
    "a folder without its children once": ("Family", {"action": "drop_list", "times": 1}),
    "a list that counts none once": ("Garden", {"action": "zero_total", "times": 1}),
    "a list without an item once": ("Garden", {"action": "hide_entry", "entry": "rose.jpg", "times": 1}),
    "a page that is not there once": ("Garden", {"action": "status", "status": 404, "times": 1}),
}  # fmt: skip


@pytest.mark.parametrize("case", SHOWN_OTHERWISE)
async def test_what_can_be_found_by_asking_again_or_elsewhere_is_copied(pair: Pair, case: str) -> None:
    place, fault = SHOWN_OTHERWISE[case]
    pair.sim.faults.add(at(pair, place, **fault))

    summary = await pair.sync()

    assert pair.sim.faults.struck
    assert summary.moved == 6
    assert_nothing_lacks(summary)
    pair.assert_complete()


async def test_albums_whose_nodes_have_neither_id_nor_address_are_known_by_their_own_record(pair: Pair) -> None:
    pair.sim.faults.add(at(pair, "top", "lose_field", name="NodeID,Uri"))

    summary = await pair.sync()

    assert summary.moved == 6 - SUMMER
    assert [problem for problem in summary.problems if "without a key (Family)" in problem]
    assert [problem for problem in summary.problems if "without a key (About)" in problem]
    await assert_the_next_run_ends_it(pair, SUMMER)


async def test_a_node_of_an_unknown_type_with_no_way_into_it_is_named(pair: Pair) -> None:
    pair.sim.faults.add(at(pair, "top", "set_field", name="Type", value="Shelf", entry="About"))

    assert_named(await pair.sync(), "About: SmugMug lists it as a Shelf that cannot be opened")


async def test_a_folder_with_fewer_children_than_it_counts_is_named(pair: Pair) -> None:
    pair.sim.faults.add(at(pair, "top", "shrink_page", amount=3))

    summary = await pair.sync()

    assert summary.problems[0] == "the top folder: SmugMug counts 4 entries in the list but sent only 1"
    assert exit_code(Outcome(summary=summary)) == 1
    await assert_the_next_run_ends_it(pair, 6 - summary.moved)


async def test_an_account_of_which_nothing_at_all_is_shown_is_not_called_empty(pair: Pair) -> None:
    pair.sim.faults.add(at(pair, "top", "zero_total"))

    summary = await pair.sync()

    assert (summary.moved, summary.albums) == (0, 0)
    assert summary.problems[0].startswith("the top folder: SmugMug says that it is not empty")
    assert "not listed completely" in summary_text(Outcome(summary=summary), dry_run=False)
    await assert_the_next_run_ends_it(pair, 6)


# Long lists


@pytest.mark.parametrize("fault", [{"status": 404}, {"status": 403}, {"action": "reset"}], ids=["404", "403", "reset"])
@pytest.mark.parametrize("position", [1, 77, 150, 250])
async def test_an_item_whose_pages_all_fail_costs_no_other(
    bucket: Bucket, tmp_path: Path, fault: dict[str, Any], position: int
) -> None:
    rules = {"action": "status", "kind": "api", "path": "*!images*", "times": None, "position": position}
    async with Simulator(worlds.flat(1, 250, 100), [Fault.from_json(rules | fault)]) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        assert summary.moved == 249
        assert_named(summary, f"Album 000001: entry {position} of the list could not be read")
        await assert_the_next_run_ends_it(pair, 1)


async def test_an_album_whose_pages_in_its_folder_all_fail_costs_no_other(bucket: Bucket, tmp_path: Path) -> None:
    fault = Fault(action="status", status=404, kind="api", path="*!children*", times=None, position=205)
    async with Simulator(worlds.flat(250, 1, 100), [fault]) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        assert summary.moved == 249
        assert_named(summary, "the top folder: entry 205 of the list could not be read", "Album 000")
        await assert_the_next_run_ends_it(pair, 1)


@pytest.mark.parametrize(
    ("albums", "images", "path"), [(250, 1, "*!children*start=201*"), (1, 250, "*!images*start=101*")]
)
async def test_what_is_deleted_between_two_pages_costs_no_other(
    bucket: Bucket, tmp_path: Path, albums: int, images: int, path: str
) -> None:
    fault = Fault(action="delete_entry", kind="api", path=path)
    async with Simulator(worlds.flat(albums, images, 100), [fault]) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        assert (sim.faults.struck, summary.moved, summary.unavailable) == (1, 249, 0)
        assert_nothing_lacks(summary)
        pair.assert_complete()


async def test_pages_smaller_than_asked_for_that_do_not_count_are_read_to_the_end(
    bucket: Bucket, tmp_path: Path
) -> None:
    fault = Fault(action="drop_pages", kind="api", path="*!*", times=None)
    limits = Limits(albums=7, children=3, images=4)
    async with Simulator(worlds.flat(8, 10, 100), [fault], limits=limits) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        assert summary.moved == 80
        assert_nothing_lacks(summary)


# Counts


async def test_an_album_that_counts_more_than_it_lists_is_asked_again_and_then_named(pair: Pair) -> None:
    rose = next(one for one in pair.sim.world.assets() if one.file_name == "rose.jpg")
    pair.sim.world.miscount(rose.album_key, 1)

    assert_named(await pair.sync(), "Garden: SmugMug counts 3 items in the album but lists 2")
    counted = [one for one in pair.sim.requests if one.path == f"/api/v2/album/{rose.album_key}"]
    listed = [one for one in pair.sim.requests if one.path == f"/api/v2/album/{rose.album_key}!images"]
    assert (len(counted), len(listed)) == (1, 2)

    pair.sim.world.miscount(rose.album_key, 0)
    assert_nothing_lacks(await pair.sync())
    assert (await pair.sync()).albums_unchanged == 3


async def test_an_album_that_counts_less_than_it_lists_lags_behind_and_is_whole(pair: Pair) -> None:
    pair.sim.world.miscount(next(one for one in pair.sim.world.assets() if one.album == "Garden").album_key, -1)

    assert_nothing_lacks(await pair.sync())


async def test_what_is_deleted_after_its_album_was_counted_is_gone_and_no_gap(pair: Pair) -> None:
    await pair.sync()
    pair.sim.faults.add(at(pair, "Garden", "delete_entry", entry="rose.jpg", times=1))

    summary = await pair.sync(full=True)

    assert summary.gone == 1
    assert_nothing_lacks(summary)


async def test_what_the_account_counts_beyond_its_albums_is_worth_a_word(pair: Pair) -> None:
    pair.sim.world.account_count_error = 2

    assert_nothing_lacks(await pair.sync())

    assert pair.reporter.notes == ["SmugMug counts 8 items in the account, but 6 in its albums"]


# The list of all albums


async def test_an_account_without_a_list_of_all_albums_is_walked_and_nothing_taken_for_gone(pair: Pair) -> None:
    pair.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
    await pair.sync()
    pair.sim.faults.clear()
    pair.sim.world.broken_albums_start = 1

    summary = await pair.sync()

    assert summary.moved == 1
    assert_nothing_lacks(summary)
    assert len(pair.reporter.notes) == 1
    assert "albums are taken from the folders alone" in pair.reporter.notes[0]


async def test_an_album_deleted_after_the_list_of_all_albums_named_it_is_no_gap(pair: Pair) -> None:
    pair.sim.faults.add(at(pair, "top", "delete_entry", entry="Garden", times=1))

    summary = await pair.sync()

    assert summary.moved == 6 - GARDEN
    assert_nothing_lacks(summary)


@pytest.mark.parametrize("filters", [Filters(albums=("Scans",)), Filters(exclude_folders=("Family",))])
async def test_where_albums_are_chosen_by_name_no_other_is_missed(pair: Pair, filters: Filters) -> None:
    pair.sim.faults.add(at(pair, "top", "hide_entry", entry="Garden"))

    assert_nothing_lacks(await pair.sync(filters=filters))
    assert not [one for one in pair.sim.requests if "!albums" in one.path]


async def test_a_stranger_is_not_measured_by_the_owners_list(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_image(world.add_album("Inside", world.add_folder("Unlisted", privacy="Unlisted")), "x.jpg")
    world.add_image(world.add_album("Open"), "y.jpg")
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", signed=False)

        summary = await pair.sync()

        assert summary.moved == 1
        assert_nothing_lacks(summary)
        assert "Everything this sign-in can see has been copied" in summary_text(
            Outcome(summary=summary), dry_run=False
        )


async def test_a_locked_album_is_not_shown_and_the_run_not_complete(bucket: Bucket, tmp_path: Path) -> None:
    world = worlds.tiny()
    world.add_image(world.add_album("Locked", security="Password", password="x"), "locked.jpg")
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", signed=False)

        assert_named(await pair.sync(), "Locked: locked")


# SmugMug Source


@pytest.mark.parametrize("quirk", ["components-raw-group", "components-raw-extension"])
async def test_items_with_more_files_are_counted_and_the_summary_says_that_these_are_not_copied(
    pair: Pair, quirk: str
) -> None:
    garden = next(one for one in pair.sim.world.assets() if one.album == "Garden").album_key
    pair.sim.world.add_image(garden, "raw.jpg", quirks=frozenset({quirk}))
    pair.sim.world.add_image(garden, "plain.jpg", quirks=frozenset({"components-as-object"}))

    summary = await pair.sync(raw=Raw.OFF)

    assert (summary.moved, summary.more_files) == (8, 1)
    told = summary_text(Outcome(summary=summary), dry_run=False)
    assert "        1  with more files in SmugMug Source (such as RAW): not copied" in told
    assert "Everything SmugMug offers, except those extra files, has been copied" in told
