"""Histories by the thousand: is any verdict ever wrong? Every history is made from its seed, so it can be run again."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.bench.machine import table
from tests.support.histories import Told, run_history, stage
from tests.support.servers import local_s3

AT_ONCE = 50
"""Histories that share a server, one after the other."""


def main(arguments: Sequence[str]) -> None:
    """`verdicts --histories N --seed N`: ends with 1 if any verdict was wrong."""
    parser = argparse.ArgumentParser(prog="verdicts", description=__doc__)
    parser.add_argument("--histories", type=int, default=1000, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="of the first; each further one has the next")
    parser.add_argument("--processes", type=int, default=2, help="histories side by side")
    parser.add_argument("--shrink", action="store_true", help="make what is found as simple as possible; takes minutes")
    parser.add_argument("--all", action="store_true", help="tell every history, also those without a finding")
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.histories)
    if not verdicts(seeds, processes=options.processes, shrink=options.shrink, tell_all=options.all):
        sys.exit(1)


def verdicts(seeds: range, *, processes: int, shrink: bool, tell_all: bool) -> bool:
    """Whether nothing was found."""
    began, told, found = time.monotonic(), list[Told](), 0
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        lots = [seeds[start : start + AT_ONCE] for start in range(0, len(seeds), AT_ONCE)]
        for done in as_completed([pool.submit(_lot, lot, shrink) for lot in lots]):
            for one in done.result():
                told.append(one)
                found += bool(one.finding)
                if one.finding or tell_all:
                    _tell(one)
            _progress(len(told), len(seeds), found, time.monotonic() - began)
    print()
    table(("what", "count"), list(_rows(told, time.monotonic() - began)))
    return not found


def _lot(seeds: range, shrink: bool) -> list[Told]:
    with local_s3() as s3, stage(s3) as shared:
        return [run_history(shared, number, shrink=shrink) for number in seeds]


def _tell(one: Told) -> None:
    print(one.text())
    print(f"once more: python -m tests.bench verdicts --histories 1 --seed {one.seed}\n", flush=True)


def _progress(done: int, wanted: int, found: int, seconds: float) -> None:
    print(f"{seconds:6.0f} s: {done:,}/{wanted:,} histories, {found:,} findings", file=sys.stderr, flush=True)


def _rows(told: Sequence[Told], seconds: float) -> Iterator[tuple[str, str]]:
    yield "histories", f"{len(told):,}"
    yield "verdicts", f"{sum(one.verdicts for one in told):,}"
    yield "of them safe", f"{sum(one.safe for one in told):,}"
    yield "findings", f"{sum(bool(one.finding) for one in told):,}"
    yield "total time", f"{seconds / 60:.1f} min"
    yield "time per history", f"{seconds / max(len(told), 1):.2f} s"
