"""The command as it is, or one of Dask's workers, but what is larger than 5 MiB goes in parts, not only what is larger than 256."""

from __future__ import annotations

from dataclasses import replace

from smug2s3.__main__ import main
from smug2s3.stores import quirks


def send_small_parts() -> None:
    """From now on."""
    quirks.GENERIC = replace(quirks.GENERIC, single_put=5 * quirks.MIB, part_size=5 * quirks.MIB)


def dask_setup(_worker: object) -> None:
    """As `dask worker --preload` has it."""
    send_small_parts()


if __name__ == "__main__":
    send_small_parts()
    main()
