"""Bringing photos and one large video back, in turn with `rclone copy`; then `get` is killed twenty times on its way."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path
from random import Random
from statistics import median

from smug2s3.local_servers import rclone_program
from tests.bench.machine import Cost, Stage, copyurl_environment, ours, stage, table, timed

TRANSFERS = 20
ROUNDS = 3
KILLS = 20
BUCKET = "photos"
WAYS = ("rclone copy", "smug2s3 get", "smug2s3 get --zip")


async def get() -> None:
    """400 photos and a video of 700 MB, measured; then the video and smaller photos, killed."""
    for world, judged in (("bench", _measure), ("video", _measure), ("video", _kill), ("flat:10x20x400000", _kill)):
        with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
            home = Path(folder)
            async with stage(home, world, BUCKET) as at:
                settings = at.environment(BUCKET, MAX_CONCURRENT_DOWNLOADS=str(TRANSFERS))
                moved = await asyncio.to_thread(timed, ours("sync", "--json"), settings, home)
                assert moved.code == 0, (home / "output.txt").read_text()
                await asyncio.to_thread(judged, world, at, settings)


def _measure(world: str, at: Stage, settings: dict[str, str]) -> None:
    target = at.home / "target"
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    copy = [rclone_program(), "copy", f"dst:{BUCKET}/smugmug", str(target), "--transfers", str(TRANSFERS)]
    for _ in range(ROUNDS):
        for way, command, environment in (
            (WAYS[0], [*copy, "--exclude", "_album.json"], copyurl_environment(at)),
            (WAYS[1], ours("get", str(target), "--json"), settings),
            (WAYS[2], ours("get", str(target), "--json", "--zip"), settings),
        ):
            costs[way].append(timed(command, environment, at.home))
            size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
            shutil.rmtree(target)
    files = len(_md5s(at.home / "store" / BUCKET / "smugmug"))
    print(f"\n{world}: {files} files, {size / 1e6:,.0f} MB, {TRANSFERS} transfers, median of {ROUNDS} runs each")
    rows = []
    for way in WAYS:
        seconds = median(cost.seconds for cost in costs[way])
        rows.append(
            (
                way,
                f"{seconds:.2f}",
                f"{size / 1e6 / seconds:.0f}",
                f"{median(cost.cpu_seconds for cost in costs[way]):.2f}",
                f"{max(cost.peak_mb for cost in costs[way]):.0f}",
                ",".join(str(cost.code) for cost in costs[way]),
                f"{median(cost.seconds for cost in costs[WAYS[0]]) / seconds:.2f}",
            )
        )
    table(("", "seconds", "MB/s", "CPU s", "peak MB", "exit codes", "against rclone"), rows)


def _kill(world: str, at: Stage, settings: dict[str, str]) -> None:
    for options in ([], ["--zip"]):
        _killed(world, at, settings, options)


def _killed(world: str, at: Stage, settings: dict[str, str], options: list[str]) -> None:
    """Killed at any moment, nothing wrong is ever visible, and the last run finds everything to be done and no more."""
    target, random = at.home / "killed", Random(1)
    whole = _md5s(at.home / "store" / BUCKET / "smugmug")
    command = ours("get", str(target), "--json", *options)
    began = time.monotonic()
    assert timed(command, settings, at.home).code == 0
    usual = time.monotonic() - began
    shutil.rmtree(target)
    wrong = 0
    for _ in range(KILLS):
        with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(random.uniform(0.1, 1.0) * usual)
            process.send_signal(signal.SIGKILL)
        wrong += sum(whole.get(path) != found for path, found in _md5s(target).items())
        if random.random() < 0.3:
            shutil.rmtree(target, ignore_errors=True)
    code = timed(command, settings, at.home).code
    complete = _md5s(target) == whole and not list(target.rglob("*.part"))
    shutil.rmtree(target)
    said = (
        "nothing lost" if code == 0 and complete and not wrong else f"{wrong} WRONG, complete: {complete}, code {code}"
    )
    print(f"{world} {' '.join(options)}: killed {KILLS} times within {usual:.1f} s: {said}")


def _md5s(folder: Path) -> dict[str, str]:
    """By path, of everything that is visible there; of what ZIPs contain, too."""
    found: dict[str, str] = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                inside = ((f"{name[:-4]}/{entry}", archive.read(entry)) for entry in archive.namelist())
                found |= {entry: _md5(data) for entry, data in inside}
        elif path.is_file() and path.suffix not in (".part", ".lock") and path.name != "_album.json":
            found[name] = _md5(path.read_bytes())
    return found


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
