"""Settings are asked for at a terminal, and several accounts live side by side, each with a file of its own."""

from __future__ import annotations

import re
import socket
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dotenv import dotenv_values
from typer.testing import CliRunner

from smug2s3.cli.main import app
from smugmug_simulator import Simulator, worlds
from smugmug_simulator.oauth import Consumer
from tests.bench.impatient import COMMAND
from tests.e2e.test_auth import newcomer, sign_in
from tests.support.bucket import Bucket
from tests.support.machine import Machine, machine_for
from tests.support.servers import LocalS3
from tests.support.terminal import Terminal, terminal
from tests.support.tty import SEQUENCE

at_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals")

KEY, SECRET = "hush9Fw2hKqXr7LmNpTz4VbCd8Gj1Yt-key", "hush7dK3m" * 7
SMUGMUG = (("API key", KEY), ("API secret", SECRET))
STORE_KEY = (("Access key", "hush-access"), ("Secret key", "hush-store"))
NOBODY = "http://127.0.0.1:9"
MINIO = (("Number", "5"), ("Bucket name", "my-photos"), ("server's address", NOBODY))
OFFLINE = {"SMUGMUG_API_ORIGIN": NOBODY}


def values(path: Path) -> dict[str, str | None]:
    return dict(dotenv_values(path, interpolate=False))


def read(at: Terminal) -> str:
    """What stands there, without its colours."""
    return SEQUENCE.sub("", at.screen)


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """A SmugMug that knows the key which these newcomers type."""
    async with Simulator(worlds.tiny()) as sim:
        sim.state.keyring.consumers[KEY] = Consumer(SECRET)
        yield sim


@at_a_terminal
async def test_a_new_user_is_asked_and_sees_whether_it_works_and_only_they_can_read_the_answers(
    sim: Simulator, bucket: Bucket, tmp_path: Path
) -> None:
    address = bucket.server.endpoint.removeprefix("http://") + f"/{bucket.name}"
    store = (("Number", "5"), ("Bucket name", bucket.name), ("server's address", address))
    keys = (("Access key", bucket.server.access_key), ("Secret key", bucket.server.secret_key))
    async with terminal(tmp_path, "config", "init", environment={"SMUGMUG_API_ORIGIN": sim.origin}) as at:
        await at.answers(*SMUGMUG, *store, *keys, ("Write these settings? [Y/n]", ""))
        assert await at.ends() == 0

    env = tmp_path / ".env"
    assert values(env) == {
        "SMUGMUG_OAUTH_CONSUMER_KEY": KEY,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": SECRET,
        "S3_BUCKET": bucket.name,
        "S3_ENDPOINT_URL": bucket.server.endpoint,
        "S3_ACCESS_KEY": bucket.server.access_key,
        "S3_SECRET_KEY": bucket.server.secret_key,
    }
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [env]
    assert "hush" not in at.screen
    assert bucket.server.secret_key not in at.screen
    assert "63 characters, ending in dK3m\n" in at.screen
    assert f"using {bucket.server.endpoint}\n" in at.screen
    assert re.search(r"SmugMug +ok +API key", read(at))
    assert re.search(r"storage +ok +multipart", read(at))
    assert bucket.files() == {}
    assert at.screen.rstrip().endswith("Next: smug2s3 auth")


@at_a_terminal
async def test_a_test_that_fails_loses_no_answer_and_says_what_to_do(sim: Simulator, tmp_path: Path) -> None:
    sim.state.keyring.consumers[KEY] = Consumer("another secret")
    async with terminal(
        tmp_path, "config", "init", environment={"SMUGMUG_API_ORIGIN": sim.origin}, command=COMMAND
    ) as at:
        await at.answers(*SMUGMUG, *MINIO, *STORE_KEY, ("Write these settings?", ""))
        assert await at.ends() == 3

    assert values(tmp_path / ".env")["S3_SECRET_KEY"] == "hush-store"
    assert re.search(r"SmugMug +bad +API key", read(at))
    assert re.search(r"storage +bad +bucket", read(at))
    assert "the API key's secret is wrong" in at.screen
    assert "Your answers are saved in .env" in at.screen
    assert "with `smug2s3 config init`" in at.screen


@at_a_terminal
async def test_a_bucket_that_does_not_exist_is_created_if_that_is_agreed_to(
    sim: Simulator, s3: LocalS3, tmp_path: Path
) -> None:
    """Whoever says no sees what is wrong; whoever says yes has a bucket that passes the test."""
    name, address = f"made-{tmp_path.parent.name}", s3.server.endpoint
    store = (("Number", "5"), ("Bucket name", name), ("server's address", address))
    keys = (("Access key", s3.server.access_key), ("Secret key", s3.server.secret_key))
    environment = {"SMUGMUG_API_ORIGIN": sim.origin}
    async with terminal(tmp_path, "config", "init", environment=environment) as at:
        await at.answers(*SMUGMUG, *store, *keys, ("Write these settings?", ""), ("Create it now", "n"))
        assert await at.ends() == 4
    assert f"The bucket {name} does not exist yet." in at.screen
    assert not (s3.root / name).exists()

    kept = [(question, "") for question, _ in (*SMUGMUG, *store, *keys)]
    async with terminal(tmp_path, "config", "init", environment=environment) as at:
        await at.answers(*kept, ("Create it now", ""))
        assert await at.ends() == 0
    assert f"Created bucket {name} at {address}." in at.screen
    assert re.search(r"storage +ok +multipart", read(at))
    assert (s3.root / name).is_dir()


@at_a_terminal
async def test_ctrl_c_amid_the_test_loses_no_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with terminal(tmp_path, "config", "init", environment={"SMUGMUG_API_ORIGIN": origin}) as at:
            await at.answers(*SMUGMUG, *MINIO, *STORE_KEY, ("Write these settings?", ""))
            await at.sees("Testing what can be tested so far")
            assert await at.interrupts() == 130

    assert values(tmp_path / ".env")["S3_SECRET_KEY"] == "hush-store"


@at_a_terminal
async def test_a_wrong_answer_is_asked_for_again_at_once(tmp_path: Path) -> None:
    async with terminal(tmp_path, "config", "init", environment=OFFLINE, command=COMMAND) as at:
        await at.answers(("API key", f"SMUGMUG_OAUTH_CONSUMER_KEY={KEY}"))
        for complaint, answer in (
            ("That is a whole line", f"'{KEY}'"),
            ("quotation marks", f"{KEY[:9]} {KEY[9:]}"),
            ("contains spaces", "abc"),
            ("only 3 characters", "https://api.smugmug.com/"),
            ("That is an address", "\x1b[A\x1b[B"),
            ("control characters", f"\x1b[200~{KEY}\x1b[201~"),
        ):
            await at.sees(complaint)
            await at.answers(("API key", answer))
        await at.answers(("API secret", KEY))
        await at.sees("This is the key again")
        await at.answers(("API secret", SECRET))
        await at.answers(("Number", "8"), ("from 0 to 7", ""), ("Number", "6"))
        await at.answers(("full path", "photos"), ("must be the full path of a folder", str(tmp_path / "photos")))
        await at.sees("There is no such folder")
        (tmp_path / "photos").mkdir()
        await at.answers(("must exist", str(tmp_path / "photos")), ("Write these settings?", "y"))
        assert await at.ends() == 3

    found = values(tmp_path / ".env")
    assert (found["SMUGMUG_OAUTH_CONSUMER_KEY"], found["SMUGMUG_OAUTH_CONSUMER_SECRET"]) == (KEY, SECRET)
    assert (found["S3_ENDPOINT_URL"], found["S3_BUCKET"]) == (tmp_path.as_uri(), "photos")
    assert "S3_ACCESS_KEY" not in found
    assert re.search(r"storage +ok", read(at))


@at_a_terminal
async def test_what_is_there_is_kept_and_replaced_only_where_that_is_agreed_to(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    before = (
        "# mine\nSMUGMUG_OAUTH_CONSUMER_KEY=hush-old\nSMUGMUG_OAUTH_CONSUMER_SECRET=hush-older\n"
        f"SMUGMUG_OAUTH_TOKEN=hush-token\nSMUGMUG_OAUTH_TOKEN_SECRET=hush-too\nS3_BUCKET=former\nS3_ENDPOINT_URL='{NOBODY}'\nEXTRA='a b'  # kept\n"
        "S3_ACCESS_KEY=hush-access\nS3_SECRET_KEY='hush store'\n"
    )
    env.write_text(before)
    store = (("Number [5]", ""), ("Bucket name [former]", "newer-one"), (f"address [{NOBODY}]", ""))
    for agreed in ("", "y"):
        async with terminal(
            tmp_path, "config", "init", environment=OFFLINE | {"S3_BUCKET": "another"}, command=COMMAND
        ) as at:
            await at.answers(("API key", ""), ("API secret", ""), *store, ("Access key", ""), ("Secret key", ""))
            await at.answers(("S3_BUCKET: newer-one, instead of former\nReplace these values? [y/N]", agreed))
            assert await at.ends() == (3 if agreed else 0)
        assert env.read_text() == (before.replace("=former", "='newer-one'") if agreed else before)
        assert "hush" not in at.screen
    assert "note: the environment has other values for S3_BUCKET" in at.screen


@at_a_terminal
async def test_the_store_may_be_decided_on_later(sim: Simulator, tmp_path: Path) -> None:
    async with terminal(tmp_path, "config", "init", environment={"SMUGMUG_API_ORIGIN": sim.origin}) as at:
        await at.answers(*SMUGMUG, ("Number", "0"), ("Write these settings?", ""))
        assert await at.ends() == 0

    assert list(values(tmp_path / ".env")) == ["SMUGMUG_OAUTH_CONSUMER_KEY", "SMUGMUG_OAUTH_CONSUMER_SECRET"]
    assert "storage" not in at.screen.partition("Testing")[2]
    assert at.screen.rstrip().endswith("Next: smug2s3 auth")


@at_a_terminal
async def test_for_another_place_a_new_ledger_is_offered(machine: Machine, s3: LocalS3) -> None:
    env = machine.home / ".env"
    assert (await machine.inside.sync()).moved == 6
    assert machine.bucket is not None
    another = s3.new_bucket().name
    same = (("API key", ""), ("API secret", ""), ("Number [5]", ""))
    rest = (("server's address", ""), ("Access key", ""), ("Secret key", ""))

    async with terminal(machine.home, "config", "init") as at:
        await at.answers(*same, ("Bucket name", another), *rest)
        await at.answers(
            ("Use a new ledger for this destination, transfer_log-2.db? [Y/n]", ""), ("Replace these", "y")
        )
        assert await at.ends() == 0
    assert (
        f"the ledger transfer_log.db is for bucket '{machine.bucket.name}', not '{another}'. A ledger is for one destination only."
        in at.screen
    )
    assert values(env)["LEDGER_PATH"] == "transfer_log-2.db"
    assert at.screen.rstrip().endswith("Next: smug2s3 plan")

    async with terminal(machine.home, "config", "init") as at:
        await at.answers(*same, ("Bucket name", ""), *rest)
        assert await at.ends() == 0
    assert "has these settings already" in at.screen


@at_a_terminal
@pytest.mark.parametrize("keys", ["", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
async def test_an_interrupted_wizard_writes_nothing(keys: str, tmp_path: Path) -> None:
    async with terminal(tmp_path, "config", "init") as at:
        await at.answers(*SMUGMUG)
        await at.sees("Number: ")
        if keys:
            at.types(keys)
        assert await (at.ends() if keys else at.interrupts()) == 130

    assert "Nothing was written." in at.screen
    assert list(tmp_path.iterdir()) == []


@at_a_terminal
async def test_a_file_of_another_name_gets_a_ledger_of_its_own(tmp_path: Path) -> None:
    async with terminal(
        tmp_path, "--env-file", "jane.env", "config", "init", environment=OFFLINE, command=COMMAND
    ) as at:
        await at.answers(*SMUGMUG, *MINIO, *STORE_KEY, ("Ledger file [jane.db]", ""), ("Write these settings?", ""))
        assert await at.ends() == 3

    assert values(tmp_path / "jane.env")["LEDGER_PATH"] == "jane.db"
    assert "test again later with `smug2s3 --env-file jane.env check`" in " ".join(at.screen.split())


async def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    ran = await Machine(tmp_path, {}).run("config", "init", typed="a\nb\n")

    assert (ran.code, ran.out) == (2, "")
    assert "it needs a terminal" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        "auth", "sync", "plan", "check", "status", "verify", "ls", "find x", "ledger export", "ledger rebuild", "config show",
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


async def test_everything_of_an_account_is_beside_its_file_whatever_the_current_folder(
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
    assert "Saved the credentials in jane.env" in ran.err
    assert values(fresh.home / "jane.env")["SMUGMUG_OAUTH_TOKEN"]
    assert [path.name for path in fresh.home.iterdir()] == ["jane.env"]
