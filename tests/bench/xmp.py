"""What XMP sidecars cost: a run that writes one for every file, and one that finds nothing changed, beside runs without."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from tests.bench.machine import ours, stage, table, timed

ALBUMS, IMAGES = 100, int(os.environ.get("XMP_IMAGES", "1000"))
BUCKET = "photos"


async def xmp() -> None:
    """Everything is copied first; `--full` has every run list every album, so that only the sidecars differ."""
    count, rows = ALBUMS * IMAGES, []
    with tempfile.TemporaryDirectory(prefix="smug2s3-bench-") as folder:
        home = Path(folder)
        async with stage(home, f"flat:{ALBUMS}x{IMAGES}x1000", BUCKET) as at:
            settings = at.environment(BUCKET)
            before = 0.0
            for said, options in (
                ("copy the files", []),
                ("list them again", ["--full"]),
                ("write every sidecar", ["--full", "--sidecars", "xmp"]),
                ("find none changed", ["--full", "--sidecars", "xmp"]),
            ):
                cost = await asyncio.to_thread(timed, ours("sync", "--json", *options), settings, home)
                assert cost.code == 0, (home / "output.txt").read_text()
                more = "" if "--sidecars" not in options else f"{1000 * (cost.cpu_seconds - before) / count:.2f}"
                before = before if more else cost.cpu_seconds
                rows.append((said, f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}", more, f"{cost.peak_mb:.0f}"))
    table((f"{count:,} files", "seconds", "CPU s", "ms a file more", "peak MB"), rows)
