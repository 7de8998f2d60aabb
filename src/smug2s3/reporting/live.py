"""Progress as a few live lines at the foot of a terminal: how far in all, what is moving now, what went wrong above."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from smug2s3.reporting.amounts import amount, duration
from smug2s3.reporting.lines import LineReporter
from smug2s3.reporting.names import fitted, width
from smug2s3.reporting.progress import Progress

FRAMES_A_SECOND = 4
FILES_SHOWN = 5


class LiveReporter(LineReporter):
    """Draws on ``console`` (stderr) until closed; notes and failures scroll by above it."""

    def __init__(self, console: Console) -> None:
        super().__init__(lambda text: console.print(Text(text), soft_wrap=True), every=float("inf"))
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)

    async def keep_drawing(self) -> None:
        """Redraw until cancelled."""
        while True:
            self._live.update(draw(self.progress, self._console.width), refresh=True)
            await asyncio.sleep(1 / FRAMES_A_SECOND)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *ending: object) -> None:
        self._live.__exit__(None, None, None)


@asynccontextmanager
async def live(console: Console) -> AsyncIterator[LiveReporter]:
    """A reporter that draws as long as the block lasts."""
    with LiveReporter(console) as reporter:
        drawing = asyncio.create_task(reporter.keep_drawing())
        try:
            yield reporter
        finally:
            drawing.cancel()


def draw(progress: Progress, columns: int) -> RenderableType:
    """The whole display for one moment, no line wider than ``columns``."""
    lines: list[RenderableType] = [_bar(progress, columns), Text(_numbers(progress, columns), no_wrap=True)]
    moving = sorted(progress.active.items(), key=lambda entry: -(entry[1][1] or 0))
    lines += [
        Text(_file(label, done or 0, size, columns), no_wrap=True) for label, (done, size) in moving[:FILES_SHOWN]
    ]
    if len(moving) > FILES_SHOWN:
        lines.append(Text(f"  and {len(moving) - FILES_SHOWN} more", style="dim"))
    return Group(*lines)


def _bar(progress: Progress, columns: int) -> RenderableType:
    total = max(progress.items_expected, 1)
    counts = f"{progress.items_done:,}/{progress.items_expected:,}"
    share = f" {counts} items"
    if len(share) + 5 > columns:
        return Text(counts[:columns], no_wrap=True)
    table = Table.grid(expand=False)
    table.add_row(
        ProgressBar(total=total, completed=min(progress.items_done, total), width=columns - len(share) - 1),
        Text(share, no_wrap=True),
    )
    return table


def _numbers(progress: Progress, columns: int) -> str:
    rate = progress.rate()
    left = progress.seconds_left(rate)
    parts = [
        f"{amount(progress.bytes_passed)} of {amount(max(progress.bytes_total, progress.bytes_passed))}",
        f"{amount(rate)}/s",
        f"{duration(left)} left" if left is not None else duration(progress.seconds),
        f"{progress.albums:,} albums",
    ]
    parts += [f"{progress.skipped:,} there already"] if progress.skipped else []
    parts += [f"{progress.failed:,} failed"] if progress.failed else []
    text = parts[0]
    for part in parts[1:]:
        if len(text) + len(part) + 3 > columns:
            break
        text += f" · {part}"
    return text[:columns]


def _file(label: str, done: int, size: int | None, columns: int) -> str:
    share = f"{min(done, size) * 100 // size:3d} %" if size else amount(done).rjust(5)
    name = fitted(label, max(columns - len(share) - 4, 8))
    return f"  {share} {name}{' ' * max(0, columns - width(name) - len(share) - 4)}"
