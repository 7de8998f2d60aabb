"""One sync at a time on one ledger, one account and one bucket a ledger; everybody else may look."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.model import User
from tests.support.bucket import Bucket
from tests.support.machine import Machine, machine_for


@asynccontextmanager
async def under_way(machine: Machine, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A sync that has moved something and will not end soon, while SmugMug takes its time."""
    assert machine.sim is not None
    assert machine.bucket is not None
    machine.sim.state.latency = 0.1
    async with machine.started("sync", "--concurrency", "2", *options) as process:
        while not machine.bucket.files():
            assert process.returncode is None
            await asyncio.sleep(0.02)
        machine.sim.state.latency = 0.5
        yield process


@pytest.fixture
async def slow(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Machine]:
    """A computer and an account of thirty photos."""
    async with Simulator(worlds.flat(3, 10, 500)) as sim:
        yield machine_for(sim, bucket, tmp_path / "home")


async def test_a_second_sync_is_refused_by_name_of_the_first_and_all_others_are_not(slow: Machine) -> None:
    async with under_way(slow) as first:
        second, verified, dry, exported = await asyncio.gather(
            slow.run("sync", "--json"),
            slow.run("verify", "--offline", "--json"),
            slow.run("sync", "--dry-run", "--json"),
            slow.run("ledger", "export"),
        )

        assert (second.code, second.json["exit_code"], second.json["moved"]) == (2, 2, 0)
        assert f"another smug2s3 works with the ledger transfer_log.db (process {first.pid} on " in second.err
        assert "hint: " in second.err
        assert verified.code in (0, 1)
        assert verified.json["checked"] > 0
        assert (dry.code, dry.json["assets"]) == (0, 30)
        assert exported.code == 0
        assert slow.sim is not None
        slow.sim.state.latency = 0.0
        assert (await slow.ended(first)).code == 0

    slow.assert_complete()
    assert not (slow.home / "transfer_log.db.lock").exists()
    assert (await slow.run("verify")).code == 0


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
async def test_the_lock_of_a_killed_sync_is_taken_over_without_a_word(slow: Machine) -> None:
    async with under_way(slow) as first:
        first.send_signal(signal.SIGKILL)
        await first.wait()
    lock = slow.home / "transfer_log.db.lock"
    assert f"process {first.pid} " in lock.read_text()
    assert slow.sim is not None
    slow.sim.state.latency = 0.0

    ran = await slow.run("sync")

    assert (ran.code, "another" in ran.err) == (0, False)
    assert not lock.exists()
    slow.assert_complete()


@pytest.mark.parametrize("content", [b"process 1 on elsewhere, since 1999", b"\xff\x00\x1b[2J" * 50])
async def test_a_lock_file_that_nobody_holds_is_no_lock(machine: Machine, content: bytes) -> None:
    (machine.home / "transfer_log.db.lock").write_bytes(content)

    assert (await machine.run("sync")).code == 0

    machine.assert_complete()


async def test_two_ledgers_are_two_syncs(slow: Machine, tmp_path: Path) -> None:
    assert slow.sim is not None
    assert slow.bucket is not None
    async with under_way(slow) as first:
        other = machine_for(slow.sim, slow.bucket, tmp_path / "other")
        other.write_env(S3_PREFIX="elsewhere/", LEDGER_PATH="new/folder/ledger.db")
        slow.sim.state.latency = 0.0
        assert (await other.run("sync")).code == 0
        assert (await slow.ended(first)).code == 0

    assert (other.home / "new" / "folder" / "ledger.db").exists()
    assert {key.partition("/")[0] for key in slow.bucket.files()} == {"smugmug", "elsewhere"}


@pytest.mark.parametrize("command", [["sync"], ["sync", "--dry-run"], ["verify", "--source"]], ids=" ".join)
async def test_another_account_on_the_same_ledger_is_refused(
    machine: Machine, tmp_path: Path, command: list[str]
) -> None:
    assert machine.bucket is not None
    assert (await machine.run("sync")).code == 0
    before = machine.bucket.media()
    world = World("other", user=User(nick="jane", name="Jane"))
    world.add_image(world.add_album("Hers"), "hers.jpg")
    async with Simulator(world) as sim:
        other = machine_for(sim, machine.bucket, tmp_path / "other")
        other.write_env(LEDGER_PATH=str(machine.home / "transfer_log.db"))

        ran = await other.run(*command, "--json")

        assert (ran.code, ran.json["exit_code"]) == (2, 2)
        assert "belongs to account 'tiny', not 'jane'" in ran.err
        assert "LEDGER_PATH" in ran.err
        assert sim.count("media") == 0
    assert machine.bucket.media() == before
    assert (await machine.run("verify", "--source")).code == 0


@pytest.mark.parametrize("change", [{"S3_BUCKET": "another-bucket"}, {"S3_PREFIX": "other"}], ids=str)
@pytest.mark.parametrize("command", [["sync"], ["verify", "--offline"]], ids=" ".join)
async def test_another_bucket_or_prefix_on_the_same_ledger_is_refused(
    machine: Machine, change: dict[str, str], command: list[str]
) -> None:
    assert (await machine.run("sync")).code == 0
    machine.write_env(**change)

    ran = await machine.run(*command)

    assert ran.code == 2
    assert next(iter(change.values())) in ran.err
    assert "LEDGER_PATH" in ran.err


@pytest.mark.parametrize("command", [["sync"], ["verify"], ["ledger", "export"]], ids=" ".join)
async def test_a_damaged_ledger_is_refused_in_one_sentence(machine: Machine, command: list[str]) -> None:
    assert (await machine.run("sync")).code == 0
    ledger = machine.home / "transfer_log.db"
    content = ledger.read_bytes()
    ledger.write_bytes(content[:4096] + bytes(byte ^ 0xFF for byte in content[4096:8192]) + content[8192:])

    ran = await machine.run(*command)

    assert (ran.code, ran.out) == (2, "")
    sentence, hint = ran.err.splitlines()
    assert sentence.startswith("error: the ledger transfer_log.db is damaged")
    assert "smug2s3 ledger rebuild" in hint
    ledger.rename(machine.home / "damaged.db")
    assert (await machine.run("ledger", "rebuild")).code == 0
    assert "Moved nothing" in (await machine.run("sync", "--full")).out
    assert (await machine.run("verify", "--source")).code == 0
