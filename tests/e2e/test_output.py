"""Output that nobody takes, and calls that make no sense: a sentence, one JSON document, the right exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.machine import Machine, Ran

_OUTPUT = {
    "full": "os.dup2(os.open('/dev/full', os.O_WRONLY), {0})",
    "closed": "os.close({0})",
    "unread": "ends = os.pipe(); os.close(ends[0]); os.dup2(ends[1], {0})",
}
COMMANDS = ("status --json", "ledger export", "verify", "sync --json", "plan")

unix = pytest.mark.skipif(sys.platform == "win32", reason="these are habits of Unix shells")
linux = pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")


async def _run(machine: Machine, line: str, how: str, *, stream: int = 1) -> Ran:
    """The command with its output redirected, as a shell does it."""
    prepared = (
        f"import os, sys; {_OUTPUT[how].format(stream)}; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    return await machine.run("-m", "smug2s3", *line.split(), command=("-c", prepared))


@linux
@pytest.mark.parametrize("line", COMMANDS)
async def test_output_on_a_full_disk_is_an_error_in_a_sentence(machine: Machine, line: str) -> None:
    await machine.inside.sync()

    ran = await _run(machine, line, "full")

    assert ran.code == 2
    assert ran.err.splitlines().count("error: cannot write the output: No space left on device") == 1
    assert "Exception ignored" not in ran.err


@unix
@pytest.mark.parametrize(
    ("line", "how"), [*((line, "unread") for line in COMMANDS), ("status", "closed"), ("sync", "closed")]
)
async def test_who_does_not_read_on_changes_neither_what_is_done_nor_the_exit_code(
    machine: Machine, line: str, how: str
) -> None:
    await machine.inside.sync()

    ran = await _run(machine, line, how)

    assert ran.code == 0
    assert "error" not in ran.err.lower()


@unix
@pytest.mark.parametrize("how", ["unread", "closed", pytest.param("full", marks=linux)])
async def test_a_sync_continues_when_its_output_cannot_be_written(machine: Machine, how: str) -> None:
    ran = await _run(machine, "sync --order newest", how, stream=2)

    assert ran.code == 0
    assert ran.out.startswith("Copied 6 files")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("sync --json --nosuch", "no such option: --nosuch"),
        ("verify --json --deep --sample much", "invalid value for '--sample'"),
        ("plan --json extra", "unexpected extra argument"),
    ],
)
async def test_a_call_that_makes_no_sense_is_one_json_document_too(machine: Machine, line: str, reason: str) -> None:
    ran = await machine.run(*line.split())

    assert (ran.code, ran.json["exit_code"]) == (2, 2)
    assert reason in ran.json["error"]
    assert reason in ran.err
