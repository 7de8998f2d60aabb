"""A number of files at once that is found out, beside the fixed 20: on a line of long ways, and before a narrow store."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.machine import Cost, ours, stage, table, timed
from tests.support.fault_proxy import fault_proxy

LINES = {
    "long way: 0.5 s an answer": ("flat:10x100x100000", 0.5, None),
    "narrow store: 6 PUTs at once": ("flat:4x100x100000", 0.05, 6),
}
CHOICES = {"20 fixed": "20", "auto": "auto"}


async def pacing(rounds: int = 2) -> None:
    """Both choices in turn on each line."""
    rows = []
    for line, (world, latency, most) in LINES.items():
        costs: dict[str, list[Cost]] = {name: [] for name in CHOICES}
        for _ in range(rounds):
            for name, choice in CHOICES.items():
                costs[name].append(await _run(world, latency, most, choice))
        fixed = median(cost.seconds for cost in costs["20 fixed"])
        for name in CHOICES:
            seconds = median(cost.seconds for cost in costs[name])
            codes = ",".join(str(cost.code) for cost in costs[name])
            peak = max(cost.peak_mb for cost in costs[name])
            rows.append((line, name, f"{seconds:.1f}", f"{fixed / seconds:.2f}", f"{peak:.0f}", codes))
    print()
    table(("line", "files at once", "seconds", "rate against fixed", "peak MB", "exit codes"), rows)


async def _run(world: str, latency: float, most: int | None, choice: str) -> Cost:
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        async with stage(home, world, "photos", latency=latency) as at, fault_proxy(at.store.endpoint) as proxy:
            proxy.most = most
            endpoint = {} if most is None else {"S3_ENDPOINT_URL": proxy.endpoint}
            settings = at.environment("photos", MAX_CONCURRENT_DOWNLOADS=choice, **endpoint)
            return await asyncio.to_thread(timed, ours("sync", "--json"), settings, home)
