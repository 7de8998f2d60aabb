"""`smug2s3 verify` finds whatever is not as it was recorded, names it, and says so in its exit code."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import exit_code
from smugmug_simulator import Fault
from smugmug_simulator.model import Quirk
from tests.support.bucket import PREFIX
from tests.support.machine import Machine


@pytest.fixture
async def moved(machine: Machine) -> Machine:
    """The tiny account, moved."""
    assert (await machine.inside.sync()).moved == 6
    return machine


def flip(machine: Machine, ending: str) -> None:
    """Change one byte of an object behind the server's back."""
    assert machine.bucket is not None
    path = machine.bucket.path(ending)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "options", [[], ["--deep"], ["--source"], ["--deep", "--source"], ["--deep", "--sample", "50"]]
)
async def test_what_is_as_recorded_is_said_to_be(moved: Machine, options: list[str]) -> None:
    ran = await moved.run("verify", "--json", *options)

    assert ran.code == 0
    assert (ran.json["checked"], ran.json["ok"], ran.json["differences"]) == (9, 9, [])
    if options == ["--deep"]:
        assert ran.json["read_back"] == 9
    if "--source" in options:
        assert ran.json["source_assets"] == 6


async def test_a_flipped_byte_is_found_by_the_listing_alone(moved: Machine) -> None:
    flip(moved, "rose.jpg")

    ran = await moved.run("verify", "--json")

    assert ran.code == 1
    assert [(d["kind"], d["key"]) for d in ran.json["differences"]] == [("different", f"{PREFIX}Garden/rose.jpg")]


async def test_a_flipped_byte_is_found_by_reading_too(moved: Machine) -> None:
    flip(moved, "rose.jpg")

    ran = await moved.run("verify", "--deep")

    assert ran.code == 1
    assert "different    smugmug/Garden/rose.jpg" in ran.out


async def test_a_removed_and_an_added_file_are_found(moved: Machine) -> None:
    assert moved.bucket is not None
    moved.bucket.path("rose.jpg").unlink()
    (moved.bucket.folder / PREFIX / "Garden" / "weed.jpg").write_bytes(b"weed")
    await moved.bucket.changed_from_outside()

    ran = await moved.run("verify", "--json")

    assert ran.code == 1
    assert {(d["kind"], d["key"]) for d in ran.json["differences"]} == {
        ("missing", f"{PREFIX}Garden/rose.jpg"),
    }
    assert ran.json["extra_objects"] == [f"{PREFIX}Garden/weed.jpg"]
    assert (ran.json["checked"], ran.json["ok"], ran.json["missing"], ran.json["extra"]) == (9, 8, 1, 1)


async def test_files_outside_the_prefix_are_none_of_its_business(moved: Machine) -> None:
    assert moved.bucket is not None
    (moved.bucket.folder / "other.txt").write_bytes(b"mine")
    await moved.bucket.changed_from_outside()

    assert (await moved.run("verify")).code == 0


async def test_a_failed_file_is_named_as_missing_with_its_reason(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
    assert (await machine.inside.sync()).failed == 1

    ran = await machine.run("verify", "--json")

    assert ran.code == 1
    (difference,) = ran.json["differences"]
    assert (difference["kind"], difference["key"]) == ("missing", "Garden/rose.jpg")
    assert "403" in difference["detail"]


async def test_the_source_is_compared_new_and_replaced_photos_are_named(moved: Machine) -> None:
    assert moved.sim is not None
    rose = next(one for one in moved.sim.world.assets() if one.file_name == "rose.jpg")
    moved.sim.world.replace_image(rose.image_key)
    moved.sim.world.add_image(rose.album_key, "daisy.jpg")

    assert (await moved.inside.verify()).clean
    ran = await moved.run("verify", "--source", "--json")

    assert ran.code == 1
    assert sorted(d["kind"] for d in ran.json["differences"]) == ["missing", "missing", "pending"]
    assert (ran.json["safe_to_cancel"], ran.json["verdict_kind"]) == (False, "not_safe")
    assert (await moved.inside.sync()).failed == 0
    assert (await moved.inside.verify(source=True)).clean


async def test_what_smugmug_cannot_give_is_named_but_no_difference(machine: Machine) -> None:
    assert machine.sim is not None
    album = next(iter(machine.sim.world.assets())).album_key
    video: dict[str, Any] = {"is_video": True, "format": "MP4", "processing": True, "status": "Preprocess"}
    machine.sim.world.add_image(album, "late.mov", quirks=frozenset({Quirk.NO_VIDEO}), **video)
    synced = await machine.inside.sync()
    assert (exit_code(Outcome(summary=synced)), synced.unavailable) == (0, 1)

    ran = await machine.run("verify", "--json")

    assert (ran.code, ran.json["unavailable"], ran.json["differences"]) == (0, 1, [])
    assert "late" in ran.json["unavailable_items"][0]["key"]
    assert "still processing" in ran.json["unavailable_items"][0]["reason"]


async def test_verification_changes_nothing(moved: Machine) -> None:
    assert moved.bucket is not None
    before = moved.bucket.media()
    with closing(sqlite3.connect(moved.home / "transfer_log.db")) as ledger, ledger:
        rows = ledger.execute("SELECT * FROM objects").fetchall()

    await moved.run("verify", "--deep", "--source")

    assert moved.bucket.media() == before
    with closing(sqlite3.connect(moved.home / "transfer_log.db")) as ledger, ledger:
        assert ledger.execute("SELECT * FROM objects").fetchall() == rows


async def test_without_a_ledger_there_is_nothing_to_verify_and_none_is_made(machine: Machine) -> None:
    ran = await machine.run("verify", "--json")

    assert ran.code == 2
    assert "no ledger" in ran.err
    assert ran.json["exit_code"] == 2
    assert not (machine.home / "transfer_log.db").exists()


@pytest.mark.parametrize("options", [["--sample", "5"], ["--deep", "--sample", "0"], ["--deep", "--sample", "101"]])
async def test_a_sample_that_makes_no_sense_is_refused(machine: Machine, options: list[str]) -> None:
    ran = await machine.run("verify", *options)

    assert ran.code == 2
    assert "--sample" in ran.err


@pytest.mark.parametrize("option", ["--certificate", "--combined"])
async def test_a_file_that_cannot_be_written_is_refused_before_anything_is_looked_at(
    moved: Machine, option: str
) -> None:
    moved.write_env(S3_ENDPOINT_URL="http://127.0.0.1:9", SMUGMUG_API_ORIGIN="http://127.0.0.1:9")

    ran = await moved.run("verify", option, str(moved.home), "--json")

    assert (ran.code, ran.json["exit_code"]) == (2, 2)
    assert ran.json["error"].endswith(": it is a folder")
