"""A folder as the store, from the first command to the last: no key, no server, and every byte proven."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.support.bucket import PREFIX, SIDECAR, should_hold
from tests.support.machine import Machine


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A disk with an empty folder for photos."""
    disk = tmp_path / "My Disk"
    (disk / "photos").mkdir(parents=True)
    return disk


@pytest.fixture
async def machine(disk: Path, tmp_path: Path) -> AsyncIterator[Machine]:
    """A computer that knows the tiny account and this disk."""
    async with Simulator(worlds.tiny()) as sim:
        settings = {
            "SMUGMUG_API_ORIGIN": sim.origin,
            "SMUGMUG_OAUTH_CONSUMER_KEY": sim.consumer_key,
            "SMUGMUG_OAUTH_CONSUMER_SECRET": sim.consumer_secret,
            "SMUGMUG_OAUTH_TOKEN": sim.token,
            "SMUGMUG_OAUTH_TOKEN_SECRET": sim.token_secret,
            "S3_ENDPOINT_URL": f"file://{disk}",
            "S3_BUCKET": "photos",
        }
        (tmp_path / "home").mkdir()
        machine = Machine(tmp_path / "home", settings, [sim.consumer_secret, sim.token, sim.token_secret], sim=sim)
        machine.write_env()
        yield machine


def media(disk: Path) -> Counter[str]:
    """How often each MD5 lies under the prefix."""
    files = (path for path in (disk / "photos" / PREFIX).rglob("*") if path.is_file() and path.name != SIDECAR)
    return Counter(hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() for path in files)


async def test_an_account_goes_to_a_folder_and_a_flipped_byte_is_found(machine: Machine, disk: Path) -> None:
    assert machine.sim is not None
    assert (await machine.run("sync")).code == 0
    assert media(disk) == should_hold(machine.sim.world.assets())

    proven = await machine.run("verify", "--deep", "--head", "--json")
    assert proven.code == 0
    assert (proven.json["ok"], proven.json["heads"], proven.json["read_back"]) == (9, 9, 9)

    rose = disk / "photos" / PREFIX / "Garden" / "rose.jpg"
    content = bytearray(rose.read_bytes())
    content[len(content) // 2] ^= 1
    rose.write_bytes(content)

    found = await machine.run("verify", "--json", "--repair")
    assert found.code == 1
    assert [(d["kind"], d["key"]) for d in found.json["differences"]] == [("different", f"{PREFIX}Garden/rose.jpg")]

    assert (await machine.run("sync")).code == 0
    assert (await machine.run("verify", "--deep")).code == 0
    assert media(disk) == should_hold(machine.sim.world.assets())


async def test_where_the_disk_is_not_connected_nothing_is_written_in_its_place(machine: Machine, disk: Path) -> None:
    disk.rename(disk.with_name("unplugged"))

    ran = await machine.run("sync")

    assert ran.code == 4
    assert "there is no folder" in ran.err
    assert "hint: Connect its disk or create the folder" in ran.err
    assert not disk.exists()


async def test_a_policy_is_for_keys_and_a_folder_has_none(machine: Machine) -> None:
    ran = await machine.run("check", "--policy")

    assert ran.code == 2
    assert "is a folder" in ran.err


async def test_albums_refer_to_one_file_in_a_folder_too(machine: Machine, disk: Path) -> None:
    assert machine.sim is not None
    world = machine.sim.world
    rose = next(one for one in world.assets() if one.file_name == "rose.jpg")
    world.collect_image(world.add_album("Best"), rose.image_key)

    ran = await machine.run("sync", "--collected", "reference")

    assert ran.code == 0
    assert "1  of these, collected from another album and recorded as a reference" in ran.out
    assert media(disk)[rose.md5] == 1
    files = {path.parent.name for path in (disk / "photos" / PREFIX).rglob("rose.jpg")}
    (holder,) = files
    (other,) = {"Garden", "Best"} - files
    item = json.loads((disk / "photos" / PREFIX / other / SIDECAR).read_text())["items"][0]
    assert (item["key"], item["reference"]) == (f"{PREFIX}{holder}/rose.jpg", True)
    assert (await machine.run("verify", "--deep", "--head", "--source")).code == 0
    (machine.home / "transfer_log.db").unlink()
    rebuilt = await machine.run("ledger", "rebuild")
    assert "1 file of these are references to files in other albums" in rebuilt.err
    again = await machine.run("sync", "--full", "--json")
    assert (again.json["moved"], again.json["referred"], again.json["skipped"]) == (0, 0, 7)
