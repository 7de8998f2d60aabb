"""Progress of a plan that lists every item: a count, since the total is not known before."""

from __future__ import annotations

import time
from collections.abc import Callable

from smug2s3.reporting.amounts import plural
from smug2s3.reporting.events import EventReporter, Weight
from smug2s3.reporting.lines import EVERY, Lines


class ListingReporter(EventReporter):
    """Calls ``show`` after every album; writes a line a minute to ``say``, and one for every problem."""

    def __init__(self, say: Callable[[str], None], show: Callable[[str], None], *, every: float = EVERY) -> None:
        lines = Lines(say, least=Weight.NOTE, dated=False)
        super().__init__(lines.on_event)
        self._say = lines.say
        self._show = show
        self._every = every
        self._next = time.monotonic() + every
        self._albums = 0
        self._items = 0

    def account(self, nickname: str, *, items: int | None) -> None:
        """Prints nothing: the plan itself names the account."""

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed."""
        self._albums += 1
        self._items += count
        self._show(self.progress_line())
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            self._say(self.progress_line())

    def progress_line(self) -> str:
        """The progress."""
        return f"listed {plural(self._items, 'item')} in {plural(self._albums, 'album')}"
