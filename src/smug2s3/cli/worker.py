"""`smug2s3 worker` and `smug2s3 cluster certs`."""

from __future__ import annotations

import os
from pathlib import Path

from smug2s3.app.movers import certificates, require_extra, worker_environment
from smug2s3.cli.console import environment, error_boundary, finished, put_text, say
from smug2s3.cli.needed import settings_for
from smug2s3.cluster.addresses import scheduler_address


def worker(address: str, *, certs: str | None, insecure: bool, name: str | None, port: int) -> None:
    """Run the command."""
    with error_boundary():
        full_address = scheduler_address(address, insecure=insecure)
        require_extra(f"worker {address}")
        found = environment() | ({"CLUSTER_CERTS": certs} if certs else {})
        settings = settings_for("smugmug", "store", found=found)
        os.environ.update(worker_environment(found))
        from smug2s3.cluster.worker_process import work_for  # noqa: PLC0415 - Dask takes a second to import

        finished(
            lambda: work_for(full_address, certificates(settings), name=name, port=port, say=say),
            lambda _code: (
                "stopping: cancelling transfers; others will copy these files. Press Ctrl-C again to quit at once."
            ),
        )


def certs(folder: str) -> None:
    """Run the command."""
    with error_boundary():
        require_extra(f"cluster certs {folder}")
        from smug2s3.cluster.certificates import make  # noqa: PLC0415 - it needs the extra

        written = make(Path(folder))
        listed = "".join(f"  {path.name}\n" for path in written)
        put_text(
            f"Made in {folder}, readable only by you:\n{listed}"
            "Copy the whole folder to every machine that takes part. Whoever has it can run programs on all of them.\n"
        )
