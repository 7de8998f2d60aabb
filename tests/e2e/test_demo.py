"""`smug2s3 demo`: no account, no settings, and in the end a folder with every photo in it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smugmug_simulator import worlds
from tests.support.bucket import SIDECAR, md5_of, should_hold
from tests.support.machine import PATIENCE, Machine

SECRET = "canary0demo0"
KNOWN_SECRETS = f"""
import secrets
from smug2s3.__main__ import main
random = secrets.token_hex
secrets.token_hex = lambda length: "{SECRET}" + random(length)
main()
"""
"""The command as it is, but the secrets that it makes can be told by how they begin."""


@pytest.fixture
def newcomer(tmp_path: Path) -> Machine:
    """A computer with nothing on it."""
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home, {}, [SECRET])


@pytest.fixture
def customer(newcomer: Machine) -> Iterator[Machine]:
    """The computer of somebody who has an account already, at servers that answer nobody."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        elsewhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        newcomer.write_env(SMUGMUG_API_ORIGIN=elsewhere, S3_ENDPOINT_URL=elsewhere, S3_BUCKET="precious")
        yield newcomer


def files(store: Path) -> dict[Path, int]:
    """Every file that the S3 server keeps, and when it was written."""
    return {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file()}


async def test_every_photo_is_in_the_folder_and_a_second_run_copies_nothing_whatever_account_is_set_up(
    customer: Machine,
) -> None:
    ran = await customer.run("demo", "--processes", "2", command=("-c", KNOWN_SECRETS), timeout=120)

    assert ran.code == 0, ran.err
    assert "SmugMug account demo" in ran.err
    assert "$ smug2s3 sync --processes 2" in ran.err
    assert sorted(path.name for path in customer.home.iterdir()) == [".env", "smug2s3-demo"]
    store = customer.home / "smug2s3-demo" / "store"
    assert str(store) in ran.err
    assert_every_photo_is_there(store)
    assert_no_secret_is_written(customer.home)
    before = files(store)

    again = await customer.run("demo", timeout=120)

    assert again.code == 0, again.err
    assert "Copied no files" in again.out
    assert files(store) == before


def assert_every_photo_is_there(store: Path) -> None:
    """All of the account's files byte for byte, in the demo's bucket and in no other."""
    assert os.listdir(store) == ["photos"]  # noqa: PTH208 - names suffice
    held = {path: md5_of(path) for path in files(store) if path.name != SIDECAR}
    assert Counter(held.values()) == should_hold(worlds.demo().assets())
    photo = next(path for path in held if path.suffix.lower() == ".jpg")
    assert photo.read_bytes().startswith(b"\xff\xd8\xff")


def assert_no_secret_is_written(home: Path) -> None:
    """No file and no name holds one of the secrets that the demo made for its servers."""
    written = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "transfer_log.db" for path in written)
    assert [path for path in written if SECRET.encode() in path.read_bytes() + str(path).encode()] == []


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
