"""Every command that the documents for users quote is run as it stands there, and ends as they say."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from docs import program_help
from typer.testing import CliRunner

from smug2s3.cli.main import app
from smug2s3.rules.health import Health, State
from smugmug_simulator import Simulator, worlds
from smugmug_simulator.model import User
from smugmug_simulator.world import World
from tests.bench.impatient import COMMAND
from tests.e2e.test_auth import asked, newcomer
from tests.e2e.test_config import OFFLINE
from tests.support.apart import apart
from tests.support.documents import FIRST_HOUR, JSON, METADATA, USER_DOCUMENTS, blocks, commands, part_of, spans
from tests.support.machine import Machine, Ran, machine_for
from tests.support.servers import LocalS3
from tests.support.terminal import terminal

NOT_RUN_HERE = {
    "pip install uv": "installs something",
    "uv tool install .": "installs something",
    "uv run pytest": "it is what runs this",
    "uv run --no-dev --extra demo smug2s3 demo": "tests/e2e/test_demo.py runs it to its end, and breaks it off",
    "smug2s3 demo": "the same",
    "smug2s3 demo --folder /tmp/demo": "the same",
    "cd ~": "only says where",
    "mkdir my-backup": "only says where",
    "cd my-backup": "only says where",
    "cd /home/jane/my-backup": "only says where",
    r"cd /d C:\Users\jane\my-backup": "only says where",
    "cd photos": "only says where",
    "smug2s3 --install-completion": "changes the settings of a shell; tests/e2e/test_completion.py has a bash of its own",
    "smug2s3 --show-completion": "asks which shell it was typed in, and there is none",
    "uv run --group docs sphinx-build -W docs site": "tests/repo/test_site.py builds the site",
    "smug2s3 sync --at 03:00": "runs for ever; tests/integration/test_nights.py has a hundred nights of it",
    "smug2s3 sync --every 6h": "the same",
    "NAME_TEMPLATE='{Date:%Y-%m-%d} {FileName}'": "is a line of .env; tests/unit/rules/test_name_template.py reads it",
    "docker compose up --detach": "needs Docker; tests/repo/test_deploy.py checks the file",
    "docker compose logs --follow": "needs Docker",
    "cp .env deploy/kubernetes/every-night/.env": "only says where",
    "kubectl apply -k deploy/kubernetes/every-night": "needs Kubernetes; tests/repo/test_deploy.py checks what is applied",
    "smug2s3 bucket fix": "asks at a terminal; tests/integration/test_bucket.py answers",
    "smug2s3 bucket create --keep-versions 30d --cheaper-after 90d": "this server has no such rules, and that is a failure; "
    "tests/integration/test_bucket.py runs it",
    "smug2s3 bucket create --cheaper-after 90d --class GLACIER_IR": "the same",
    "aws iam create-user --user-name smug2s3": "another program; tests/programs types it",
    "aws iam put-user-policy --user-name smug2s3 --policy-name smug2s3 --policy-document file://policy.json": "another program; tests/programs types it",
    "aws iam create-access-key --user-name smug2s3": "another program; tests/programs types it",
    "systemctl --user enable --now smug2s3.timer": "needs systemd",
    "loginctl enable-linger": "needs systemd",
    r"schtasks /Create /TN smug2s3 /SC DAILY /ST 03:00 /TR C:\Users\jane\my-backup\backup.cmd": "needs Windows",
    "python -m smugmug_simulator --world tiny": "the demo's servers are started like that: tests/e2e/test_demo.py",
    "docker build -t smug2s3 .": "needs Docker",
    'docker run --rm -it --user "$(id -u):$(id -g)" -v "$PWD:/data" smug2s3 sync': "needs Docker",
    'docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/data" smug2s3 sync': "needs Docker",
    "smug2s3 sync --at 03:00 --health-file health.json": "the same",
    "smug2s3 worker": "needs a scheduler; tests/e2e/test_cluster_tls.py has one",
    "smug2s3 worker tls://scheduler.example:8786": "the same",
    "smug2s3 worker tls://scheduler.example:8786 --certs certs": "the same",
    "smug2s3 get": "needs a folder, as in the other examples",
    "smug2s3 cluster certs": "needs a name, as in the other examples",
    "smug2s3 gallery": "needs a folder, as in the other examples",
    "smug2s3 find": "needs words, as in the other examples",
    "smug2s3 health": "the same",
    "smug2s3 browse": "answers until it is stopped; tests/e2e/test_browse_command.py runs it",
    "smug2s3 browse --no-open --port 8080": "the same",
    "smug2s3 browse --idle 30m": "the same",
    'uv tool install ".[browse]"': "installs something",
    "ssh -L 8080:127.0.0.1:8080 server.example": "another program",
    "aws s3 sync s3://my-photos/smugmug photos": "another program; tests/programs types it",
    'aws s3 sync "s3://my-photos/smugmug/Family/Summer 2019" "Summer 2019"': "another program; tests/programs types it",
    "aws s3api head-object --bucket my-photos --key 'smugmug/Family/Summer 2019/IMG_0001.JPG'": "another program; tests/programs types it",
    "rclone copy myremote:my-photos/smugmug photos": "another program; tests/programs types it",
    'rclone copy "myremote:my-photos/smugmug/Family/Summer 2019" "Summer 2019"': "another program; tests/programs types it",
    'uv tool install ".[cluster]"': "installs something",
    "smug2s3 sync --processes 4": "starts four processes; tests/e2e/test_cluster.py runs two",
    "smug2s3 sync --processes auto": "the same",
    "scp -rp certs .env ada.example:": "another program",
    "scp -rp certs .env bea.example:": "another program",
    "dask scheduler --protocol tls --tls-ca-file certs/ca.pem --tls-cert certs/scheduler.pem --tls-key "
    "certs/scheduler-key.pem --dashboard-address 127.0.0.1:8787": "tests/e2e/test_machines.py starts one like that",
    "smug2s3 worker tls://ada.example:8786 --certs certs": "needs a scheduler; tests/e2e/test_machines.py has one",
    "smug2s3 sync --scheduler tls://ada.example:8786 --certs certs": "the same",
    "cp .env deploy/kubernetes/.env": "only says where",
    "docker build -t registry.example.com/smug2s3:latest .": "needs Docker",
    "docker push registry.example.com/smug2s3:latest": "needs Docker",
    "kubectl apply -k deploy/kubernetes": "needs Kubernetes; tests/repo/test_deploy.py checks what is applied",
    "kubectl --namespace smug2s3 logs --follow job/sync": "needs Kubernetes",
    "kubectl --namespace smug2s3 scale deployment/workers --replicas 16": "needs Kubernetes",
    "sbatch deploy/slurm/smug2s3.sh": "needs Slurm; tests/repo/test_deploy.py checks the script",
    "npm install --global @immich/cli": "installs something; tests/programs types it",
    "immich login https://photos.example.com/api YOUR-KEY": "another program; tests/programs types it",
    "immich upload --recursive --album ~/Pictures": "the same",
    "immich-go upload from-folder --server https://photos.example.com --api-key YOUR-KEY --folder-as-album PATH "
    '--album-path-joiner " / " ~/Pictures': "neither PyPI, npm nor Debian has it; its options were compared with its source",
    "docker compose exec photoprism photoprism index": "needs Docker; neither PyPI, npm nor Debian has PhotoPrism",
    "cp -rp ~/Pictures ~/Embedded": "tests/integration/test_other_programs.py runs it",
    "exiftool -use MWG -r -m -overwrite_original -preserve -tagsfromfile @ -iptc:all -filemodifydate -codedcharacterset=utf8 "
    '-tagsfromfile %d%f.%e.xmp -xmp:all "-MWG:Description<XMP-dc:Description" "-MWG:Keywords<XMP-dc:Subject" '
    '"-IPTC:ObjectName<XMP-dc:Title" "-EXIF:DateTimeOriginal<XMP-exif:DateTimeOriginal" "-GPS:all<XMP-exif:GPS*" '
    '"-GPS:all<Composite:GPS*Ref" -ext jpg -ext jpeg -ext png -ext gif ~/Embedded': "the same",
    "md5sum -c manifest-md5.txt": "another program; tests/integration/test_verify_levels.py runs it",
}
AT_A_TERMINAL = {"smug2s3 auth", "smug2s3 auth --no-open", "smug2s3 --env-file jane.env auth"}
AT_A_TERMINAL |= {"smug2s3 config init", "smug2s3 --env-file jane.env config init"}

EXAMPLES = [example for _, command in program_help.commands() for example in program_help.examples(command)]
QUOTED = list(dict.fromkeys([*(one for document in USER_DOCUMENTS for one in commands(document)), *EXAMPLES]))
RUN = [command for command in QUOTED if command not in NOT_RUN_HERE.keys() | AT_A_TERMINAL]

at_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals")


def account() -> World:
    """The tiny account, with what the documents' filters speak of."""
    world = worlds.tiny()
    world.user = User(nick="demo", name="Robin Example")
    world.add_image(world.add_album("Private letters"), "letter.jpg")
    return world


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """One for all commands."""
    with apart(account()) as there:
        yield there.sim


@pytest.fixture(scope="module")
def computer(sim: Simulator, s3: LocalS3, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A folder with the settings of two accounts and prices of its own in it; each account was copied once."""
    machine = machine_for(sim, s3.new_bucket(), tmp_path_factory.mktemp("readme") / "home")
    (machine.home / "jane.env").write_text(
        (machine.home / ".env").read_text() + "S3_PREFIX=jane\nLEDGER_PATH=jane.db\n"
    )
    (machine.home / "jane.env").chmod(0o600)
    (machine.home / "prices.toml").write_bytes(files("smug2s3").joinpath("prices.toml").read_bytes())
    well = Health(state=State.WAITING, started=datetime.now(UTC), updated=datetime.now(UTC))
    (machine.home / "health.json").write_text(json.dumps(well.document()))
    hers = replace(machine, settings=machine.settings | {"S3_PREFIX": "jane", "LEDGER_PATH": "jane.db"})
    assert [asyncio.run(one.inside.sync()).moved for one in (machine, hers)] == [7, 7]
    return machine


@pytest.mark.parametrize("command", RUN)
def test_every_command_of_the_documents_does_what_it_is_quoted_for(
    command: str, computer: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(computer.home)
    monkeypatch.setenv("HOME", str(computer.home))  # where `get` puts what it gets
    program, *words = shlex.split(command)
    assert program == "smug2s3"
    with without_ledger(computer.home, lost=words[-2:] == ["ledger", "rebuild"]):
        ran = CliRunner().invoke(app, words, prog_name="smug2s3")

    computer.check(Ran(code=ran.exit_code, out=ran.stdout, err=ran.stderr))
    assert ran.exit_code == 0, ran.stderr


SHOWN = [
    "smug2s3 check",
    "smug2s3 verify",
    "smug2s3 verify --deep --sample 5 --certificate certificate.txt",
    "smug2s3 report",
]


@pytest.mark.parametrize("command", SHOWN)
def test_what_the_first_hour_shows_is_what_the_command_prints(
    command: str, computer: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(computer.home)

    ran = CliRunner().invoke(app, shlex.split(command)[1:], prog_name="smug2s3", env={"COLUMNS": "80"})

    assert_shows(block_after(command), ran.output)


def block_after(command: str) -> list[str]:
    """The lines that the first hour shows under a command."""
    found = blocks(FIRST_HOUR)
    place = found.index(("", f"{command}\n"))
    return next(text for language, text in found[place:] if language in ("text", "output")).splitlines()


def assert_shows(lines: list[str], output: str) -> None:
    """All of these lines were printed; of another account there are other numbers, and what is the reader's own is ``…``."""
    lines = [line for line in lines if "…" not in line]
    assert lines
    printed = [numberless(line) for line in output.splitlines()]
    assert [line for line in lines if numberless(line) not in printed] == []


def numberless(line: str) -> str:
    """With every number and amount of bytes as ``#``, so one object reads like many."""
    return re.sub(r"# object\b", "# objects", re.sub(r"\d[\d,.]*( [kMGT]?B)?", "#", line)).rstrip()


def test_the_lines_of_python_read_what_is_in_the_bucket(computer: Machine) -> None:
    assert computer.bucket is not None
    album = computer.bucket.path("smugmug/Family/Summer 2019/_album.json").parent
    captions, metadata = [
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", text], cwd=album, capture_output=True, encoding="utf-8", check=True
        )
        for language, text in blocks(METADATA)
        if language == "python"
    ]

    assert "IMG_0001.JPG The lake smugmug/Family/Summer 2019/IMG_0001.JPG" in captions.stdout.splitlines()
    assert metadata.stdout == "Paris été 2023, in motion\n"


NOT_OF_ONE_ALONE = {"schema", "error", "exit_code"}
DOCUMENTS = {
    "sync": [],
    "status": ["--failed"],
    "plan": ["--items"],
    "get": ["Pictures"],
    "gallery": ["Pictures"],
    "verify": ["--source", "--certificate", "proof.txt"],
}


@pytest.mark.parametrize("command", DOCUMENTS)
def test_a_json_document_has_the_fields_that_the_reference_names_and_no_others(
    command: str, computer: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(computer.home)
    part = part_of(JSON, f"## `{command} --json`")
    named = {field for line in part.splitlines() if line.startswith("| `") for field in spans(line.split(" | ")[0])}

    ran = CliRunner().invoke(app, [command, *DOCUMENTS[command], "--json"])

    assert json.loads(ran.stdout).keys() - NOT_OF_ONE_ALONE == named


@contextmanager
def without_ledger(home: Path, *, lost: bool) -> Iterator[None]:
    """The ledgers are lost, for the commands that are about that; afterwards they are found again."""
    ledgers, kept = [home / "transfer_log.db", home / "jane.db"] if lost else [], home / "kept"
    kept.mkdir(exist_ok=True)
    for ledger in ledgers:
        ledger.rename(kept / ledger.name)
    yield
    for ledger in ledgers:
        (kept / ledger.name).replace(ledger)


@at_a_terminal
@pytest.mark.parametrize("command", sorted(one for one in AT_A_TERMINAL if " auth" in one))
async def test_signing_in_as_quoted_works(command: str, sim: Simulator, tmp_path: Path) -> None:
    home = newcomer(sim, tmp_path / "home").home
    (home / "jane.env").write_text((home / ".env").read_text())

    async with terminal(home, *shlex.split(command)[1:], environment={"BROWSER": "true"}) as at:
        wanted = (await at.sees("&Permissions=Read")).partition("oauth_token=")[2]
        granted = await asked(sim.origin, f"/_simulator/authorize?oauth_token={wanted}")
        if "--no-open" not in command:
            await at.answers(("browser now?", "n"))
        await at.answers(("digit code", granted["verifier"]))
        assert await at.ends() == 0

    said = [line for line in block_after("smug2s3 auth") if line.startswith(("Open this", "Signed in", "Saved the"))]
    assert_shows(said, at.screen.replace("jane.env", ".env"))


@at_a_terminal
@pytest.mark.parametrize("command", sorted(one for one in AT_A_TERMINAL if one.endswith(" init")))
async def test_filling_in_the_settings_as_quoted_works(command: str, tmp_path: Path) -> None:
    key, secret = "example" * 5, "Example" * 9
    store = (("Number", "5"), ("Bucket name", "my-photos"), ("server's address", ""))
    keys = (("Access key", key), ("Secret key", secret))

    async with terminal(tmp_path, *shlex.split(command)[1:], environment=OFFLINE, command=COMMAND) as at:
        await at.answers(("API key", key), ("API secret", secret), *store, *keys)
        if "--env-file" in command:
            await at.answers(("Ledger file", ""))
        await at.answers(("Write these settings?", ""))
        assert await at.ends() == 3  # nobody answers

    if "--env-file" not in command:
        assert_shows(block_after(command), at.screen)


@pytest.mark.parametrize("command", sorted(NOT_RUN_HERE.keys() | AT_A_TERMINAL))
def test_what_is_listed_here_is_still_quoted_there(command: str) -> None:
    assert command in QUOTED
