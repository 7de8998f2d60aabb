"""In the wrong folder, and before the sign-in, a command says just that, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from smug2s3.cli.check import _show
from smug2s3.cli.main import app
from smug2s3.rules.finding import BAD, Finding

NEEDY = (
    "auth", "plan", "sync", "sync --dry-run", "check", "check --policy", "status", "verify", "verify --offline",
    "verify --source", "report", "report --thumbnails 1", "ls", "find x", "ledger export", "ledger rebuild",
)  # fmt: skip
KEYS = {"SMUGMUG_OAUTH_CONSUMER_KEY": "k", "SMUGMUG_OAUTH_CONSUMER_SECRET": "s", "S3_BUCKET": "photos"}


@pytest.mark.parametrize("command", NEEDY)
def test_in_the_wrong_folder_it_says_so_and_names_it(command: str) -> None:
    ran = CliRunner().invoke(app, command.split())

    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"error: no .env in {Path.cwd()}: is this the folder where you set up smug2s3?")
    assert "`smug2s3 config init`" in ran.stderr
    assert "is missing" not in ran.stderr
    assert list(Path().iterdir()) == []


def test_the_settings_shown_in_the_wrong_folder_say_so_too() -> None:
    shown = CliRunner().invoke(app, ["config", "show"])

    assert f"There is no .env in {Path.cwd()}." in shown.stdout
    assert "`smug2s3 config init`" in shown.stdout


def test_to_sign_in_is_the_next_step_of_check_only_where_smugmug_asks_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A ledger of another account offers the sign-in beside another way, which may be the one that was meant."""
    said = Finding("settings", BAD, "sign in with `smug2s3 auth`")

    _show([("store", said)])
    assert capsys.readouterr().out.endswith("fix what is marked bad first.\n")
    _show([("SmugMug", said)])
    assert capsys.readouterr().out.endswith("Next: smug2s3 auth\n")


def test_without_a_settings_file_on_purpose_the_message_says_what_the_environment_lacks() -> None:
    ran = CliRunner().invoke(app, ["sync"], env=KEYS)

    assert ran.stderr.startswith(f"error: no .env in {Path.cwd()}: is this the folder where you set up smug2s3?\n  - ")
    assert ran.stderr.count(" is missing: ") == 2


@pytest.mark.parametrize("command", ["plan", "sync", "verify --source"])
def test_before_the_sign_in_the_next_step_is_to_sign_in(command: str) -> None:
    Path(".env").write_text("".join(f"{name}={text}\n" for name, text in KEYS.items()))
    Path(".env").chmod(0o600)

    ran = CliRunner().invoke(app, command.split())

    assert ran.exit_code == 2
    assert ran.stderr == "error: not signed in to SmugMug: .env has no credentials yet\nNext: smug2s3 auth\n"


def test_more_than_the_sign_in_is_named_all_at_once() -> None:
    Path(".env").write_text("S3_BUCKET=photos\n")
    Path(".env").chmod(0o600)

    ran = CliRunner().invoke(app, ["sync"])

    assert ran.stderr.count(" is missing: ") == 4
