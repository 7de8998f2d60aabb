"""Progress as a few live lines at the foot of a terminal; events scroll by above them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from rich.console import Console, Group
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from smug2s3.reporting.events import Event, Weight
from smug2s3.reporting.progress import Progress
from smug2s3.reporting.screen import Screen

FRAMES_A_SECOND = 4

_STYLES = {
    "file_failed": "red",
    "file_not_updated": "red",
    "file_unavailable": "yellow",
    "pause": "yellow",
    "away": "yellow",
    "retry": "yellow",
}
"""The style of the word before the colon."""


class LiveDisplay:
    """Draws on ``console`` (stderr) while it is entered; events of at least weight ``least`` scroll by above."""

    def __init__(self, console: Console, progress: Progress, *, least: Weight = Weight.NOTE) -> None:
        self._console = console
        self._screen = Screen(progress, ascii_only=console.options.ascii_only)
        self._least = least
        self._above: list[Text] = []
        self._drawn: list[Text] = []
        self._columns = console.width
        # stdout is for data, so the display does not capture it
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)

    def on_event(self, event: Event) -> None:
        """Show a line above with the next frame; each at once would redraw everything every time."""
        if event.weight >= self._least:
            self._above.append(coloured(event))

    async def keep_drawing(self) -> None:
        """Redraw until cancelled."""
        while True:
            self.draw()
            await asyncio.sleep(1 / FRAMES_A_SECOND)

    def draw(self) -> None:
        """One frame, after the lines since the last."""
        self._repair()
        self._flush()
        self._drawn = self._screen.lines(self._columns, self._console.height)
        self._live.update(Group(*self._drawn), refresh=True)

    def _flush(self) -> None:
        if self._above:
            self._console.print(Text("\n").join(self._above))
            self._above.clear()

    def _repair(self) -> None:
        """Remove the rest of the last frame if the terminal became narrower and wrapped its lines."""
        before, self._columns = self._columns, self._console.width
        if self._columns >= before:
            return
        surplus = sum(max(0, line.cell_len - 1) // self._columns for line in self._drawn)
        codes = ((ControlType.ERASE_IN_LINE, 2), (ControlType.CURSOR_UP, 1)) * surplus
        self._console.control(Control(ControlType.CARRIAGE_RETURN, *codes))

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *ending: object) -> None:
        self._flush()
        self._live.__exit__(None, None, None)


@asynccontextmanager
async def live(display: LiveDisplay) -> AsyncIterator[None]:
    """Draw while the block runs."""
    with display:
        drawing = asyncio.create_task(display.keep_drawing())
        try:
            yield
        finally:
            drawing.cancel()


def coloured(event: Event) -> Text:
    """The sentence, with its first word highlighted if it is a problem."""
    line = Text(event.sentence)
    if style := _STYLES.get(event.name):
        line.stylize(style, 0, event.sentence.find(":") + 1)
    return line
