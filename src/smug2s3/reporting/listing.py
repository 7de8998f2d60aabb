"""Progress of a plan that lists every item: how many so far, since nobody knows before how many there are."""

from __future__ import annotations

from collections.abc import Callable

from smug2s3.reporting.amounts import plural
from smug2s3.reporting.lines import EVERY, LineReporter


class ListingReporter(LineReporter):
    """Tells ``show`` after every album; writes to ``say`` one line a minute, and one for everything that went wrong."""

    def __init__(self, say: Callable[[str], None], show: Callable[[str], None], *, every: float = EVERY) -> None:
        super().__init__(say, every=every)
        self._show = show
        self._albums = 0
        self._items = 0

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed."""
        self._albums += 1
        self._items += count
        self._show(self.standing())
        super().planned(path, count=count, files=files, size=size, skipped=skipped)

    def standing(self) -> str:
        """How far it is."""
        return f"listed {plural(self._items, 'item')} in {plural(self._albums, 'album')}"
