"""A soak test: every loss that several processes or machines can suffer, many times in a row, at other moments."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from smugmug_simulator import World
from tests.support import losses, network, process_losses
from tests.support.bucket import Bucket
from tests.support.endured import ACCOUNTS
from tests.support.machines import machines_for
from tests.support.servers import local_s3
from tests.support.story import Story

PLACES = 6

LATEST = 35
"""Files that are copied between two losses at most: there are eight, and the smaller account has 304."""


def machines(arguments: Sequence[str]) -> None:
    """`machines --times N`: ends with 1 if anything was lost, copied again, or wrong for a moment."""
    if not network.possible():
        sys.exit(f"no network namespaces: {network.HOW_TO}")
    _main("machines", arguments)


def processes(arguments: Sequence[str]) -> None:
    """`processes --times N`: the same for `sync --processes 2` on one machine."""
    _main("processes", arguments)


def _main(name: str, arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often everything is lost")
    parser.add_argument("--seed", type=int, default=1, help="other moments")
    parser.add_argument("--world", choices=ACCOUNTS, default="hostile", help="which account is copied")
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.times)
    if failed := sum(not _survived(name, options.world, seed) for seed in seeds):
        sys.exit(f"{failed} of {options.times} went wrong")


def _survived(name: str, world: str, seed: int) -> bool:
    began = time.monotonic()
    try:
        copied = asyncio.run(_lose_everything(name, world, Random(seed)))
    except AssertionError as error:
        print(f"{name}, {world}, seed {seed}: {error}", flush=True)
        return False
    took = time.monotonic() - began
    print(f"{name}, {world}, seed {seed}: all there, none copied again, {copied} PUTs, {took:.0f} s", flush=True)
    return True


async def _lose_everything(name: str, world: str, random: Random) -> int:
    make, ends = ACCOUNTS[world]
    with tempfile.TemporaryDirectory(prefix="smug2s3-machines-") as folder, local_s3() as s3:
        bucket = s3.new_bucket()
        lose = _on_machines if name == "machines" else _on_one_machine
        puts = await lose(make(), bucket, Path(folder) / "machines", ends, lambda: random.randrange(1, LATEST))
        assert await bucket.open_uploads() == []
        return puts


async def _on_machines(world: World, bucket: Bucket, home: Path, ends: int, between: Callable[[], int]) -> int:
    async with machines_for(world, bucket, home, places=PLACES) as them:
        await losses.everything_is_lost_once(them, Story(them, ("--scheduler", them.address), ends, between))
        return them.proxy.count("PUT")


async def _on_one_machine(world: World, bucket: Bucket, home: Path, ends: int, between: Callable[[], int]) -> int:
    async with process_losses.computer_for(world, bucket, home, places=PLACES) as it:
        await process_losses.everything_is_lost_once(Story(it, ("--processes", "2"), ends, between))
        return it.proxy.count("PUT")
