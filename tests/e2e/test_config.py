"""Settings are asked for at a terminal, and several accounts live side by side, each with a file of its own."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values
from typer.testing import CliRunner

from smug2s3.cli.main import app
from smugmug_simulator import Simulator, worlds
from tests.e2e.test_auth import newcomer, sign_in
from tests.support.bucket import Bucket
from tests.support.machine import Machine, machine_for
from tests.support.terminal import terminal

at_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals")

KEY = (("The key", "hush-key"), ("The secret", "hush-secret"))
STORE_KEY = (("The access key", "hush-access"), ("The secret key", "hush-store"))
B2 = (("A number", "2"), ("bucket's name", "my-photos"), ("region or endpoint", "us-west-004"))


def values(path: Path) -> dict[str, str | None]:
    return dict(dotenv_values(path, interpolate=False))


@at_a_terminal
async def test_a_newcomer_is_asked_and_the_answers_are_kept_for_him_alone(tmp_path: Path) -> None:
    async with terminal(tmp_path, "config", "init") as at:
        await at.answers(*KEY, *B2, *STORE_KEY, ("Write it? [Y/n]", ""))
        assert await at.ends() == 0

    env = tmp_path / ".env"
    assert values(env) == {
        "SMUGMUG_OAUTH_CONSUMER_KEY": "hush-key",
        "SMUGMUG_OAUTH_CONSUMER_SECRET": "hush-secret",
        "S3_BUCKET": "my-photos",
        "S3_ENDPOINT_URL": "https://s3.us-west-004.backblazeb2.com",
        "S3_REGION": "us-west-004",
        "S3_ACCESS_KEY": "hush-access",
        "S3_SECRET_KEY": "hush-store",
    }
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [env]
    assert "hush" not in at.screen
    assert at.screen.rstrip().endswith("Next: smug2s3 auth")


@at_a_terminal
async def test_a_wrong_answer_is_asked_for_again_at_once(tmp_path: Path) -> None:
    async with terminal(tmp_path, "config", "init") as at:
        await at.answers(*KEY, ("A number", "8"), ("from 0 to 7", ""), ("A number", "6"))
        await at.answers(("whole path", "photos"), ("must be a folder by its whole path", str(tmp_path / "photos")))
        await at.sees("There is no such folder")
        (tmp_path / "photos").mkdir()
        await at.answers(("must exist", str(tmp_path / "photos")), ("Write it?", "y"))
        assert await at.ends() == 0

    found = values(tmp_path / ".env")
    assert (found["S3_ENDPOINT_URL"], found["S3_BUCKET"]) == (tmp_path.as_uri(), "photos")
    assert "S3_ACCESS_KEY" not in found


@at_a_terminal
async def test_what_is_there_is_kept_and_replaced_only_where_that_is_agreed_to(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    before = (
        "# mine\nSMUGMUG_OAUTH_CONSUMER_KEY=hush-old\nSMUGMUG_OAUTH_CONSUMER_SECRET=hush-older\n"
        "SMUGMUG_OAUTH_TOKEN=hush-token\nS3_BUCKET=former\nS3_REGION=eu-west-1\nEXTRA='a b'  # kept\n"
    )
    env.write_text(before)
    store = (("A number [1]", ""), ("name [former]", "newer-one"), ("region [eu-west-1]", ""), ("The access key", "-"))
    for agreed in ("", "y"):
        async with terminal(tmp_path, "config", "init", environment={"S3_REGION": "us-west-2"}) as at:
            await at.answers(("The key", ""), ("The secret", ""), *store)
            await at.answers(("S3_BUCKET: newer-one, instead of former\nReplace what is there? [y/N]", agreed))
            assert await at.ends() == 0
        assert env.read_text() == (before.replace("former", "'newer-one'") if agreed else before)
        assert "hush" not in at.screen
    assert "note: the environment has other values for S3_REGION" in at.screen
    assert at.screen.rstrip().endswith("Next: smug2s3 check")


@at_a_terminal
async def test_the_store_may_be_decided_on_later(tmp_path: Path) -> None:
    async with terminal(tmp_path, "config", "init") as at:
        await at.answers(*KEY, ("A number", "0"), ("Write it?", ""))
        assert await at.ends() == 0

    assert list(values(tmp_path / ".env")) == ["SMUGMUG_OAUTH_CONSUMER_KEY", "SMUGMUG_OAUTH_CONSUMER_SECRET"]


@at_a_terminal
async def test_ctrl_c_writes_nothing(tmp_path: Path) -> None:
    async with terminal(tmp_path, "config", "init") as at:
        await at.answers(*KEY)
        await at.sees("A number: ")
        assert await at.interrupts() == 130

    assert "Nothing was written." in at.screen
    assert list(tmp_path.iterdir()) == []


@at_a_terminal
async def test_a_file_of_another_name_gets_a_ledger_of_its_own(tmp_path: Path) -> None:
    async with terminal(tmp_path, "--env-file", "jane.env", "config", "init") as at:
        await at.answers(*KEY, *B2, *STORE_KEY, ("name of that file [jane.db]", ""), ("Write it?", ""))
        assert await at.ends() == 0

    assert values(tmp_path / "jane.env")["LEDGER_PATH"] == "jane.db"
    assert at.screen.rstrip().endswith("Next: smug2s3 --env-file jane.env auth")


async def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    ran = await Machine(tmp_path, {}).run("config", "init", typed="a\nb\n")

    assert (ran.code, ran.out) == (2, "")
    assert "it needs a terminal" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        "auth", "sync", "plan", "check", "status", "verify", "ledger export", "ledger rebuild", "config show",
    ],
)  # fmt: skip
def test_a_named_file_that_is_not_there_is_a_mistake(command: str, tmp_path: Path) -> None:
    for path in ("missing.env", str(tmp_path)):
        ran = CliRunner().invoke(app, ["--env-file", path, *command.split()])

        assert ran.exit_code == 2
        assert f"error: there is no settings file {path}\n" in ran.stderr
        assert "hint: " in ran.stderr


async def test_two_accounts_in_one_folder_do_not_meet(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as hers, Simulator(worlds.flat(1, 3, 100)) as his:
        both = [machine_for(sim, bucket, tmp_path / "home") for sim in (hers, his)]
        for machine, name in zip(both, ("jane", "john"), strict=True):
            machine.write_env(S3_PREFIX=name, LEDGER_PATH=f"{name}.db")
            (machine.home / ".env").rename(machine.home / f"{name}.env")

        moved = [
            (await machine.run("--env-file", f"{name}.env", "sync", "--json")).json["moved"]
            for machine, name in zip(both, ("jane", "john"), strict=True)
        ]

    assert moved == [6, 3]
    assert {key.partition("/")[0] for key in bucket.files()} == {"jane", "john"}
    assert sorted(path.name for path in both[0].home.iterdir()) == ["jane.db", "jane.env", "john.db", "john.env"]


async def test_everything_of_an_account_lies_beside_its_file_wherever_one_stands(
    machine: Machine, tmp_path: Path
) -> None:
    elsewhere = Machine(tmp_path / "elsewhere", {})
    elsewhere.home.mkdir()
    env = str(machine.home / ".env")

    synced = await elsewhere.run("--env-file", env, "sync")
    assert synced.code == 0
    ran = await elsewhere.run("--env-file", env, "status")

    assert (ran.code, f"Next: smug2s3 --env-file {env} verify\n" in ran.out) == (0, True)
    assert synced.out.endswith(f"Next: smug2s3 --env-file {env} verify\n")
    assert list(elsewhere.home.iterdir()) == []
    assert (machine.home / "transfer_log.db").exists()


async def test_auth_keeps_the_access_in_the_file_that_was_named(tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        fresh = newcomer(sim, tmp_path / "home")
        (fresh.home / ".env").rename(fresh.home / "jane.env")

        ran = await sign_in(fresh, command=("-m", "smug2s3", "--env-file", "jane.env", "auth", "--no-open"))

    assert ran.code == 0, ran.err
    assert "The access is kept in jane.env" in ran.err
    assert values(fresh.home / "jane.env")["SMUGMUG_OAUTH_TOKEN"]
    assert [path.name for path in fresh.home.iterdir()] == ["jane.env"]
