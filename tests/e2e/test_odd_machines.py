"""Machines as they come: another locale and code page, no home, few open files, an odd terminal, settings from a pipe."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.support.machine import Machine, Ran
from tests.support.tty import at_a_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such locales and limits")

CITY = "京都 Фото é"

_POOR = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
left_out = ("HOME", "TERM", "LANG", "LC_CTYPE")
odd = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "0", "LINES": "x"}
here = {name: value for name, value in os.environ.items() if name not in left_out}
os.execve(sys.executable, [sys.executable, *sys.argv[1:]], here | odd)
"""
"""The command in the locale of a bare machine, where file names are ASCII to Python, and with all that may lack there."""


@pytest.fixture
async def poor(tmp_path: Path) -> Machine:
    """A computer with a folder as its store, whose names no Latin alphabet has; the account's album has such a name, too."""
    (tmp_path / "Диск 1" / CITY).mkdir(parents=True)
    (tmp_path / "home").mkdir()
    return Machine(tmp_path / "home", {"S3_ENDPOINT_URL": f"file://{tmp_path}/Диск%201", "S3_BUCKET": CITY}, [])


async def run(machine: Machine, line: str) -> Ran:
    return await machine.run("-m", "smug2s3", *shlex.split(line), command=("-c", _POOR))


async def test_on_a_bare_machine_the_archive_is_named_in_utf8_and_every_command_works(
    poor: Machine, tmp_path: Path
) -> None:
    world = worlds.tiny()
    world.add_image(world.add_album(CITY), "роза.jpg")
    async with Simulator(world) as sim:
        poor.write_env(
            SMUGMUG_API_ORIGIN=sim.origin,
            SMUGMUG_OAUTH_CONSUMER_KEY=sim.consumer_key,
            SMUGMUG_OAUTH_CONSUMER_SECRET=sim.consumer_secret,
            SMUGMUG_OAUTH_TOKEN=sim.token,
            SMUGMUG_OAUTH_TOKEN_SECRET=sim.token_secret,
            LEDGER_PATH="Журнал.db",
        )
        plan = await run(poor, "plan --items")
        ran = await run(poor, "sync --log-file журнал.log")
        assert (plan.code, ran.code) == (0, 0), ran.err
        assert "7 items" in plan.out
        assert "??" in plan.out  # people read it in a terminal that has no such letters

    files = {os.fsencode(path.relative_to(tmp_path)).decode() for path in tmp_path.rglob("*")}
    assert f"Диск 1/{CITY}/smugmug/{CITY}/роза.jpg" in files
    assert {"home/Журнал.db", "home/журнал.log"} <= files
    assert CITY in (poor.home / "журнал.log").read_text(encoding="utf-8")

    verified = await run(poor, "verify --deep --json")
    assert verified.code == 0
    assert verified.json["read_back"] == 11
    lines = await run(poor, "ledger export")
    assert f"smugmug/{CITY}/роза.jpg" in {json.loads(line)["key"] for line in lines.out.splitlines()}
    table = await run(poor, "ledger export --format csv")
    assert f"smugmug/{CITY}/роза.jpg" in {row["key"] for row in csv.DictReader(io.StringIO(table.out))}
    for line in ("status", "status --failed", "verify", "config show", "report report.html"):
        assert (await run(poor, line)).code == 0, line
    assert CITY in (poor.home / "report.html").read_text(encoding="utf-8")


async def test_a_window_of_no_size_and_no_name_shows_everything(poor: Machine) -> None:
    poor.write_env()
    for odd in ({"COLUMNS": "0", "LINES": "0"}, {"TERM": "", "COLUMNS": "²"}):
        async with at_a_terminal(poor, "config", "show", environment=odd) as terminal:
            assert await terminal.ended() == 0
            assert f"S3_BUCKET                      {CITY}" in terminal.text
            assert "\x1b" not in terminal.raw


@pytest.mark.parametrize("way", ["/dev/stdin", "<(cat jane.env)"])
async def test_settings_may_come_through_a_pipe_and_the_ledger_is_in_this_folder(poor: Machine, way: str) -> None:
    poor.write_env(LEDGER_PATH="l.db")
    (poor.home / ".env").rename(poor.home / "jane.env")
    here = "< jane.env" if way == "/dev/stdin" else ""
    shell = f"exec {shlex.quote(sys.executable)} -m smug2s3 --env-file {way} status --json {here}"

    ran = await poor.run(command=("-c", f"import os; os.execlp('bash', 'bash', '-c', {shell!r})"))

    assert ran.json["error"] == "no ledger at l.db"
