"""When SmugMug's API answers late, wrongly or not at all."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from smug2s3.app import factories
from smug2s3.errors import SignInRefused, SourceAway, SourceError
from smug2s3.smugmug.client import SmugMugClient
from smugmug_simulator import Fault, Limits, Simulator, World, worlds
from tests.support.bucket import Bucket
from tests.support.quick import QUICK, SHORTLY, Pair
from tests.support.wired import Wired

PLACES = {"who": "*!authuser*", "folder": "*!children*", "album": "*!images*"}
PASSING = {
    "busy": Fault(action="status", status=503),
    "broken-inside-as-html": Fault(action="status", status=500, body="<html>oops</html>"),
    "too-many": Fault(action="status", status=429, headers={"Retry-After": "0.1"}),
    "nonce-used": Fault(action="nonce_used", times=2),
    "reset": Fault(action="reset", amount=30),
    "html": Fault(action="html"),
    "nothing": Fault(action="empty"),
    "cut": Fault(action="short", amount=60),
}


@pytest.fixture
async def pair(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in PASSING.items()])
async def test_what_passes_is_gone_through(pair: Pair, place: str, fault: Fault) -> None:
    pair.sim.faults.add(replace(fault, kind="api", path=PLACES[place]))

    summary = await pair.sync()

    assert pair.sim.faults.struck >= 1
    assert (summary.moved, summary.failed, summary.problems) == (6, 0, [])
    pair.assert_complete()


async def test_everybody_waits_as_long_as_smugmug_asks_one_request_to(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(4, 5, 200), rate_budget=4, rate_window=2.0) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")
        began = time.monotonic()

        summary = await pair.sync()

        assert summary.moved == 20
        assert time.monotonic() - began > 1.0
        # Those that were on their way when the allowance ended, and nobody after them.
        assert [one.status for one in sim.requests if one.kind == "api"].count(429) <= 7
        pair.assert_complete()


@pytest.mark.parametrize("quirk", ["shrink_page", "repeat_page"])
async def test_pages_with_missing_or_repeated_entries_are_read_until_nothing_is_missing(
    bucket: Bucket, tmp_path: Path, quirk: str
) -> None:
    fault = Fault.from_json({"action": quirk, "kind": "api", "path": "*!images*", "amount": 3, "skip": 1, "times": 1})
    async with Simulator(worlds.flat(1, 250, 100), faults=[fault]) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        assert sim.faults.struck == 1
        assert (summary.moved, summary.problems) == (250, [])
        pair.assert_complete()


async def test_pages_smaller_than_asked_for_are_taken_as_they_come(bucket: Bucket, tmp_path: Path) -> None:
    limits = Limits(albums=2, children=3, images=7)
    async with Simulator(worlds.flat(8, 20, 100), limits=limits) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        assert (await pair.sync()).moved == 160
        pair.assert_complete()


async def test_a_page_that_always_fails_is_halved_until_the_bad_entry_stands_alone(
    bucket: Bucket, tmp_path: Path
) -> None:
    world = World("mine")
    album = world.add_album("One")
    for number in range(1, 6):
        world.add_image(album, f"{number}.jpg")
    pages = "|".join(
        re.escape(f"start={start}&count={count}")
        for start, count in [(1, n) for n in (100, 50, 25, 12, 6, 3)] + [(2, 2), (3, 1)]
    )
    third = Fault(action="status", status=500, kind="api", path=rf"re:!images.*({pages})(&|$)", times=None)
    async with Simulator(world, faults=[third]) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        summary = await pair.sync()

        assert (summary.moved, summary.albums_incomplete) == (4, 1)
        assert "entry 3" in summary.problems[0]
        assert set(bucket.media()) == {f"smugmug/One/{number}.jpg" for number in (1, 2, 4, 5)}

        sim.faults.clear()
        assert (await pair.sync()).moved == 1
        pair.assert_complete()


async def test_an_album_that_cannot_be_listed_is_named_and_the_others_are_copied(pair: Pair) -> None:
    garden = next(one for one in pair.sim.world.assets() if one.album == "Garden").album_key
    pair.sim.faults.add(Fault(action="status", status=403, kind="api", path=f"*{garden}!images*", times=None))

    summary = await pair.sync()

    assert (summary.moved, summary.albums_incomplete, summary.failed) == (4, 1, 0)
    assert summary.problems[0].startswith("Garden: ")

    pair.sim.faults.clear()
    assert (await pair.sync()).moved == 2
    pair.assert_complete()


async def test_a_folder_that_cannot_be_listed_is_named_and_the_others_are_copied(pair: Pair) -> None:
    family = next(node for node in pair.sim.world.children(pair.sim.world.root) if node.name == "Family")
    pair.sim.faults.add(Fault(action="status", status=403, kind="api", path=f"*{family.id}!children*", times=None))

    summary = await pair.sync()

    assert (summary.moved, summary.albums_incomplete) == (3, 2)
    assert summary.problems[0].startswith("Family: ")
    assert "in SmugMug's list of all albums" in summary.problems[1]


async def test_a_token_revoked_on_the_way_ends_the_run_with_a_way_out(pair: Pair) -> None:
    await pair.sync()
    pair.sim.state.keyring.revoke(pair.sim.token)

    with pytest.raises(SignInRefused) as refusal:
        await pair.sync()

    assert "smug2s3 auth" in refusal.value.hint


async def test_one_401_does_not_end_a_run_whose_sign_in_is_good(pair: Pair) -> None:
    garden = next(one for one in pair.sim.world.assets() if one.album == "Garden").album_key
    pair.sim.faults.add(
        Fault(action="status", status=401, kind="api", path=f"*{garden}!images*", times=None, body="{}")
    )

    summary = await pair.sync()

    assert (summary.moved, summary.albums_incomplete) == (4, 1)


async def test_an_api_that_never_works_ends_the_run_with_smugmugs_side_named(pair: Pair) -> None:
    pair.sim.faults.add(Fault(action="status", status=500, kind="api", times=None))

    with pytest.raises(SourceError) as failure:
        await pair.sync()

    assert failure.value.exit_code == 3


DOWN = Fault(action="status", status=500, kind="api", path="re:^(?!.*!authuser)", times=None)
"""All but the sign-in fails."""


async def test_an_api_that_only_knows_who_is_signed_in_ends_the_run_before_long(pair: Pair) -> None:
    pair.sim.faults.add(DOWN)

    with pytest.raises(SourceAway, match=r"accepts the sign-in but answers no other request \(SmugMug answered 500"):
        await pair.sync()

    assert pair.sim.count("api") <= 1 + 2 * (4 + 4 + 3 * 6)


async def test_an_api_of_which_only_the_sign_in_is_left_is_an_outage_that_is_waited_for(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.flat(20, 3, 100)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", waits=SHORTLY)
        sim.faults.add(replace(DOWN, path="re:^(?!.*!authuser)", skip=8))
        with pytest.raises(SourceAway, match=r"SmugMug has been unreachable since .* answered 500"):
            await pair.sync()
        assert {outage[0] for outage in pair.reporter.outages} == {"SmugMug"}

        sim.faults.clear()
        await pair.sync()
        pair.assert_complete()


async def test_albums_that_all_fail_cost_ever_fewer_requests_and_are_all_named(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(30, 3, 100)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")
        sim.faults.add(Fault(action="status", status=500, kind="api", path="*!images*", times=None))

        summary = await pair.sync()

        assert (summary.moved, summary.albums_incomplete) == (0, 30)
        assert all("SmugMug answered 500" in problem for problem in summary.problems)
        failed = sum("!images" in one.path for one in sim.requests)
        assert failed <= 8 * (4 + 3 * 12) + 22 * 13


@pytest.mark.parametrize(
    "down", [Fault(action="status", status=500, kind="api", times=None), DOWN], ids=["all", "lists"]
)
async def test_plan_check_and_verify_of_an_api_that_answers_500_end_before_long(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, down: Fault
) -> None:
    monkeypatch.setattr(factories, "SmugMugClient", partial(SmugMugClient, policy=QUICK))
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path, {"OUTAGE_PATIENCE": "0"})
        await wired.sync()
        sim.faults.add(down)

        with pytest.raises(SourceError, match="SmugMug answered 500") as of_plan:
            await wired.plan()
        with pytest.raises(SourceError, match="SmugMug answered 500") as of_verify:
            await wired.verify(source=True)
        found = await wired.check()

        assert of_plan.value.exit_code == of_verify.value.exit_code == 3
        assert ("SmugMug answered 500" in found["sign-in"].meaning) == (down is not DOWN)
        assert found["bucket"].grade == "ok"
        assert sim.count("api") < 150


async def test_no_question_is_asked_for_a_single_photo(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(3, 220, 100)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")
        bucket.has_directories_of(sim.world.assets())

        summary = await pair.sync()

        assert summary.moved == 660
        folders = len({one.path for one in sim.requests if "!children" in one.path})
        pages = 3 * 3  # of a hundred images each
        assert sim.count("api") == 2 + folders + pages  # who, and the list of all albums
        assert sim.count("media") == 660


async def test_the_limits_on_requests_at_once_are_kept(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(20, 10, 5_000), latency=0.02) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db")

        await pair.sync(transfers=5)

        assert sim.stats.peaks["media"] == 5
        assert 2 <= sim.stats.peaks["api"] <= 8
