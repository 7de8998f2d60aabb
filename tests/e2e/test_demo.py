"""`smug2s3 demo`: no account, no settings, and in the end a folder with every photo in it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from smugmug_simulator import worlds
from tests.support.bucket import SIDECAR, md5_of, should_hold
from tests.support.machine import PATIENCE, Machine, Ran

SECRET = "canary0demo0"
KNOWN_SECRETS = f"""
import secrets
from smug2s3.__main__ import main
random = secrets.token_hex
secrets.token_hex = lambda length: "{SECRET}" + random(length)
main()
"""
"""The command as it is, but the secrets that it makes can be told by how they begin."""

one_after_the_other = pytest.mark.xdist_group("demo")
"""Tests that look at the same demo."""


@pytest.fixture
def newcomer(tmp_path: Path) -> Machine:
    """A computer with nothing on it."""
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home, {})


@dataclass(frozen=True, slots=True)
class Played:
    """A demo that has come to its end."""

    machine: Machine
    ran: Ran

    @property
    def store(self) -> Path:
        """Where its S3 server keeps the buckets."""
        return self.machine.home / "smug2s3-demo" / "store"

    def files(self) -> dict[Path, int]:
        """Every file of its S3 server, and when it was written."""
        return {path: path.stat().st_mtime_ns for path in self.store.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """A demo on the computer of somebody who has an account already, at servers that answer nobody."""
    machine = Machine(tmp_path_factory.mktemp("home"), {}, [SECRET])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        elsewhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        (machine.home / ".env").write_text(f"SMUGMUG_API_ORIGIN={elsewhere}\nS3_ENDPOINT_URL={elsewhere}\n")
        precious = {"S3_BUCKET": "precious"}
        yield Played(
            machine, asyncio.run(machine.run("demo", environment=precious, command=("-c", KNOWN_SECRETS), timeout=120))
        )


@one_after_the_other
def test_every_photo_lies_in_the_folder(played: Played) -> None:
    assert played.ran.code == 0, played.ran.err
    files = played.files()
    held = Counter(md5_of(path) for path in files if path.name != SIDECAR)
    assert held == should_hold(worlds.demo().assets())
    photo = next(path for path in files if path.suffix.lower() == ".jpg")
    assert photo.read_bytes().startswith(b"\xff\xd8\xff")
    assert str(played.store) in played.ran.err


@one_after_the_other
def test_settings_of_a_real_account_play_no_part(played: Played) -> None:
    assert "SmugMug account of demo" in played.ran.err
    assert sorted(path.name for path in played.machine.home.iterdir()) == [".env", "smug2s3-demo"]
    assert os.listdir(played.store) == ["photos"]  # noqa: PTH208 - names suffice


@one_after_the_other
def test_no_secret_of_its_servers_is_written_anywhere(played: Played) -> None:
    written = [path for path in played.machine.home.rglob("*") if path.is_file()]

    assert any(path.name == "transfer_log.db" for path in written)
    assert [path for path in written if SECRET.encode() in path.read_bytes() + str(path).encode()] == []


@one_after_the_other
async def test_a_second_run_moves_nothing(played: Played) -> None:
    before = played.files()

    again = await played.machine.run("demo", timeout=120)

    assert again.code == 0, again.err
    assert "Moved nothing" in again.out
    assert played.files() == before


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


def while_it_starts(process: int, _store: Path) -> bool:
    """It has begun to start its servers."""
    return bool(children(process))


def on_the_way(_process: int, store: Path) -> bool:
    """The first photos have arrived."""
    return any(path.suffix == ".jpg" for path in store.rglob("*"))


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs a list of processes")
@pytest.mark.parametrize("moment", [while_it_starts, on_the_way])
async def test_ctrl_c_leaves_no_process_behind_and_the_next_run_goes_on(
    newcomer: Machine, moment: Callable[[int, Path], bool]
) -> None:
    store = newcomer.home / "here" / "store"
    async with newcomer.started("demo", "--folder", "here") as process:
        async with asyncio.timeout(PATIENCE):
            while not moment(process.pid, store):
                await asyncio.sleep(0.02)
        below = children(process.pid)
        process.send_signal(signal.SIGINT)
        ran = await newcomer.ended(process, timeout=30)

    assert ran.code == 130
    assert below
    assert not {one for one in below if Path(f"/proc/{one}").exists()}
    assert [path.name for path in newcomer.home.iterdir()] == ["here"]
    if moment is on_the_way:
        assert (await newcomer.run("demo", "--folder", "here", timeout=120)).code == 0


async def test_a_folder_with_other_things_in_it_is_left_alone(newcomer: Machine) -> None:
    folder = newcomer.home / "mine"
    folder.mkdir()
    (folder / "diary.txt").write_text("dear diary")

    ran = await newcomer.run("demo", "--folder", "mine")

    assert ran.code == 2
    assert "hint:" in ran.err
    assert [path.name for path in folder.iterdir()] == ["diary.txt"]
