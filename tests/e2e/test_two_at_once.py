"""One sync at a time on one ledger, one account and one bucket a ledger; everybody else may look."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.model import User
from tests.support.bucket import Bucket
from tests.support.fault_proxy import StoreFault, fault_proxy
from tests.support.machine import PATIENCE, Machine, machine_for


@dataclass(frozen=True, slots=True)
class First:
    """A sync that has moved something and goes on when it is told to."""

    process: asyncio.subprocess.Process
    go_on: Callable[[], None]


@asynccontextmanager
async def under_way(machine: Machine) -> AsyncIterator[First]:
    """The first of two; two of its files wait on their way to the store."""
    assert machine.bucket is not None
    held = StoreFault(action="hold", method="PUT", skip=4, times=None)
    async with fault_proxy(machine.bucket.server.endpoint, held) as proxy:
        through = {"S3_ENDPOINT_URL": proxy.endpoint}
        async with machine.started("sync", "--concurrency", "2", environment=through) as process:
            async with asyncio.timeout(PATIENCE):
                while proxy.hits[held] < 2:
                    assert process.returncode is None
                    await asyncio.sleep(0.02)
            yield First(process, proxy.let_go.set)


@pytest.fixture
async def flat(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Machine]:
    """A computer and an account of thirty photos."""
    async with Simulator(worlds.flat(3, 10, 500)) as sim:
        yield machine_for(sim, bucket, tmp_path / "home")


async def test_a_second_sync_is_refused_by_name_of_the_first_and_all_others_are_not(flat: Machine) -> None:
    async with under_way(flat) as first:
        second, verified, dry, exported, status = await asyncio.gather(
            flat.run("sync", "--json"),
            flat.run("verify", "--offline", "--json"),
            flat.run("sync", "--dry-run", "--json"),
            flat.run("ledger", "export"),
            flat.run("status", "--json"),
        )

        assert (second.code, second.json["exit_code"], second.json["moved"]) == (2, 2, 0)
        assert f"the ledger transfer_log.db is in use by another smug2s3 (process {first.process.pid} on " in second.err
        assert "hint: " in second.err
        assert verified.code in (0, 1)
        assert verified.json["checked"] > 0
        assert (dry.code, dry.json["assets"]) == (0, 30)
        assert exported.code == 0
        assert (status.code, status.json["at_work"], status.json["next"]["command"]) == (0, True, "")
        assert f"process {first.process.pid} on " in status.json["holder"]
        assert status.json["done"] == status.json["moved_so_far"] > 0
        assert status.json["runs"][0]["ending"] == "running"
        first.go_on()
        assert (await flat.ended(first.process)).code == 0

    flat.assert_complete()
    assert not (flat.home / "transfer_log.db.lock").exists()
    assert (await flat.inside.verify()).clean


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
async def test_the_lock_of_a_killed_sync_is_taken_over_without_a_word(flat: Machine) -> None:
    async with under_way(flat) as first:
        first.process.send_signal(signal.SIGKILL)
        await first.process.wait()
    lock = flat.home / "transfer_log.db.lock"
    assert f"process {first.process.pid} " in lock.read_text()
    status = (await flat.run("status", "--json")).json
    assert (status["at_work"], status["runs"][0]["ending"]) == (False, "crashed or killed")
    assert status["waiting"] > 0

    ran = await flat.run("sync")

    assert (ran.code, "another" in ran.err) == (0, False)
    assert not lock.exists()
    flat.assert_complete()


@pytest.mark.parametrize("content", [b"process 1 on elsewhere, since 1999", b"\xff\x00\x1b[2J" * 50])
async def test_a_lock_file_that_nobody_holds_is_no_lock(machine: Machine, content: bytes) -> None:
    (machine.home / "transfer_log.db.lock").write_bytes(content)

    assert (await machine.run("sync")).code == 0

    machine.assert_complete()


async def test_two_ledgers_are_two_syncs(flat: Machine, tmp_path: Path) -> None:
    assert flat.sim is not None
    assert flat.bucket is not None
    async with under_way(flat) as first:
        other = machine_for(flat.sim, flat.bucket, tmp_path / "other")
        other.write_env(S3_PREFIX="elsewhere/", LEDGER_PATH="new/folder/ledger.db")
        assert (await other.run("sync")).code == 0
        first.go_on()
        assert (await flat.ended(first.process)).code == 0

    assert (other.home / "new" / "folder" / "ledger.db").exists()
    assert {key.partition("/")[0] for key in flat.bucket.files()} == {"smugmug", "elsewhere"}


@pytest.mark.parametrize("command", [["sync"], ["sync", "--dry-run"], ["verify", "--source"]], ids=" ".join)
async def test_another_account_on_the_same_ledger_is_refused(
    machine: Machine, tmp_path: Path, command: list[str]
) -> None:
    assert machine.bucket is not None
    await machine.inside.sync()
    before = machine.bucket.media()
    world = World("other", user=User(nick="jane", name="Jane"))
    world.add_image(world.add_album("Hers"), "hers.jpg")
    async with Simulator(world) as sim:
        other = machine_for(sim, machine.bucket, tmp_path / "other")
        other.write_env(LEDGER_PATH=str(machine.home / "transfer_log.db"))

        ran = await other.run(*command, "--json")

        assert (ran.code, ran.json["exit_code"]) == (2, 2)
        assert "is for account 'tiny', not 'jane'" in ran.err
        assert "LEDGER_PATH" in ran.err
        assert sim.count("media") == 0
    assert machine.bucket.media() == before
    assert (await machine.inside.verify(source=True)).clean


@pytest.mark.parametrize("change", [{"S3_BUCKET": "another-bucket"}, {"S3_PREFIX": "other"}], ids=str)
@pytest.mark.parametrize("command", [["sync"], ["verify", "--offline"]], ids=" ".join)
async def test_another_bucket_or_prefix_on_the_same_ledger_is_refused(
    machine: Machine, change: dict[str, str], command: list[str]
) -> None:
    await machine.inside.sync()
    machine.write_env(**change)

    ran = await machine.run(*command)

    assert ran.code == 2
    assert next(iter(change.values())) in ran.err
    assert "LEDGER_PATH" in ran.err


@pytest.mark.parametrize("command", [["sync"], ["verify"], ["ledger", "export"]], ids=" ".join)
async def test_a_damaged_ledger_is_refused_in_one_sentence_and_left_as_it_is(
    machine: Machine, command: list[str]
) -> None:
    await machine.inside.sync()
    ledger = damaged(machine)
    before = ledger.read_bytes()

    ran = await machine.run(*command)

    assert (ran.code, ran.out) == (2, "")
    sentence, hint, *dated = ran.err.splitlines()
    assert sentence.startswith("error: the ledger transfer_log.db is damaged")
    assert "smug2s3 ledger rebuild" in hint
    assert ["ended: stopped by an error" in line for line in dated] == [True] * (command == ["sync"])
    assert ledger.read_bytes() == before


async def test_a_damaged_ledger_is_rebuilt_as_its_hint_says(machine: Machine) -> None:
    await machine.inside.sync()
    damaged(machine).rename(machine.home / "damaged.db")

    assert (await machine.run("ledger", "rebuild")).code == 0

    assert (await machine.inside.sync(full=True)).moved == 0
    assert (await machine.inside.verify(source=True)).clean


def damaged(machine: Machine) -> Path:
    """The ledger, after its second page was turned inside out."""
    ledger = machine.home / "transfer_log.db"
    content = ledger.read_bytes()
    ledger.write_bytes(content[:4096] + bytes(byte ^ 0xFF for byte in content[4096:8192]) + content[8192:])
    return ledger
