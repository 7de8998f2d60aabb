"""`smug2s3 sync` as a person or a script meets it: what it prints, where, and how it ends."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from smugmug_simulator import Fault, Simulator, World
from tests.bench import impatient
from tests.support.bucket import Bucket
from tests.support.fault_proxy import PORTAL, StoreFault, fault_proxy
from tests.support.machine import Machine, machine_for
from tests.support.servers import LocalS3


async def test_an_account_is_copied_and_the_summary_says_so(machine: Machine) -> None:
    ran = await machine.run("sync")

    assert ran.code == 0
    assert "Copied 6 files" in ran.out
    assert "verify" in ran.out
    machine.assert_complete()
    assert (await machine.inside.verify()).clean


async def test_with_json_stdout_holds_one_document_and_nothing_else(machine: Machine) -> None:
    document = (await machine.run("sync", "--json")).json

    assert (
        document.items() >= {"albums": 3, "assets": 6, "moved": 6, "skipped": 0, "failed": 0, "unavailable": 0}.items()
    )
    assert document["bytes"] == sum(asset.size for asset in machine.sim.world.assets()) if machine.sim else 0
    assert document["api_calls"] >= 4
    assert document["seconds"] > 0
    assert document["run"]
    again = (await machine.run("sync", "--json")).json
    assert (again["moved"], again["skipped"]) == (0, 6)
    assert again["run"] != document["run"]


async def test_the_ledger_is_for_its_owner_alone(machine: Machine) -> None:
    await machine.run("sync")

    assert (machine.home / "transfer_log.db").stat().st_mode & 0o077 == 0


async def test_a_failed_file_means_exit_code_1_and_the_next_run_cures_it(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))

    ran = await machine.run("sync", "--json")

    assert ran.code == 1
    assert (ran.json["moved"], ran.json["failed"]) == (5, 1)
    assert ran.json["items"][0]["key"] == "Garden/rose.jpg"
    assert "failed: Garden/rose.jpg" in ran.err
    machine.sim.faults.clear()
    assert (await machine.inside.sync()).moved == 1
    machine.assert_complete()


async def test_a_dry_run_says_the_numbers_and_leaves_no_trace(machine: Machine) -> None:
    assert machine.bucket is not None

    would = await machine.run("sync", "--dry-run", "--json")

    assert would.code == 0
    assert would.json["dry_run"] is True
    assert [path.name for path in machine.home.iterdir()] == [".env"]
    assert machine.bucket.files() == {}
    did = await machine.run("sync", "--json")
    assert (did.json["moved"], did.json["bytes"]) == (would.json["moved"], would.json["bytes"])
    again = await machine.run("sync", "--dry-run")
    assert "Would copy 0 files" in again.out
    assert "0 to copy (0 B)" in again.err


async def test_a_dry_run_needs_no_bucket_settings(machine: Machine) -> None:
    machine.write_env(S3_BUCKET=None, S3_ENDPOINT_URL=None, S3_ACCESS_KEY=None, S3_SECRET_KEY=None)

    ran = await machine.run("sync", "--dry-run", "--json")

    assert (ran.code, ran.json["moved"]) == (0, 6)


@pytest.mark.parametrize(
    "option", [["--album", "Nothing*"], ["--folder", "None"], ["--album", "Garden", "--folder", "Family"]]
)
async def test_globs_that_match_nothing_are_named(machine: Machine, option: list[str]) -> None:
    ran = await machine.run("sync", *option)

    assert ran.code == 2
    assert f"no album matches {option[1]}" in ran.err
    assert "hint:" in ran.err


async def test_options_for_a_part_copy_that_part(machine: Machine) -> None:
    assert machine.bucket is not None

    ran = await machine.run("sync", "--json", "--folder", "family", "--photos")

    assert ran.json["moved"] == 2
    assert all("Summer" in key for key in machine.bucket.media())


async def test_an_empty_account_is_said_to_be_one(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(World("mine")) as sim:
        ran = await machine_for(sim, bucket, tmp_path / "home").run("sync")

        assert ran.code == 0
        assert "No albums found" in ran.out


async def test_captions_of_ten_kilobytes_are_no_hindrance(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    album = world.add_album("Words")
    for number, text in enumerate(("latin words ", "слова ", "言葉、", "كلمات ", "🏖️👩‍👩‍👧 ")):
        repeated = (text * 10_000).encode()[:10_000].decode(errors="ignore")
        world.add_image(album, f"{number}.jpg", caption=repeated, title=repeated, keywords=(repeated[:3000],))
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")

        assert (await machine.run("sync", "--json")).json["moved"] == 5
        machine.assert_complete()
        captions = [item["image"]["Caption"] for item in bucket.album("Words")["items"]]
        assert all(9_900 < len(caption.encode()) <= 10_000 for caption in captions)


BAD = {
    "nothing-at-all": ({"SMUGMUG_OAUTH_CONSUMER_KEY": None, "SMUGMUG_OAUTH_TOKEN": None, "S3_BUCKET": None},
                       ["SMUGMUG_OAUTH_CONSUMER_KEY", "SMUGMUG_OAUTH_TOKEN", "S3_BUCKET"]),
    "malformed": ({"MAX_CONCURRENT_DOWNLOADS": "many", "S3_ENDPOINT_URL": "http://example.com", "S3_PREFIX": "a/../b",
                   "RATE_LIMIT_DELAY": "-1", "BATCH_SIZE": "0", "S3_BUCKET": "a/b"},
                  ["MAX_CONCURRENT_DOWNLOADS", "S3_ENDPOINT_URL", "S3_PREFIX", "RATE_LIMIT_DELAY", "BATCH_SIZE",
                   "S3_BUCKET"]),
    "half-a-key": ({"S3_SECRET_KEY": None}, ["S3_SECRET_KEY"]),
    "http-far-away": ({"SMUGMUG_API_ORIGIN": "http://api.smugmug.com"}, ["SMUGMUG_API_ORIGIN"]),
    "key-without-user": ({"SMUGMUG_OAUTH_TOKEN": None, "SMUGMUG_OAUTH_TOKEN_SECRET": None, "SMUGMUG_API_KEY": "key1"},
                         ["SMUGMUG_USER"]),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "named"), BAD.values(), ids=BAD)
async def test_bad_settings_are_all_named_at_once_each_with_an_example(
    machine: Machine, changes: dict[str, str | None], named: list[str]
) -> None:
    machine.write_env(**changes)

    ran = await machine.run("sync", "--json")

    assert ran.code == 2
    assert ran.json["exit_code"] == 2
    for name in named:
        (line,) = [line for line in ran.err.splitlines() if f"- {name} " in line]
        assert "for example" in line


@pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")
@pytest.mark.parametrize("kind", ["folder", "bytes"])
async def test_a_settings_file_that_cannot_be_read_is_named(machine: Machine, kind: str) -> None:
    env = machine.home / ".env"
    if kind == "folder":
        env.unlink()
        env.mkdir()
    else:
        env.write_bytes(b"S3_BUCKET=\xff\xfe\x00bucket\n")

    ran = await machine.run("sync")

    assert ran.code == 2
    assert ".env" in ran.err


async def test_settings_in_the_environment_overrule_the_file(machine: Machine) -> None:
    ran = await machine.run("sync", "--json", environment={"S3_PREFIX": "elsewhere/"})

    assert ran.code == 0
    assert machine.bucket is not None
    assert {key.partition("/")[0] for key in machine.bucket.files()} == {"elsewhere"}


STORE = {
    "wrong-secret": {"S3_SECRET_KEY": "0" * 40},
    "unknown-key": {"S3_ACCESS_KEY": "0" * 20},
    "no-such-bucket": {"S3_BUCKET": "not-there"},
}


@pytest.mark.parametrize("changes", STORE.values(), ids=STORE)
async def test_a_store_that_cannot_be_used_means_exit_code_4_before_anything_moves(
    machine: Machine, changes: dict[str, str]
) -> None:
    machine.write_env(**changes)

    ran = await machine.run("sync", "--json")

    assert (ran.code, ran.json["exit_code"]) == (4, 4)
    started, error, *_ = ran.err.splitlines()
    assert f" started: copying SmugMug account tiny (6 items) to bucket {machine.settings['S3_BUCKET']} at " in started
    assert error.startswith("error: ")
    assert machine.sim is not None
    assert machine.sim.count("media") == 0


@pytest.mark.parametrize("changes", [{"S3_SECRET_KEY": "0" * 40}, {"S3_ACCESS_KEY": "0" * 20}], ids=["secret", "key"])
async def test_a_verification_with_wrong_keys_means_exit_code_4(machine: Machine, changes: dict[str, str]) -> None:
    await machine.inside.sync()
    machine.write_env(**changes)

    ran = await machine.run("verify", "--json")

    assert (ran.code, ran.json["exit_code"]) == (4, 4)


@pytest.mark.parametrize("command", ["sync", "verify"])
async def test_another_bucket_with_the_same_ledger_is_refused(s3: LocalS3, machine: Machine, command: str) -> None:
    await machine.inside.sync()
    other = s3.new_bucket()
    machine.write_env(S3_BUCKET=other.name)

    ran = await machine.run(command)

    assert ran.code == 2
    assert "LEDGER_PATH" in ran.err
    assert other.files() == {}


async def test_an_unreachable_side_is_named_and_has_its_own_exit_code(
    bucket: Bucket, machine: Machine, tmp_path: Path
) -> None:
    assert machine.sim is not None
    other = machine_for(machine.sim, bucket, tmp_path / "other")
    machine.write_env(S3_ENDPOINT_URL="http://127.0.0.1:9")
    other.write_env(SMUGMUG_API_ORIGIN="http://127.0.0.1:9")

    store, smugmug = await asyncio.gather(
        *(one.run("sync", "--json", command=impatient.COMMAND) for one in (machine, other))
    )

    assert (store.code, store.json["exit_code"]) == (4, 4)
    assert "the S3 server did not answer" in store.json["error"]
    assert (smugmug.code, smugmug.json["exit_code"]) == (3, 3)
    assert "SmugMug did not answer" in smugmug.err


async def test_a_store_that_refuses_on_the_way_means_exit_code_4(bucket: Bucket, machine: Machine) -> None:
    fault = StoreFault(action="answer", method="PUT", skip=3, times=None, status=403, code="InvalidAccessKeyId")
    listing = replace(fault, method="GET", path="*list-type*", skip=1)
    async with fault_proxy(bucket.server.endpoint, fault, listing) as proxy:
        machine.write_env(S3_ENDPOINT_URL=proxy.endpoint)

        ran = await machine.run("sync", "--json")

        assert ran.code == 4
        assert "InvalidAccessKeyId" in ran.json["error"]
    machine.write_env(S3_ENDPOINT_URL=bucket.server.endpoint)
    assert (await machine.inside.sync()).failed == 0
    machine.assert_complete()


async def test_a_revoked_access_means_exit_code_3_and_the_way_out(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.state.keyring.revoke(machine.sim.token)

    ran = await machine.run("sync")

    assert ran.code == 3
    assert "hint:" in ran.err
    assert "smug2s3 auth" in ran.err


async def test_an_api_key_alone_copies_what_is_public(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    world.add_image(world.add_album("Public"), "a.jpg")
    world.add_image(world.add_album("Private", privacy="Private"), "b.jpg")
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        machine.write_env(
            SMUGMUG_OAUTH_CONSUMER_KEY=None, SMUGMUG_OAUTH_CONSUMER_SECRET=None, SMUGMUG_OAUTH_TOKEN=None,
            SMUGMUG_OAUTH_TOKEN_SECRET=None, SMUGMUG_API_KEY=sim.api_key, SMUGMUG_USER="demo",
        )  # fmt: skip

        ran = await machine.run("sync")

        assert ran.code == 0
        assert list(bucket.media()) == ["smugmug/Public/a.jpg"]
        assert "only the public albums" in ran.err


def foreign(path: Path) -> None:
    """Somebody else's database."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE cats (name)")


def newer(path: Path) -> None:
    """A ledger of a smug2s3 to come."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA application_id = {0x536D3253}")
        connection.execute("PRAGMA user_version = 99")
        connection.execute("CREATE TABLE albums (key)")


LEDGERS = {
    "another-program": foreign,
    "newer": newer,
    "no-database": lambda path: path.write_bytes(b"holiday photos, no database" * 100),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("make", LEDGERS.values(), ids=LEDGERS)
@pytest.mark.parametrize("command", ["sync", "verify"])
async def test_a_ledger_that_is_none_is_named_and_left_alone(
    machine: Machine, make: Callable[[Path], object], command: str
) -> None:
    ledger = machine.home / "transfer_log.db"
    make(ledger)
    before = ledger.read_bytes() if ledger.is_file() else b""

    ran = await machine.run(command)

    assert ran.code == 2
    assert "ledger" in ran.err
    assert "transfer_log.db" in ran.err
    assert "hint:" in ran.err
    assert (ledger.read_bytes() if ledger.is_file() else b"") == before
    assert machine.bucket is not None
    assert machine.bucket.files() == {}


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A disk of its own; the test is skipped where none can be mounted."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.name == "nt" or os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("room", [8_192, 110_000], ids=["full-at-once", "full-on-the-way"])
async def test_a_full_disk_under_the_ledger_ends_the_run_and_loses_nothing(
    machine: Machine, tmp_path: Path, room: int
) -> None:
    with small_disk(tmp_path / "disk", "size=1m") as disk:
        free = os.statvfs(disk)
        (disk / "filling").write_bytes(b"x" * (free.f_bavail * free.f_frsize - room))
        machine.write_env(LEDGER_PATH=str(disk / "ledger.db"))

        ran = await machine.run("sync")

        assert ran.code == 2
        assert "disk is full" in ran.err
        (disk / "filling").unlink()
        assert (await machine.inside.sync()).failed == 0
        machine.assert_complete()
        assert (await machine.inside.verify()).clean


async def test_a_read_only_disk_under_the_ledger_is_named(machine: Machine, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "ro") as disk:
        machine.write_env(LEDGER_PATH=str(disk / "ledger.db"))

        ran = await machine.run("sync")

        assert ran.code == 2
        assert "ledger" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync", "--nonsense"],
        ["nonsense"],
        ["sync", "--concurrency", "0"],
        ["sync", "--concurrency", "x"],
        ["sync", "--bwlimit", "fast"],
    ],
)
async def test_arguments_that_make_no_sense_mean_exit_code_2(machine: Machine, arguments: list[str]) -> None:
    ran = await machine.run(*arguments)

    assert ran.code == 2
    assert ran.out == ""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["sync", "--help"], ["verify", "--help"], ["auth", "--help"], ["demo", "--help"], ["--version"]],
)
async def test_help_needs_no_settings(machine: Machine, arguments: list[str]) -> None:
    (machine.home / ".env").unlink()

    ran = await machine.run(*arguments)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out


@pytest.mark.parametrize("command", ["sync", "check"])
async def test_a_sign_in_page_in_place_of_the_server_is_one_sentence_and_exit_code_4(
    machine: Machine, bucket: Bucket, command: str
) -> None:
    async with fault_proxy(bucket.server.endpoint, replace(PORTAL, times=None)) as portal:
        ran = await machine.run(
            command, "--json", environment={"S3_ENDPOINT_URL": portal.endpoint}, command=impatient.COMMAND
        )

    assert ran.code == 4
    assert "not an S3 response (200 to ListObjectsV2" in ran.json["error"]
    assert ': "Hotel Wi-Fi Please sign in"' in ran.json["error"]
    assert "Traceback" not in ran.err
    assert ran.json.get("ready") is not True
    assert bucket.files() == {}
