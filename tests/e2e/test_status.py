"""`smug2s3 status` after runs that ended in every way."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from smugmug_simulator import Fault
from tests.support.machine import Machine


async def test_without_a_ledger_there_is_nothing_to_say(machine: Machine) -> None:
    ran = await machine.run("status", "--json")

    assert (ran.code, ran.json["exit_code"]) == (2, 2)
    assert "hint: Run `smug2s3 sync` first" in ran.err
    assert not (machine.home / "transfer_log.db").exists()


async def test_what_failed_is_named_with_its_cause_and_gone_once_it_is_cured(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
    await machine.inside.sync()

    # Where nothing answers: status needs no network.
    machine.write_env(SMUGMUG_API_ORIGIN="http://127.0.0.1:9", S3_ENDPOINT_URL="http://127.0.0.1:9")
    ran, named = await machine.run("status"), await machine.run("status", "--failed")
    document = (await machine.run("status", "--json", "--failed")).json

    assert (ran.code, ran.err) == (0, "")
    assert "          1  failed: SmugMug denied access" in ran.out.splitlines()
    assert "Next: smug2s3 sync" in ran.out
    assert "rose" in named.out
    assert "What to do: " in named.out
    assert (document["done"], document["failed"], document["albums_incomplete"]) == (5, 1, 1)
    (item,) = document["items"]
    assert "rose" in item["key"]
    assert item["reason"].startswith("SmugMug: ")


async def test_a_run_that_was_stopped_is_shown_with_its_reason(machine: Machine) -> None:
    machine.write_env(S3_BUCKET="no-such-bucket")
    assert (await machine.run("sync")).code == 4

    document = (await machine.run("status", "--json")).json

    assert document["runs"][0]["ending"].startswith("stopped: the bucket does not exist")
    assert document["next"]["command"] == "check"


async def test_a_ledger_in_use_or_left_by_a_killed_run_is_read_all_the_same(machine: Machine) -> None:
    ledger = machine.home / "transfer_log.db"
    await machine.inside.sync()
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("INSERT INTO runs (run, began) VALUES ('killed', '2026-01-02T03:04:05+00:00')")

    ran = await machine.run("status")

    assert "2026-01-02" in ran.out
    assert "crashed or killed" in ran.out
    assert sorted(entry.name for entry in machine.home.iterdir()) == [".env", "transfer_log.db"]
