"""Moving photos or one large video, in turn with `rclone copyurl --urls`: same files, same store, same run."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.machine import Cost, copyurl, copyurl_environment, ours, stage, table, timed, write_urls

TRANSFERS = 20


async def compare(world: str, rounds: int = 3, *, tls: bool = False) -> None:
    """``rounds`` times the peer and us, each into an empty bucket; the ratio of medians is what counts."""
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        buckets = [(f"peer-{number}", f"ours-{number}") for number in range(rounds)]
        async with stage(home, world, *(name for pair in buckets for name in pair), tls=tls) as at:
            urls = home / "urls.csv"
            files = await write_urls(at, urls)
            theirs: list[Cost] = []
            mine: list[Cost] = []
            size = 0
            for peer, own in buckets:
                command = copyurl(urls, peer, TRANSFERS)
                theirs.append(await asyncio.to_thread(timed, command, copyurl_environment(at), home))
                size = _emptied(home / "store" / peer)
                settings = at.environment(own, MAX_CONCURRENT_DOWNLOADS=str(TRANSFERS))
                mine.append(await asyncio.to_thread(timed, ours("sync", "--json"), settings, home))
                _emptied(home / "store" / own)
    _report(f"{world}{', TLS at both ends' if tls else ''}", files, size, theirs, mine)


def _emptied(bucket: Path) -> int:
    """Bytes there were; removed, so that the disk writes for one run only and not for the one before it."""
    size = sum(path.stat().st_size for path in bucket.rglob("*") if path.is_file())
    shutil.rmtree(bucket)
    return size


def _report(world: str, files: int, size: int, theirs: list[Cost], mine: list[Cost]) -> None:
    print(f"\n{world}: {files} files, {size / 1e6:,.0f} MB, {TRANSFERS} transfers, median of {len(mine)} runs each")
    rows = []
    for name, costs in (("rclone copyurl", theirs), ("smug2s3 sync", mine)):
        seconds, cpu = median(c.seconds for c in costs), median(c.cpu_seconds for c in costs)
        peak = median(c.peak_mb for c in costs)
        codes = ",".join(str(c.code) for c in costs)
        rate, burn = f"{size / 1e6 / seconds:.0f}", f"{cpu / size * 1e9:.2f}"
        rows.append((name, f"{seconds:.2f}", rate, f"{files / seconds:.0f}", burn, f"{peak:.0f}", codes))
    table(("", "seconds", "MB/s", "files/s", "CPU s/GB", "peak MB", "exit codes"), rows)
    ratio = median(c.seconds for c in theirs) / median(c.seconds for c in mine)
    print(f"rate against rclone copyurl: {ratio:.2f} (smug2s3 proves every byte, copyurl none)")
