"""Dask's configuration while smug2s3 runs; it overrides the user's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
import distributed  # noqa: F401 - importing it configures its loggers

CONFIG: dict[str, Any] = {
    # The dispatcher reassigns lost work; Dask must neither retry nor steal it.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    # The coordinator detects silent workers. One removed by Dask could not come back.
    "distributed.scheduler.worker-ttl": None,
    # How soon a dead connection is detected; a worker without a scheduler then exits.
    "distributed.comm.timeouts.tcp": "20s",
    "distributed.comm.timeouts.connect": "10s",
    # It would sample threads a hundred times a second, and none of ours are Dask's.
    "distributed.worker.profile.enabled": False,
    # Dask holds no file data, and our own memory is bounded without it.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    # No dashboard and no metrics.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # How many events per topic and task a scheduler in this process keeps.
    "distributed.admin.low-level-log-length": 100,
    "distributed.admin.log-length": 100,
}

SILENT = logging.CRITICAL + 1
"""Above every level: failures inside Dask are detected and reported by our own code."""


@contextmanager
def configured() -> Iterator[None]:
    """Apply the configuration while the block runs, and silence Dask's loggers."""
    # Some have levels of their own, so setting the parent's is not enough.
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in ("distributed", "tornado")]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    with dask.config.set(CONFIG):
        try:
            for logger in loggers:
                logger.setLevel(SILENT)
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
