"""Every command and every option explains itself, and every setting is written down for the user."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from smug2s3.cli.main import app
from smug2s3.settings import VARIABLES

ROOT = Path(__file__).parents[2]
COMMANDS = {
    command.name or command.callback.__name__: command for command in app.registered_commands if command.callback
}
PARAMETERS = [
    pytest.param(parameter, id=f"{name} {parameter.name}")
    for name, command in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
    for parameter in command.params
    if parameter.name != "help"
]
SETTINGS = [variable.name for variable in VARIABLES.values()]


def test_the_commands_promised_are_there() -> None:
    assert {"auth", "sync", "verify", "demo"} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_gives_an_example(name: str) -> None:
    said = COMMANDS[name].callback.__doc__ or ""
    assert said.partition("\n")[0].endswith(".")
    assert f"Example: smug2s3 {name}" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_the_example_as_it_is_written(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"})
    assert shown.exit_code == 0
    assert f"Example: smug2s3 {name}" in " ".join(shown.output.split())


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_option_says_what_it_does(parameter: object) -> None:
    said = getattr(parameter, "help", None)
    assert said
    assert said.endswith(".")


@pytest.mark.parametrize("variable", SETTINGS)
@pytest.mark.parametrize("document", [".env.example", "README.md"])
def test_every_setting_is_written_down_where_users_look(document: str, variable: str) -> None:
    assert variable in (ROOT / document).read_text(encoding="utf-8")


def test_the_example_file_sets_nothing_that_is_no_setting() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line and line.lstrip("# ")[:1].isupper()}
    assert {name for name in named if name.isupper() and " " not in name} <= set(SETTINGS)
