"""Progress of a plan that lists every item: how many so far, since nobody knows before how many there are."""

from __future__ import annotations

import time
from collections.abc import Callable

from smug2s3.reporting.amounts import plural
from smug2s3.reporting.events import EventReporter, Weight
from smug2s3.reporting.lines import EVERY, Lines


class ListingReporter(EventReporter):
    """Tells ``show`` after every album; writes to ``say`` one line a minute, and one for everything that went wrong."""

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
        """The plan itself begins with whose account it is, and nothing goes anywhere."""

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed."""
        self._albums += 1
        self._items += count
        self._show(self.progress_line())
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            self._say(self.progress_line())

    def progress_line(self) -> str:
        """How far it is."""
        return f"listed {plural(self._items, 'item')} in {plural(self._albums, 'album')}"
