"""`config show`: values, where they come from, what is missing; no secret, and nothing that betrays its length."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from smug2s3.cli.config import NEEDS, settings_text
from smug2s3.cli.main import app
from smug2s3.env_file import gathered
from smug2s3.settings import VARIABLES
from tests.support.ledgers import File, Told, lay

SECRETS = [variable.name for variable in VARIABLES.values() if variable.secret]


def shown(**environment: str) -> str:
    return settings_text(".env", gathered(Path(".env"), environment))


def line(name: str, **environment: str) -> list[str]:
    (found,) = (row for row in shown(**environment).splitlines() if row.startswith(f"{name} "))
    return re.split(r"\s{2,}", found)


def test_every_setting_has_a_line_with_its_value_and_its_source() -> None:
    Path(".env").write_text("S3_BUCKET=my-photos\nS3_REGION=eu-west-1\n")
    assert line("S3_BUCKET") == ["S3_BUCKET", "my-photos", ".env"]
    assert line("S3_REGION", S3_REGION="us-west-2") == ["S3_REGION", "us-west-2", "environment"]
    assert line("S3_PREFIX") == ["S3_PREFIX", "smugmug/", "default"]
    assert line("SMUGMUG_USER") == ["SMUGMUG_USER", "-", "not set"]
    assert line("BATCH_SIZE", BATCH_SIZE="many")[3].startswith("must be a whole number")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_looks_the_same_whatever_it_is(name: str) -> None:
    short, long = (shown(**{name: secret}) for secret in ("abc", "abcdefgh" * 20))
    assert short == long
    assert line(name, **{name: "abc"})[1] == "(hidden)"


def test_a_password_in_an_address_is_a_secret() -> None:
    text = shown(S3_ENDPOINT_URL="https://jane:hush@s3.example")
    assert "hush" not in text
    assert "https://(hidden)@s3.example" in text


def test_names_cannot_drive_the_terminal() -> None:
    assert "\x1b" not in shown(S3_PREFIX="a\x1b[2Jb")


def test_a_malformed_setting_is_exit_code_2_and_everything_else_is_none() -> None:
    assert CliRunner().invoke(app, ["config", "show"]).exit_code == 0
    ran = CliRunner().invoke(app, ["config", "show"], env={"BATCH_SIZE": "many"})
    assert ran.exit_code == 2
    assert "status, ls, find, report, verify --offline, ledger export: fix the settings marked above first" in " ".join(
        ran.stdout.split()
    )


def test_a_ledger_of_another_place_is_named_and_nothing_that_needs_it_is_called_ready(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    asyncio.run(lay(path, [Told(path="Garden", files=(File(name="rose.jpg"),))]))
    place = {"LEDGER_PATH": str(path), "S3_BUCKET": "photos", "S3_ENDPOINT_URL": "https://s3.example"}

    right, wrong = shown(**place), shown(**place | {"S3_PREFIX": "smugmgu"})

    assert "is for" not in right
    assert "verify, browse, get, gallery, check --policy, report --thumbnails N, ledger rebuild: ready" in " ".join(
        right.split()
    )
    flat = " ".join(wrong.split())
    assert "ledger rebuild: fix the ledger problem below first" in flat
    assert "status, ls, find, report, verify --offline, ledger export: ready" in flat
    assert f"the ledger {path} is for prefix 'smugmug/', not 'smugmgu/'." in flat
    assert "set S3_PREFIX back to 'smugmug/'." in flat
    document = json.loads(
        CliRunner().invoke(app, ["config", "show", "--json"], env=place | {"S3_BUCKET": "other"}).stdout
    )
    assert document["ledger_problem"].startswith(f"the ledger {path} is for bucket 'photos', not 'other'.")
    status = json.loads(CliRunner().invoke(app, ["status", "--json"], env=place | {"S3_BUCKET": "other"}).stdout)
    assert (status["next"]["command"], "S3_BUCKET back to 'photos'" in status["next"]["why"]) == ("", True)


def test_the_document_says_the_same() -> None:
    ran = CliRunner().invoke(app, ["config", "show", "--json"], env={"S3_BUCKET": "photos", "S3_SECRET_KEY": "hush"})
    document = json.loads(ran.stdout)
    settings = {one["name"]: one for one in document["settings"]}
    assert document["file"] == ".env"
    assert list(settings) == [variable.name for variable in VARIABLES.values()]
    assert settings["S3_BUCKET"].items() >= {"value": "photos", "source": "environment", "problem": ""}.items()
    assert settings["S3_SECRET_KEY"].items() >= {"value": None, "set": True, "secret": True}.items()
    assert settings["S3_ACCESS_KEY"].items() >= {"value": None, "set": False, "source": "not set"}.items()
    lacking = {command: one["missing"] for one in document["commands"] for command in one["commands"]}
    assert lacking["verify"] == ["S3_ACCESS_KEY"]
    assert "hush" not in ran.stdout


@pytest.mark.parametrize("command", ["check", "sync", "verify", "plan", "auth", "config show", "config show --json"])
def test_a_name_that_is_nearly_right_is_reported_by_every_command_that_reads_the_file(command: str) -> None:
    Path(".env").write_text("S3_BUKET=hush\n")

    ran = CliRunner().invoke(app, command.split())

    assert ".env has the unknown setting S3_BUKET: did you mean S3_BUCKET?" in ran.output
    assert "hush" not in ran.output


@pytest.mark.parametrize(
    ("command", "needs"),
    [pytest.param(command, needs, id=command) for commands, needs in NEEDS for command in commands],
)
def test_what_is_said_to_be_missing_is_what_the_command_itself_misses(command: str, needs: frozenset[str]) -> None:
    Path(".env").touch()
    (lacking,) = (
        one["missing"]
        for one in json.loads(CliRunner().invoke(app, ["config", "show", "--json"]).stdout)["commands"]
        if command in one["commands"]
    )

    typed = {"worker": "worker tls://host", "get": "get Pictures", "gallery": "gallery Pictures"}.get(
        command, command.replace(" N", " 1")
    )
    ran = CliRunner().invoke(app, typed.split())

    assert re.findall(r"- (\w+) is missing", ran.stderr) == lacking
    assert bool(lacking) == bool(needs)
