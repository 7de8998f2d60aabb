"""`smug2s3 sync` for a part of the account, as a person meets it."""

from __future__ import annotations

import pytest

from tests.support.machine import Machine


async def test_the_summary_says_how_many_were_left_out_and_why(machine: Machine) -> None:
    ran = await machine.run("sync", "--taken-from", "2019-07", "--taken-to", "2019", "--exclude-album", "Scans")

    assert ran.code == 0
    assert "Copied 1 file" in ran.out
    assert "4  excluded by the filters: 4 of them have no such date" in ran.out
    assert "Excluded 1 album by the filters" in ran.out
    assert "Everything you asked for" in ran.out


WRONG = [
    (["--taken-from", "July"], "--taken-from 'July' is not a valid date"),
    (["--taken-from", "2020", "--taken-to", "2019"], "--taken-from 2020 is after --taken-to 2019"),
    (["--min-size", "huge"], "--min-size 'huge' is not a valid size"),
    (["--min-size", "2M", "--max-size", "1M"], "--min-size is above --max-size"),
    (["--album", "Garden", "--exclude-album", "garden"], "contradict each other"),
    (["--order", "biggest"], "--order 'biggest' is not a valid order"),
    (["--until", "2020-01-01 08:00"], "--until 2020-01-01 08:00 is in the past"),
    (["--collected", "twice"], "--collected 'twice' is not valid"),
    (["--until", "later"], "--until 'later' is not a valid time or duration"),
    (["--max-bytes", "0"], "--max-bytes '0' is not a valid size"),
]


@pytest.mark.parametrize(("options", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
async def test_filters_that_make_no_sense_are_refused_before_smugmug_is_asked(
    machine: Machine, options: list[str], sentence: str
) -> None:
    assert machine.sim is not None

    ran = await machine.run("sync", "--json", *options)

    assert ran.code == 2
    assert sentence in ran.err
    assert "hint:" in ran.err
    assert ran.json["exit_code"] == 2
    assert machine.sim.requests == []


async def test_a_name_mistyped_is_answered_with_the_nearest(machine: Machine) -> None:
    ran = await machine.run("sync", "--dry-run", "--album", "Sumer 2019")

    assert ran.code == 2
    assert "no album matches Sumer 2019 (--album)" in ran.err
    assert "hint: Did you mean 'Summer 2019'" in ran.err


async def test_a_run_that_stops_by_itself_ends_well_and_says_what_is_left(machine: Machine) -> None:
    would = await machine.run("sync", "--dry-run", "--order", "smallest", "--max-bytes", "20K", "--until", "8h")
    ran = await machine.run("sync", "--order", "smallest", "--max-bytes", "20K", "--until", "8h")

    assert (would.code, ran.code) == (0, 0)
    left = next(line for line in ran.out.splitlines() if "left for the next run" in line)
    assert left in would.out
    assert "Stopped as requested by --max-bytes.\nNext: smug2s3 sync --order smallest --max-bytes 20K" in ran.out
    assert "listing" in ran.err
    document = (await machine.run("sync", "--json", "--max-bytes", "20K")).json
    assert document["stopped"] in ("", "max-bytes")
    assert document["left"] >= 1
    assert (await machine.inside.sync()).failed == 0
    machine.assert_complete()
