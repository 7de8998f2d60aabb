"""Every command and every option explains itself, and every setting is written down for the user."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from smug2s3.cli import settings_file
from smug2s3.cli.config import NEEDS
from smug2s3.cli.main import app
from smug2s3.settings import VARIABLES

ROOT = Path(__file__).parents[2]
WHOLE: Any = typer.main.get_command(app)


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by what is typed for it, those of groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(commands(WHOLE))
PARAMETERS = [
    pytest.param(parameter, id=f"{name} {parameter.name}")
    for name, command in {"": WHOLE, **COMMANDS}.items()
    for parameter in command.params
    if parameter.name != "help"
]
WITHOUT_SETTINGS = {"demo", "health", "config show", "config init", "cluster certs"}
SETTINGS = [variable.name for variable in VARIABLES.values()]


def test_the_commands_promised_are_there() -> None:
    assert {"auth", "sync", "verify", "demo", "status", "ledger export", "config show"} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_gives_examples(name: str) -> None:
    said = COMMANDS[name].callback.__doc__ or ""
    assert said.partition("\n")[0].endswith(".")
    assert len(example(name).findall(said)) >= 2


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_the_examples_as_they_are_written(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"})
    assert shown.exit_code == 0
    assert example(name).findall(shown.output) == example(name).findall(COMMANDS[name].callback.__doc__)


def example(name: str) -> re.Pattern[str]:
    """A line to type, options before the command allowed."""
    return re.compile(rf"^ +(smug2s3 (?:--\S+ \S+ )*{name}\b.*)$", re.MULTILINE)


def test_the_root_help_follows_the_order_of_use_and_cuts_nothing_off() -> None:
    shown = (
        CliRunner().invoke(app, ["-h"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).output.partition("Set up:")[2]
    )
    commands = re.findall(r"^  ([a-z]+) +[A-Z]", shown, re.MULTILINE)
    assert commands == [
        "config",
        "bucket",
        "auth",
        "check",
        "plan",
        "sync",
        "status",
        "ls",
        "find",
        "verify",
        "report",
        "browse",
        "get",
        "gallery",
        "ledger",
        "cluster",
        "demo",
        "health",
        "worker",
    ]
    assert "..." not in shown


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in WITHOUT_SETTINGS])
def test_config_show_knows_what_every_command_needs(name: str) -> None:
    assert name in {command for commands, _ in NEEDS for command in commands}


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_option_says_what_it_does(parameter: object) -> None:
    said = getattr(parameter, "help", None)
    assert said
    assert said.endswith(".")


@pytest.mark.parametrize("variable", SETTINGS)
@pytest.mark.parametrize("document", [".env.example"])
def test_every_setting_is_written_down_where_users_look(document: str, variable: str) -> None:
    assert variable in (ROOT / document).read_text(encoding="utf-8")


def test_the_example_file_sets_nothing_that_is_no_setting() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line and line.lstrip("# ")[:1].isupper()}
    assert {name for name in named if name.isupper() and " " not in name} <= set(SETTINGS)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_path_that_is_typed_may_begin_at_home(parameter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if str(parameter.metavar).strip("[]") not in ("PATH", "FILE"):
        assert "path" not in parameter.name
        return
    monkeypatch.setenv("HOME", "/home/jane")
    with WHOLE.make_context("smug2s3", ["sync"], resilient_parsing=True) as context:
        read = parameter.process_value(context, "~/$HOME")
    assert Path(read or settings_file.env_file()) == Path("/home/jane/home/jane")
    settings_file.name(None)


HEAVY = (
    "aiohttp",
    "asyncio",
    "botocore",
    "dask",
    "distributed",
    "email",
    "http",
    "jinja2",
    "pydantic",
    "rich",
    "sqlite3",
    "ssl",
)
"""What takes long to load, by itself or by what it brings along; help must come at once."""


def test_help_loads_nothing_that_only_work_needs() -> None:
    program = (
        "import atexit, sys; sys.argv = ['smug2s3', '--help']; "
        "atexit.register(lambda: print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))); "
        "from smug2s3.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.rpartition("loaded:")[2].split()
    assert "smug2s3" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_a_plain_run_imports_no_packages_of_the_cluster_extra() -> None:
    program = (
        "import sys; import smug2s3.cli.demo, smug2s3.cli.sync, smug2s3.cli.worker, smug2s3.app.sync_runner; "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "botocore" in loaded
    assert not {"dask", "distributed", "cryptography", "msgpack"} & set(loaded)
