"""Runs the command or a Dask worker with multipart uploads from 5 MiB, instead of from 256."""

from __future__ import annotations

from dataclasses import replace

from smug2s3.__main__ import main
from smug2s3.stores import quirks


def send_small_parts() -> None:
    """Lower the threshold in this process."""
    quirks.GENERIC = replace(quirks.GENERIC, single_put=5 * quirks.MIB, part_size=5 * quirks.MIB)


def dask_setup(_worker: object) -> None:
    """The entry point for `dask worker --preload`."""
    send_small_parts()


if __name__ == "__main__":
    send_small_parts()
    main()
