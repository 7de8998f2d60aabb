"""How Dask is set here, whatever somebody's own configuration says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
import distributed  # noqa: F401 - it sets its loggers up when it is imported

CONFIG: dict[str, Any] = {
    # Work that is lost we give out again ourselves; Dask must neither repeat it nor move it.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    # Who is silent we miss ourselves. A worker that Dask gives up could not come back.
    "distributed.scheduler.worker-ttl": None,
    # A connection whose other end is gone is noticed within so long; a worker without a scheduler ends then.
    "distributed.comm.timeouts.tcp": "20s",
    "distributed.comm.timeouts.connect": "10s",
    # Measuring threads a hundred times a second, of which none of ours is Dask's.
    "distributed.worker.profile.enabled": False,
    # Files are never in Dask's memory; what is in ours is bounded without it.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    # Its web servers answer nothing: no dashboard, no numbers.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # What a scheduler in this process remembers of each topic and task.
    "distributed.admin.low-level-log-length": 100,
    "distributed.admin.log-length": 100,
}

SILENT = logging.CRITICAL + 1
"""Whatever goes wrong between Dask's own parts, we notice by ourselves and say it in our words."""


@contextmanager
def configured() -> Iterator[None]:
    """While the block lasts Dask is set as it has to be, and writes nothing to the terminal."""
    # Some have levels of their own, and do not ask those above them.
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
