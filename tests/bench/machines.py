"""A soak test: every loss that a cluster can suffer, many times in a row, each time at other moments."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.support import network
from tests.support.losses import Story, account, everything_is_lost_once
from tests.support.machines import machines_for
from tests.support.servers import local_s3

LATEST = 35
"""Files that are copied between two losses at most: there are eight, and the account has 517."""


def main(arguments: Sequence[str]) -> None:
    """`machines --times N`: ends with 1 if anything was lost, copied again, or wrong for a moment."""
    parser = argparse.ArgumentParser(prog="machines", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often everything is lost")
    parser.add_argument("--seed", type=int, default=1, help="other moments")
    options = parser.parse_args(arguments)
    if not network.possible():
        sys.exit(f"no network namespaces: {network.HOW_TO}")
    if failed := sum(not _survived(seed) for seed in range(options.seed, options.seed + options.times)):
        sys.exit(f"{failed} of {options.times} went wrong")


def _survived(seed: int) -> bool:
    began = time.monotonic()
    try:
        copied = asyncio.run(_lose_everything(Random(seed)))
    except AssertionError as error:
        print(f"seed {seed}: {error}")
        return False
    print(f"seed {seed}: all there, none copied again, {copied} PUTs, {time.monotonic() - began:.0f} s", flush=True)
    return True


async def _lose_everything(random: Random) -> int:
    with tempfile.TemporaryDirectory(prefix="smug2s3-machines-") as folder, local_s3() as s3:
        bucket = s3.new_bucket()
        async with machines_for(account(), bucket, Path(folder) / "machines", places=6) as machines:
            await everything_is_lost_once(Story(machines, lambda: random.randrange(1, LATEST)))
            assert await bucket.open_uploads() == []
            return machines.proxy.count("PUT")
