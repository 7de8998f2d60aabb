"""The command as it is, with a tenth of its patience and parts of 5 MiB: a soak is about what it does, not how long."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from unittest.mock import patch

import aiohttp

from smug2s3.__main__ import main
from smug2s3.app import factories, sync_runner
from smug2s3.engine.sync import Sync
from smug2s3.flow.outage import Waits
from smug2s3.flow.retry import RetryPolicy
from smug2s3.smugmug import client, media
from smug2s3.stores.quirks import MIB, Provider
from smug2s3.stores.s3 import open_s3

COMMAND = (__file__,)
"""What to start instead of `-m smug2s3`."""

SECONDS = 2.0
"""After which silence is taken for an end; 60 in the real command."""

API = RetryPolicy(attempts=6, first_wait=0.05, longest_wait=3.0)
FILES = RetryPolicy(attempts=4, first_wait=0.1, longest_wait=3.0)
SMALL_PARTS = Provider(name="S3-compatible", single_put=5 * MIB, part_size=5 * MIB)


def impatient_main() -> None:
    """Run the command line."""
    silence = aiohttp.ClientTimeout(total=2 * SECONDS, sock_connect=SECONDS, sock_read=SECONDS)
    with ExitStack() as changes:
        for place, name, value in (
            (factories, "open_s3", partial(open_s3, policy=API, stall=SECONDS)),
            (factories, "provider_of", lambda _: SMALL_PARTS),
            (factories, "Waits", partial(Waits, first_wait=0.1, longest_wait=2.0)),
            (factories, "SmugMugClient", partial(client.SmugMugClient, policy=API)),
            (sync_runner, "Sync", partial(Sync, policy=FILES)),
            (client, "_TIMEOUT", silence),
            (media, "ANSWER_WITHIN", SECONDS),
        ):
            changes.enter_context(patch.object(place, name, value))
        main()


if __name__ == "__main__":
    impatient_main()
