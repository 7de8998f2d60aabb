"""What constant faults cost: the same account into the same store, without and with 2 % of all requests failing."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median

from smug2s3.local_servers import s3_server, smugmug_server
from smugmug_simulator import Fault
from tests.bench import every_fault
from tests.bench.machine import Cost, Stage, ours, table, timed
from tests.support.fault_proxy import fault_proxy

SHARE = 0.02
"""Of the requests of each side; each kind of fault its side knows is as likely as the others."""

WORLD = "flat:40x100x200000"
LATENCY = "0.3"
"""Seconds SmugMug takes for each answer, as it does in life; so that waits are compared with waits."""


async def faults(rounds: int = 2) -> None:
    """Both in turn, by the real command with all its patience; a silence lasts five seconds."""
    calm: list[Cost] = []
    rough: list[Cost] = []
    struck = 0
    for number in range(rounds):
        calm.append((await _run(number, share=0.0))[0])
        cost, met = await _run(number, share=SHARE)
        rough.append(cost)
        struck += met
    rows = []
    for name, costs in (("without faults", calm), (f"{SHARE:.0%} of requests fail", rough)):
        codes = ",".join(str(cost.code) for cost in costs)
        seconds, peak = median(cost.seconds for cost in costs), max(cost.peak_mb for cost in costs)
        rows.append((name, f"{seconds:.1f}", f"{peak:.0f}", codes))
    print(f"\n{WORLD}, {rounds} runs each, {struck} faults met")
    table(("", "seconds", "peak MB", "exit codes"), rows)
    ratio = median(cost.seconds for cost in rough) / median(cost.seconds for cost in calm)
    print(f"time with faults against without: {ratio:.2f} (promised: at most 2)")


async def _run(number: int, *, share: float) -> tuple[Cost, int]:
    """One sync into an empty bucket, and how many faults it met."""
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        (home / "store" / "photos").mkdir(parents=True)
        script, scripted = home / "faults.json", every_fault.stored(share / len(every_fault.STORE), number)
        script.write_text(json.dumps([fault.as_json() for fault in _source(share, number)]))
        options = ("--world", WORLD, "--latency", LATENCY, "--faults", str(script))
        async with (
            smugmug_server(*options) as smugmug,
            s3_server(home / "store") as store,
            fault_proxy(store.endpoint, *(scripted if share else ())) as proxy,
        ):
            settings = Stage(home, smugmug, store).environment("photos", S3_ENDPOINT_URL=proxy.endpoint)
            cost = await asyncio.to_thread(timed, ours("sync", "--json"), settings, home)
            return cost, proxy.hits.total() + await _struck(smugmug["origin"])


def _source(share: float, seed: int) -> list[Fault]:
    if not share:
        return []
    api, media = share / len(every_fault.API), share / len(every_fault.MEDIA)
    return [
        *every_fault.simulated(every_fault.API, "api", api, seed),
        *every_fault.simulated(every_fault.MEDIA, "media", media, seed),
    ]


async def _struck(origin: str) -> int:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(f"{origin}/_simulator/faults") as answer:
        return sum(fault["struck"] for fault in await answer.json())
