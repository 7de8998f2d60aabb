"""`smug2s3 demo`: no account, no settings, and in the end a folder with every photo in it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from pathlib import Path

import pytest

from smugmug_simulator import worlds
from tests.support.bucket import SIDECAR, md5_of, should_hold
from tests.support.machine import Machine


@pytest.fixture
def newcomer(tmp_path: Path) -> Machine:
    """A computer with nothing on it."""
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home, {})


def children(process: int) -> set[int]:
    """Everything that was started below a process, as far as this system tells."""
    found: set[int] = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) in {process, *found}:
            found.add(int(status.parent.name))
    return found


async def test_every_photo_lies_in_the_folder_and_a_second_run_moves_nothing(newcomer: Machine) -> None:
    ran = await newcomer.run("demo", "--folder", "here", timeout=120)

    assert ran.code == 0, ran.err
    files = {path for path in (newcomer.home / "here" / "store").rglob("*") if path.is_file()}
    held = Counter(md5_of(path) for path in files if path.name != SIDECAR)
    assert held == should_hold(worlds.demo().assets())
    assert str(newcomer.home / "here") in ran.err
    assert [path.name for path in newcomer.home.iterdir()] == ["here"]
    photo = next(path for path in files if path.suffix.lower() == ".jpg")
    assert photo.read_bytes().startswith(b"\xff\xd8\xff")
    before = {path: path.stat().st_mtime_ns for path in files}

    again = await newcomer.run("demo", "--folder", "here", timeout=120)

    assert again.code == 0, again.err
    assert "Moved nothing" in again.out
    assert {path: path.stat().st_mtime_ns for path in files} == before


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs a list of processes")
@pytest.mark.parametrize("wait", [0.7, 3.0], ids=["while-it-starts", "on-the-way"])
async def test_ctrl_c_leaves_no_process_behind_and_the_next_run_goes_on(newcomer: Machine, wait: float) -> None:
    async with newcomer.started("demo", "--folder", "here") as process:
        await asyncio.sleep(wait)
        below = children(process.pid)
        process.send_signal(signal.SIGINT)
        ran = await newcomer.ended(process, timeout=30)

    assert ran.code == 130
    assert not {one for one in below if Path(f"/proc/{one}").exists()}
    if wait > 1:
        assert (await newcomer.run("demo", "--folder", "here", timeout=120)).code == 0


async def test_a_folder_with_other_things_in_it_is_left_alone(newcomer: Machine) -> None:
    folder = newcomer.home / "mine"
    folder.mkdir()
    (folder / "diary.txt").write_text("dear diary")

    ran = await newcomer.run("demo", "--folder", "mine")

    assert ran.code == 2
    assert "hint:" in ran.err
    assert [path.name for path in folder.iterdir()] == ["diary.txt"]


async def test_settings_of_a_real_account_play_no_part(newcomer: Machine) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        elsewhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        (newcomer.home / ".env").write_text(f"SMUGMUG_API_ORIGIN={elsewhere}\nS3_ENDPOINT_URL={elsewhere}\n")

        async with newcomer.started("demo", environment={"S3_BUCKET": "precious"}) as process:
            assert process.stderr is not None
            said = b""
            while b"SmugMug account of" not in said and not process.stderr.at_eof():
                said += await asyncio.wait_for(process.stderr.readline(), 30)
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.communicate(), 30)

    assert b"SmugMug account of demo" in said
    assert not (newcomer.home / "transfer_log.db").exists()
    assert os.listdir(newcomer.home / "smug2s3-demo" / "store") == ["photos"]  # noqa: PTH208 - names suffice
