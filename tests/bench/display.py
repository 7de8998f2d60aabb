"""What the live display costs: processor time a frame with 40 files on the way, and its share of a core."""

from __future__ import annotations

import os
import time

from rich.console import Console

from smug2s3.reporting.composite import CompositeReporter
from smug2s3.reporting.events import EventReporter, Weight
from smug2s3.reporting.live import FRAMES_A_SECOND, LiveDisplay
from smug2s3.reporting.progress import Progress
from tests.bench.machine import table

FRAMES = 400
LINES_A_FRAME = 100
"""With `-v`: 400 files a second."""


async def display() -> None:
    """Frames for three widths, and for the usual one with every file a line above."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: ASYNC230, PTH123 - a terminal that nobody looks at
        rows = [_row(nowhere, columns, lines) for columns, lines in ((20, 0), (80, 0), (200, 0), (80, LINES_A_FRAME))]
    table(["columns", "lines above a frame", "ms a frame", "% of a core"], rows)


def _row(nowhere: object, columns: int, lines: int) -> list[object]:
    console = Console(file=nowhere, force_terminal=True, width=columns, height=24, color_system="256")  # type: ignore[arg-type]
    progress = _busy()
    shown = LiveDisplay(console, progress, least=Weight.DETAIL)
    reporter = CompositeReporter(progress, EventReporter(shown.on_event))
    with shown:
        began = time.process_time()
        for number in range(FRAMES):
            for label in list(progress.active):
                reporter.advanced(label, 12_345)
            for line in range(lines):
                reporter.moved(f"Family/2019/Christmas/IMG_{number}_{line}.JPG", 4_000_000)
            shown.draw()
        each = (time.process_time() - began) / FRAMES
    return [columns, lines, f"{each * 1000:.2f}", f"{each * FRAMES_A_SECOND * 100:.2f}"]


def _busy() -> Progress:
    progress = Progress()
    progress.account("demo", items=1_000_000)
    for number in range(200):
        progress.album(f"Album {number}", count=5000, size=20_000_000_000)
        progress.planned(f"Album {number}", count=5000, files=5000, size=20_000_000_000, skipped=0)
    for number in range(40):
        progress.started(f"Family/2019/Christmas in the mountains \u65e5\u672c/IMG_{number:04}.JPG", 4_000_000)
    progress.failed("Garden/rose.jpg", "store", "it is full")
    progress.allowance(4812, time.time() + 3000)
    return progress
