"""`smug2s3 plan` as a person or a script meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from smug2s3.cli.main import app
from tests.support.machine import Machine


async def test_a_person_reads_how_much_how_long_and_what_it_costs(machine: Machine) -> None:
    machine.write_env(S3_BUCKET=None, S3_ENDPOINT_URL=None, S3_ACCESS_KEY=None, S3_SECRET_KEY=None)

    ran = await machine.run("plan", "--rate", "20M", environment={"COLUMNS": "60", "NO_COLOR": "1"})

    assert ran.code == 0
    assert "tiny: 6 items (" in ran.out
    assert "in 3 albums and 1 folder." in ran.out
    assert "168 Mbit/s connection (--rate)" in ran.out
    assert "AWS Glacier Deep Archive" in ran.out
    assert ran.out.endswith("\nNext: smug2s3 config init\n")
    assert "\x1b" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 60
    assert ran.err == ""
    assert [path.name for path in machine.home.iterdir()] == [".env"]


async def test_names_that_a_pipe_cannot_carry_do_not_end_the_plan(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.world.add_image(machine.sim.world.add_album("京都 🍁"), "a.jpg")

    ran = await machine.run("plan", "--items", environment={"PYTHONIOENCODING": "cp1252"})

    assert (ran.code, ran.err) == (0, "")
    assert "?? ?" in ran.out


async def test_a_reader_that_stops_early_is_not_an_error(machine: Machine) -> None:
    reader = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'smug2s3', 'plan'], stdout=-1)"
    reader += "; p.stdout.close(); sys.exit(p.wait())"

    ran = await machine.run(command=("-c", reader))

    assert (ran.code, ran.err) == (0, "")


async def test_with_json_stdout_holds_one_document_with_syncs_names(machine: Machine) -> None:
    sums = (await machine.run("plan", "--json")).json
    plan = (await machine.run("plan", "--items", "--json")).json
    sync = (await machine.run("sync", "--json")).json

    assert {name: sums[name] for name in ("albums", "assets", "bytes")} == {
        name: sync[name] for name in ("albums", "assets", "bytes")
    }
    assert {name: plan[name] for name in ("albums", "assets", "bytes", "unavailable", "albums_incomplete")} == {
        name: sync[name] for name in ("albums", "assets", "bytes", "unavailable", "albums_incomplete")
    }
    assert sums["sync_api_calls"] == sync["api_calls"]
    assert (sums["photos"], plan["photos"], plan["videos"]) == (None, 5, 1)
    assert plan["to_move"] == {"files": 6, "bytes": sync["bytes"]}
    assert plan["largest_albums"][0]["path"] == "Family/Summer 2019"
    assert {entry["bytes_per_second"] for entry in plan["durations"]} >= {plan["rate"]}
    assert {"name", "taken", "month", "put", "back"} <= plan["prices"][0].keys()


async def test_prices_can_be_copied_edited_and_named(machine: Machine) -> None:
    printed = await machine.run("plan", "--print-prices")
    (machine.home / "mine.toml").write_text(printed.out.replace('"USD"', '"EUR"'), encoding="utf-8")

    ran = await machine.run("plan", "--prices", "mine.toml", "--json")

    assert (ran.code, ran.json["currency"]) == (0, "EUR")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rate", "fast"], "'fast'"),
        (["--rate", "999999G"], "faster than any connection"),
        (["--prices", "none.toml"], "cannot read the price list none.toml"),
        (["--prices", "."], "cannot read the price list"),
        (["--prices", "bytes.toml"], "not UTF-8 text"),
        (["--prices", "wrong.toml"], "wrong.toml, line 4: storage must be a number"),
    ],
    ids=["rate", "absurd-rate", "no-such-file", "a-folder", "bytes", "a-mistake"],
)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "wrong.toml").write_text("[[class]]\nname = 'x'\ntaken = 2026-01-01\nstorage = 'much'\n")

    ran = CliRunner().invoke(app, ["plan", "--json", *arguments])

    assert ran.exit_code == 2
    assert says in " ".join(ran.stderr.split())
    assert "hint:" in ran.stderr
    assert json.loads(ran.stdout)["exit_code"] == 2


async def test_filters_about_files_have_every_item_listed(machine: Machine) -> None:
    plan = (await machine.run("plan", "--videos", "--json")).json

    assert (plan["exact"], plan["assets"], plan["videos"], plan["left_out"]) == (True, 1, 1, 5)


async def test_a_glob_that_matches_nothing_is_named(machine: Machine) -> None:
    ran = await machine.run("plan", "--album", "Nothing*")

    assert ran.code == 2
    assert "no album matches Nothing*" in ran.err
