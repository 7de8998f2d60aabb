"""The Tab key: what shells ask of the command, and a real bash at a terminal."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smug2s3.cli.ledger import FORMATS
from tests.support.terminal import PATIENCE

BASH = shutil.which("bash")
HERE = Path(sys.executable).parent


def asked(shell: str, *words: str) -> str:
    """What the command answers a shell in which ``words`` were typed, the last of them not to its end."""
    line = " ".join(("smug2s3", *words))
    question = {
        "bash": {"COMP_WORDS": "\n".join(("smug2s3", *words)), "COMP_CWORD": str(len(words))},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    answer = subprocess.run(
        [sys.executable, "-m", "smug2s3"],
        env={**os.environ, **question, "_SMUG2S3_COMPLETE": f"complete_{shell}"},
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


def test_the_formats_offered_are_those_there_are() -> None:
    assert asked("bash", "ledger", "export", "--format", "").split() == list(FORMATS)


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
async def test_a_bash_completes_after_it_was_installed(shell_environment: dict[str, str]) -> None:
    import pty

    controller, own = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        str(BASH), "--noprofile", "-i", env=shell_environment, stdin=own, stdout=own, stderr=own, start_new_session=True
    )
    os.close(own)
    try:
        os.write(controller, b"smug2s3 config ini\t--he\t\n")
        said = ""
        while "Example: smug2s3" not in said:
            piece = await asyncio.wait_for(asyncio.to_thread(os.read, controller, 4096), PATIENCE)
            said += piece.decode(errors="replace")
    finally:
        process.kill()
        await process.wait()
        os.close(controller)
    assert "smug2s3 config init --help" in said
