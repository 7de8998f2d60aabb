"""The Tab key: what shells ask of the command, and a real bash at a terminal."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from smug2s3.cli.ledger import FORMATS
from smug2s3.ledger import schema
from smug2s3.models import Collecting
from smug2s3.reporting.log_file import FORMS
from smug2s3.rules.order import Order
from tests.support.terminal import PATIENCE

BASH = shutil.which("bash")
HERE = Path(sys.executable).parent


def asked(shell: str, *words: str, home: Path | None = None) -> str:
    """In ``home``, what the command answers a shell in which ``words`` were typed, the last of them not to its end."""
    line = " ".join(("smug2s3", *words))
    question = {
        "bash": {"COMP_WORDS": "\n".join(("smug2s3", *words)), "COMP_CWORD": str(len(words))},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    answer = subprocess.run(
        [sys.executable, "-m", "smug2s3"],
        env={**os.environ, **question, "_SMUG2S3_COMPLETE": f"complete_{shell}"},
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stderr == ""
    return answer.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        (("sta",), "status", "verify"),
        (("config", ""), "init", "status"),
        (("--env-file", "jane.env", "veri"), "verify", "sync"),
        (("status", "--fa"), "--failed", "--json"),
    ],
)
def test_commands_and_options_are_offered(shell: str, words: tuple[str, ...], offered: str, not_offered: str) -> None:
    answer = asked(shell, *words)
    assert offered in answer
    assert not_offered not in answer


@pytest.mark.parametrize(
    ("option", "choices"),
    [
        ("ledger export --format", FORMATS),
        ("sync --order", Order),
        ("sync --collected", Collecting),
        ("sync --log-format", FORMS),
    ],
)
def test_the_choices_offered_are_those_there_are(option: str, choices: Iterable[str]) -> None:
    assert asked("bash", *option.split(), "").split() == list(choices)


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """The folder of a move, with two ledgers in it."""
    (tmp_path / ".env").write_text("LEDGER_PATH=mine.db\nnonsense, too\n")
    (tmp_path / "jane.env").write_text("LEDGER_PATH=jane.db\n")
    for name, albums in (("mine.db", ("Family/Summer 2019", "Letters")), ("jane.db", ("Horses",))):
        with closing(sqlite3.connect(tmp_path / name)) as ledger:
            schema.prepare(ledger)
            ledger.executemany(
                "INSERT INTO albums (album_key, path, directory) VALUES (?, ?, ?)",
                [(path, path, "") for path in albums],
            )
            ledger.commit()
    return tmp_path


def test_albums_and_folders_are_offered_as_the_ledger_knows_them(moved: Path) -> None:
    before = sorted(moved.iterdir())

    assert asked("bash", "sync", "--album", "", home=moved).splitlines() == [
        "Letters", r"Summer\ 2019", r"Family/Summer\ 2019",
    ]  # fmt: skip
    assert asked("bash", "plan", "--exclude-album", r"Summer\ 2", home=moved) == "Summer\\ 2019\n"
    assert asked("bash", "sync", "--album", '"Summer 2', home=moved) == "Summer 2019\n"
    assert asked("fish", "sync", "--folder", "F", home=moved) == "Family\n"
    assert '"Letters"' in asked("zsh", "--env-file", ".env", "sync", "--exclude-album", "Le", home=moved)
    assert asked("bash", "--env-file", "jane.env", "sync", "--album", "", home=moved) == "Horses\n"
    assert sorted(moved.iterdir()) == before


@pytest.mark.parametrize("found", ["nothing", "not a smug2s3 ledger", "another's", "locked", "a folder", "no text"])
def test_where_no_ledger_can_be_read_nothing_is_offered_and_nothing_said(found: str, tmp_path: Path) -> None:
    ledger = tmp_path / "transfer_log.db"
    with closing(sqlite3.connect(ledger if found in ("another's", "locked") else ":memory:")) as other:
        other.execute("CREATE TABLE albums (path)")
        other.commit()
        if found == "locked":
            other.execute("BEGIN EXCLUSIVE")
        if found == "not a smug2s3 ledger":
            ledger.write_text("dear diary" * 1000)
        if found == "a folder":
            ledger.mkdir()
        if found == "no text":
            (tmp_path / ".env").write_bytes(b"\xff\xfe\xff")
        before = sorted(tmp_path.iterdir())

        assert asked("bash", "sync", "--album", "", home=tmp_path).strip() == ""

        assert sorted(tmp_path.iterdir()) == before


def test_where_a_file_is_asked_for_the_shell_offers_its_own() -> None:
    assert asked("bash", "--env-file", "").strip() == ""
    assert asked("zsh", "--env-file", "").strip() == "_files"


@pytest.fixture
def shell_environment(tmp_path: Path) -> dict[str, str]:
    """What a bash knows in whose home the completion was installed."""
    known = {"HOME": str(tmp_path), "PATH": f"{HERE}:{os.environ['PATH']}", "PS1": "$ ", "TERM": "dumb"}
    environment = {**os.environ, **known}
    subprocess.run([str(BASH), "-c", "smug2s3 --install-completion; exit $?"], env=environment, check=True)
    return environment


@pytest.mark.skipif(BASH is None or sys.platform == "win32", reason="there is no bash at a terminal")
async def test_a_bash_completes_after_it_was_installed(shell_environment: dict[str, str], moved: Path) -> None:
    import pty

    controller, own = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        str(BASH),
        "--noprofile",
        "-i",
        cwd=moved,
        env=shell_environment,
        stdin=own,
        stdout=own,
        stderr=own,
        start_new_session=True,
    )
    os.close(own)
    try:
        os.write(controller, b'smug2s3 config ini\t--he\t\nsmug2s3 plan --album Summ\t --folder "Fam\t --help\n')
        said = ""
        while said.count("Examples:") < 2:
            piece = await asyncio.wait_for(asyncio.to_thread(os.read, controller, 4096), PATIENCE)
            said += piece.decode(errors="replace")
    finally:
        process.kill()
        await process.wait()
        os.close(controller)
    assert "smug2s3 config init --help" in said
    assert r"smug2s3 plan --album Summer\ 2019 " in said
