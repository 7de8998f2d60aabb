"""A whole account under names of one's own: every command agrees with them, and changing them copies nothing again."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smugmug_simulator import Simulator, World
from smugmug_simulator.content import noise_photo, noise_video
from tests.support.commands import Clients, Commands
from tests.support.places import InFolder, in_folder

DATED = "{Date:%Y} {Title}"


def world() -> World:
    """Twins by name and by title, a hostile title, a video, a photo without a name."""
    made = World("mine")
    album = made.add_album("Summer", made.add_folder("Family"))
    other = made.add_album("Winter")
    for number, (where, name, fields) in enumerate(
        (
            (album, "IMG_1.JPG", {"title": "Lake"}),
            (album, "IMG_2.JPG", {"title": "lake"}),
            (album, "IMG_2.JPG", {"title": ""}),
            (album, "", {"title": "../con?"}),
            (other, "IMG_1.JPG", {"title": "Lake"}),
        )
    ):
        made.add_image(where, name, noise_photo(number, 200 + number), **fields)
    made.add_image(other, "Metro.MOV", noise_video(9, 600), is_video=True)
    return made


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def sim(runner: asyncio.Runner) -> Iterator[Simulator]:
    sim = Simulator(world())
    runner.run(sim.__aenter__())
    yield sim
    runner.run(sim.close())


@pytest.fixture
def place(tmp_path: Path) -> InFolder:
    return in_folder(tmp_path)


@pytest.fixture
def commands(runner: asyncio.Runner, sim: Simulator, place: InFolder, tmp_path: Path) -> Commands:
    settings = {
        "SMUGMUG_API_ORIGIN": sim.origin,
        "SMUGMUG_OAUTH_CONSUMER_KEY": sim.consumer_key,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": sim.consumer_secret,
        "SMUGMUG_OAUTH_TOKEN": sim.token,
        "SMUGMUG_OAUTH_TOKEN_SECRET": sim.token_secret,
        "S3_PREFIX": "/",
    }
    return Commands(runner, Clients(), tmp_path, settings | place.settings)


def names(place: InFolder) -> set[str]:
    """Every file's key without what tells twins apart."""
    return {re.sub(r"-\w{7}(?=\.)", "-KEY", key) for key in place.objects() if not key.endswith("_album.json")}


def keys_in_album_files(place: InFolder) -> set[str]:
    files = [json.loads(body) for key, body in place.objects().items() if key.endswith("_album.json")]
    return {item["key"] for file in files for item in (*file["items"], *file["former_items"])}


def assert_proven(commands: Commands, place: InFolder) -> None:
    """Ledger, album files, bucket and SmugMug all agree on every name."""
    media = {key for key in place.objects() if not key.endswith("_album.json")}
    assert keys_in_album_files(place) == media
    verdict = commands.judge("--strict", "--deep")
    assert verdict.kind == "safe", verdict.out
    assert commands.status().document["done"] == len(media)


def copied(commands: Commands, *options: str) -> dict[str, Any]:
    ran = commands.sync(*options)
    assert (ran.code, ran.document["failed"]) == (0, 0), ran.err
    return {**ran.document, "note": [line for line in ran.err.splitlines() if "NAME_TEMPLATE" in line]}


def test_a_new_account_gets_the_names_and_every_command_agrees(commands: Commands, place: InFolder) -> None:
    commands.settings["NAME_TEMPLATE"] = DATED
    planned = commands.type("plan", "--items", "--json")
    run = copied(commands)

    assert run["moved"] == 6
    assert run["note"] == []
    stored = {re.sub(r"/\d{4} ", "/YYYY ", key) for key in names(place)}
    assert stored == {
        "Family/Summer/YYYY Lake.JPG", "Family/Summer/YYYY lake-KEY.JPG", "Family/Summer/YYYY IMG_2.JPG",
        "Family/Summer/YYYY .._con_.jpg", "Winter/YYYY Lake.JPG", "Winter/YYYY Metro.mp4",
    }  # fmt: skip
    media = {key for key in place.objects() if not key.endswith("_album.json")}
    assert {one["key"] for one in planned.document["names"]} == media
    assert_proven(commands, place)
    assert copied(commands, "--full")["moved"] == 0

    # a lost ledger comes back with the same names
    assert commands.rebuild().code == 0
    again = copied(commands, "--full", "--follow-renames")
    assert (again["moved"], again["renamed"], again["note"]) == (0, 0, [])
    assert_proven(commands, place)


def test_a_changed_template_is_a_rename_and_nothing_is_copied_again(
    commands: Commands, sim: Simulator, place: InFolder
) -> None:
    assert copied(commands)["moved"] == 6
    plain = names(place)
    before = sim.count("media")
    commands.settings["NAME_TEMPLATE"] = "{ImageKey}"

    # said once, and names stay, whatever is listed again
    first, second = copied(commands, "--full"), copied(commands, "--full")
    (note,) = first["note"]
    assert "NAME_TEMPLATE is now {ImageKey}: new files get such names" in note
    assert "`smug2s3 sync --follow-renames`" in note
    assert second["note"] == []
    assert (first["moved"], first["renamed"], names(place)) == (0, 0, plain)
    assert_proven(commands, place)

    # a ledger that is rebuilt in between still knows which names are old
    assert commands.rebuild().code == 0
    assert (copied(commands, "--full")["moved"], names(place)) == (0, plain)

    # a new photo gets the new name, beside the old ones
    album = next(iter(sim.world.assets())).album_key
    new = sim.world.add_image(album, "new.jpg", noise_photo(99, 300))
    assert copied(commands)["moved"] == 1
    assert f"Family/Summer/{new}.jpg" in place.objects()
    assert_proven(commands, place)

    # and when it is wished, all are renamed in the bucket
    renamed = copied(commands, "--follow-renames")
    assert (renamed["moved"], renamed["note"]) == (0, [])
    stems = {key.rpartition("/")[2].partition(".")[0] for key in place.objects() if not key.endswith("_album.json")}
    assert stems == {asset.image_key for asset in sim.world.assets()}
    assert sim.count("media") == before + 1
    assert_proven(commands, place)


def test_a_template_that_names_the_bytes_gives_a_replaced_photo_a_new_name(
    commands: Commands, sim: Simulator, place: InFolder
) -> None:
    commands.settings["NAME_TEMPLATE"] = "{ArchivedMD5}"
    copied(commands)
    old = next(asset for asset in sim.world.assets() if asset.file_name == "IMG_1.JPG")
    sim.world.replace_image(old.image_key, touch_album=True)

    assert copied(commands, "--full")["moved"] == 1

    md5s = {key.rpartition("/")[2].partition(".")[0] for key in place.objects() if not key.endswith("_album.json")}
    assert {asset.md5 for asset in sim.world.assets()} <= md5s
    verdict = commands.judge()
    assert verdict.kind == "safe", verdict.out


def test_a_wrong_template_is_refused_before_anything_is_asked(commands: Commands, sim: Simulator) -> None:
    commands.settings["NAME_TEMPLATE"] = "{Name}"
    for command in ("sync", "plan", "verify", "status"):
        ran = commands.type(command)
        assert (ran.code, "NAME_TEMPLATE is not a valid template" in ran.err) == (2, True)
        assert "the fields are {FileName}, {ImageKey}" in ran.err
        assert "for example {Date:%Y-%m-%d} {FileName}" in ran.err
    assert sim.requests == []
