"""Killed at every transition of the ledger, before it and after it: the next run ends complete, nothing is lost."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import exit_code
from smug2s3.models import Collecting
from smug2s3.rules.filters import Filters
from smugmug_simulator import Simulator, World
from smugmug_simulator.content import noise_photo
from smugmug_simulator.model import Quirk
from tests.e2e.test_interruptions import confirmed, fetched, quiet
from tests.support import crash_at
from tests.support.bucket import Bucket, assert_holds, md5_of
from tests.support.machine import Machine, machine_for
from tests.support.wired import kinds

CRASH_AT = str(Path(crash_at.__file__))

FRESH = (
    "begin",
    "belongs_to",
    "add_directories",
    "plan",
    "moved",
    "failed",
    "sidecar_stored",
    "settle",
    "walked",
    "end",
)
LATER = ("plan", "moved", "described", "renamed", "sidecar_stored", "forget", "settle")
MOMENTS = ("before", "after")

# One file at a time: nothing else is half done when it dies.
COMMAND = ("sync", "--full", "--follow-renames", "--concurrency", "1")
OPTIONS = {"full": True, "follow_renames": True}


def account() -> tuple[World, dict[str, str]]:
    """A small account with twins, and a photo that is listed although it is gone."""
    world = World("mine")
    garden = world.add_album("Garden")
    beach = world.add_album("Beach", world.add_folder("Travel"))
    keys = {name: world.add_image(garden, "twin.jpg", noise_photo(seed, 3_000)) for seed, name in enumerate("ab")}
    keys["c"] = world.add_image(beach, "sea.jpg", noise_photo(7, 4_000))
    world.add_image(beach, "gone.jpg", noise_photo(8, 100), quirks=frozenset({Quirk.DELETED}))
    return world, {**keys, "garden": garden, "beach": beach}


def change(world: World, keys: dict[str, str]) -> None:
    """Everything that may happen on SmugMug between two runs."""
    world.set_caption(keys["a"], "Früher war mehr Lametta")
    world.replace_image(keys["b"], noise_photo(99, 5_000), touch_album=True)
    world.rename_album(keys["beach"], "Strand")
    world.add_image(keys["garden"], "new.jpg", noise_photo(100, 2_000))


async def crash(machine: Machine, method: str, moment: str, *more: str) -> None:
    """One run that dies at ``method``."""
    async with machine.started(*COMMAND, *more, command=(CRASH_AT, method, moment)) as process:
        await process.communicate()
        assert process.returncode == -signal.SIGKILL, f"{method} was never called"


async def finish(machine: Machine, sim: Simulator, *, replaced: str = "") -> None:
    """The next run ends complete, and moves nothing again that was confirmed but what was replaced meanwhile."""
    done = confirmed(machine) - {replaced}
    await quiet(sim)
    sim.stats.clear()
    summary = await machine.inside.sync(**OPTIONS)
    assert exit_code(Outcome(summary=summary)) == 0
    assert not fetched(sim).keys() & done


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("method", FRESH)
async def test_a_first_run_killed_at_any_transition_is_finished_by_the_next(
    bucket: Bucket, tmp_path: Path, method: str, moment: str
) -> None:
    world, _ = account()
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        await crash(machine, method, moment)
        await finish(machine, sim)
        assert_holds(bucket, world.assets())


@pytest.mark.parametrize("method", ["enqueue", "moved", "contents"])
async def test_a_run_in_an_order_killed_on_its_way_is_finished_by_the_next(
    bucket: Bucket, tmp_path: Path, method: str
) -> None:
    world, _ = account()
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        await crash(machine, method, "after", "--order", "largest")
        await finish(machine, sim)
        assert_holds(bucket, world.assets())


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("method", LATER)
async def test_a_later_run_killed_at_any_transition_is_finished_by_the_next(
    bucket: Bucket, tmp_path: Path, method: str, moment: str
) -> None:
    world, keys = account()
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        assert (await machine.inside.sync(**OPTIONS)).failed == 0
        change(world, keys)
        await crash(machine, method, moment)
        await finish(machine, sim, replaced=keys["b"])
        found = kinds(await machine.inside.verify())
        # A rename copies, records, then removes: killed in between, the former copy is left over and named as extra.
        assert set(found.values()) <= {"extra"}
        assert len(found) <= (method in ("renamed", "forget"))
        if not found:
            assert_holds(bucket, world.assets())


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(
    ("method", "part"),
    [
        pytest.param("referred", (), id="referred"),
        pytest.param("moved", ("--album", "Garden"), id="moved by the one that holds it"),
        pytest.param("moved_for_another", ("--album", "Best"), id="moved by one that refers"),
        pytest.param("renamed", (), id="renamed"),
    ],
)
async def test_killed_while_albums_refer_to_one_object_all_of_them_end_with_the_same_right_one(
    bucket: Bucket, tmp_path: Path, method: str, moment: str, part: tuple[str, ...]
) -> None:
    world = World("mine")
    garden, best = world.add_album("Garden"), world.add_album("Best")
    rose, oak = (world.add_image(garden, name, noise_photo(len(name), 3_000)) for name in ("rose.jpg", "oak.jpg"))
    world.collect_image(best, rose)
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        refer = {**OPTIONS, "collected": Collecting.REFERENCE}
        await machine.inside.sync(**refer, filters=Filters(albums=("Garden",)))
        assert (await machine.inside.sync(**refer)).referred == 1
        world.collect_image(best, oak)
        if method == "renamed":
            world.rename_album(garden, "Park")
        else:
            world.replace_image(rose, noise_photo(99, 5_000), touch_album=True)

        await crash(machine, method, moment, "--collected", "reference", *part)
        for _ in range(2):
            assert exit_code(Outcome(summary=await machine.inside.sync(**refer))) == 0

        left = await machine.inside.sync(**refer)
        assert (left.moved, left.described, left.renamed) == (0, 0, 0)
        found = kinds(await machine.inside.verify(source=True, deep=1.0))
        assert set(found.values()) <= ({"extra"} if method == "renamed" else set())
        files = {key: md5_of(path) for key, path in bucket.files().items() if key not in found}
        holder = "Park" if method == "renamed" else "Garden"
        told = {item["image"]["ImageKey"]: item["key"] for item in bucket.album(holder)["items"]}
        for item in bucket.album("Best")["items"]:
            assert (item["key"], item["reference"]) == (told[item["image"]["ImageKey"]], True)
        assert {files[key] for key in told.values()} == {asset.md5 for asset in world.assets()}
