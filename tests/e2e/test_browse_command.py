"""`smug2s3 browse` as it is typed: what it prints, what it opens, and how it ends."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import stat
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.machine import PATIENCE, Machine
from tests.support.terminal import terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals, and no pseudo terminals")

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{43}")


def browser(folder: Path) -> dict[str, str]:
    """A browser that notes what it is to open."""
    program = folder / "browser"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{folder}/new" && mv "{folder}/new" "{folder}/opened"\n')
    program.chmod(0o700)
    return {"BROWSER": str(program)}


async def opened(folder: Path) -> str:
    """What that browser was given."""
    async with asyncio.timeout(PATIENCE):
        while not (folder / "opened").exists():
            await asyncio.sleep(0.02)
    return (folder / "opened").read_text()


async def test_the_browser_gets_a_file_that_nobody_else_can_read_and_ctrl_c_ends_it_all(
    machine: Machine, tmp_path: Path
) -> None:
    await machine.inside.sync()
    async with machine.started("browse", environment=browser(tmp_path)) as process:
        assert process.stdout
        said = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
        address = ADDRESS.search(said)
        assert address
        given = await opened(tmp_path)
        file = Path(unquote(urlsplit(given).path))
        assert (given.startswith("file:///"), "token" in given, file.parent) == (True, False, machine.home)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert address[0] in file.read_text()
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(address[0]).port)
        writer.write(f"GET /?{urlsplit(address[0]).query} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.0 400 ")
        process.send_signal(signal.SIGINT)
        ran = await machine.ended(process, timeout=10)
        await reader.read()
        assert not file.exists()
        writer.close()
        await writer.wait_closed()
    assert (ran.code, ran.err) == (130, "stopping\n")  # and no word of the malformed request, with its token


async def test_without_a_browser_it_says_what_to_do_and_ends_when_nobody_looks(machine: Machine) -> None:
    nobody = {"BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    await machine.inside.sync()
    ran = await machine.run("browse", "--idle", "1s", environment=nobody)
    assert (ran.code, ran.err) == (0, "No browser can be opened here: open this address in one.\n")
    assert ADDRESS.search(ran.out)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "70000"], "less than or equal to 65535"),
        (["--idle", "soon"], "--idle 'soon' is not a valid duration"),
        (["--cache", "much"], "--cache 'much' is not a valid size"),
    ],
)
async def test_what_makes_no_sense_is_refused(options: list[str], said: str, machine: Machine) -> None:
    ran = await machine.run("browse", *options)
    assert (ran.code, said in ran.err) == (2, True)


PLAYED = """
from smug2s3.__main__ import main
from smug2s3.cli import demo

async def played(home, crew, outcome, report):
    report.ok = 3

demo._play = played
main()
"""
"""The demo, of which what it copies is there already."""


async def test_the_demo_ends_with_a_look_at_what_it_copied(machine: Machine, tmp_path: Path) -> None:
    await machine.inside.sync()
    assert machine.bucket
    home = tmp_path / "elsewhere"
    shutil.copytree(machine.bucket.folder, home / "smug2s3-demo" / "store" / "photos")
    async with terminal(home, "demo", environment=browser(tmp_path), command=("-c", PLAYED)) as at:
        await at.answers(("Look at the photos in your browser now?", ""))
        given = await opened(tmp_path)
        assert Path(unquote(urlsplit(given).path)).parent == home / "smug2s3-demo"
        assert ADDRESS.search(await at.sees("It ends with Ctrl-C."))
        assert await at.interrupts() == 0
    async with terminal(home, "demo", environment=browser(tmp_path), command=("-c", PLAYED)) as at:
        await at.answers(("in your browser now?", "n"))
        assert await at.ends() == 0
