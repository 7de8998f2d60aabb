"""A call that makes no sense is refused in the style of every other error: what is wrong, and what to do."""

from __future__ import annotations

import json

import pytest
import typer.testing

from smug2s3.cli import entry_point
from smug2s3.cli.help_formatter import refusal_words
from smug2s3.cli.main import app

CALLS = {
    "an unknown command": (["snyc"], "error: no such command 'snyc'", "hint: Did you mean 'sync'?"),
    "an unknown option": (["sync", "--folde", "x"], "error: no such option: --folde", "hint: Did you mean --f"),
    "no number": (
        ["verify", "--sample", "x"],
        "error: invalid value for '--sample': it must be a valid number",
        "hint: Run `smug2s3 verify --help` to see what it takes.",
    ),
    "too much": (
        ["report", "--thumbnails", "101"],
        "error: invalid value for '--thumbnails': it must be less than or equal to 100",
        "hint: Run `smug2s3 report --help` to see what it takes.",
    ),
    "one argument too many": (
        ["status", "x"],
        "error: got unexpected extra argument (x)",
        "hint: Run `smug2s3 status --help` to see what it takes.",
    ),
    "a group's unknown command": (
        ["ledger", "exprt"],
        "error: no such command 'exprt'",
        "hint: Did you mean 'export'?",
    ),
}


@pytest.mark.parametrize(("call", "error", "hint"), CALLS.values(), ids=CALLS)
def test_a_refusal_is_an_error_and_a_hint(call: list[str], error: str, hint: str) -> None:
    ran = typer.testing.CliRunner().invoke(app, call, prog_name="smug2s3")
    assert ran.exit_code == 2
    first, second = ran.stderr.splitlines()
    assert first == error
    assert second.startswith(hint)


def test_no_command_at_all_is_answered_with_the_help() -> None:
    ran = typer.testing.CliRunner().invoke(app, [], prog_name="smug2s3")
    assert ran.exit_code == 2
    assert "error:" not in ran.stderr
    assert "Set up:" in ran.output


def test_programs_get_the_same_sentence_and_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        entry_point.run(["sync", "--nonsense", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said == {"schema": 1, "error": "no such option: --nonsense", "exit_code": 2}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Missing command.", ("missing command", "")),
        ("No such command 'x'.", ("no such command 'x'", "")),
        ("No such command 'x'. Did you mean 'y'?", ("no such command 'x'", "Did you mean 'y'?")),
        ("No such option: --x (Possible options: --y, --z)", ("no such option: --x", "Did you mean --y or --z?")),
        ("No such option: --x Did you mean --y?", ("no such option: --x", "Did you mean --y?")),
    ],
)
def test_what_was_meant_is_the_hint(message: str, words: tuple[str, str]) -> None:
    assert refusal_words(message) == words
