"""Parses and checks `--processes` and `--scheduler`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from smug2s3.app.movers import Crew, require_extra
from smug2s3.cluster.addresses import scheduler_address
from smug2s3.errors import UsageError

MOST = 256


def parse_crew(
    processes: str | None,
    scheduler: str | None,
    *,
    insecure: bool = False,
    found: Mapping[str, str] | None = None,
    command: str = "sync",
) -> Crew:
    """Check the options before anything is contacted; raises UsageError. ``found`` has the settings for local workers."""
    if processes is None and scheduler is None:
        return Crew()
    if processes is not None and scheduler is not None:
        raise UsageError("--processes and --scheduler contradict each other", hint="Use one of them.")
    if scheduler is not None:
        address = scheduler_address(scheduler, insecure=insecure)
        _refuse_folder(found or {})
        require_extra(f"{command} --scheduler {address}")
        return Crew(scheduler=address)
    return Crew(processes=_count(str(processes), command), environment=found)


def _count(processes: str, command: str) -> int:
    wanted = processes.strip().lower()
    if wanted != "auto" and not (re.fullmatch(r"[0-9]{1,4}", wanted) and 1 <= int(wanted) <= MOST):
        raise UsageError(
            f"--processes must be auto, or a number from 1 to {MOST}, not {processes!r}",
            hint="It is how many processes copy on this computer. Leave it out to copy in one, which is enough for most connections.",
        )
    require_extra(f"{command} --processes {wanted}")
    if wanted != "auto":
        return int(wanted)
    from dask.system import CPU_COUNT  # noqa: PLC0415 - only where it is installed

    return max(1, min(MOST, CPU_COUNT))


def _refuse_folder(found: Mapping[str, str]) -> None:
    if found.get("S3_ENDPOINT_URL", "").strip().lower().startswith("file:"):
        raise UsageError(
            "workers elsewhere cannot write to a folder of this computer",
            hint="Use --processes to copy with several processes here, or a bucket.",
        )
