"""Totals of a plan, added up album by album."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from smug2s3.models import Album, AlbumTotals
from smug2s3.rules import keys
from smug2s3.rules.plan import Action, Step

LARGEST = 10
NAMED = 1_000
"""How many items and names are listed; all of them are counted."""


@dataclass(slots=True)
class Files:
    """A number of files and their bytes."""

    files: int = 0
    bytes: int = 0

    def add(self, files: int, size: int) -> None:
        """Add to it."""
        self.files += files
        self.bytes += size


@dataclass(slots=True, kw_only=True)
class PlanTotals:
    """The totals, filled in during the plan, so that an interrupted or failed one has them too."""

    least_sizes: tuple[int, ...] = (0,)
    """The least billed sizes of a file at the priced providers."""
    account: str = ""
    full_access: bool = True
    exact: bool = False
    """Whether every item was listed; else the numbers are SmugMug's own totals."""
    albums: int = 0
    assets: int = 0
    photos: int = 0
    videos: int = 0
    unavailable: int = 0
    in_store: Files = field(default_factory=Files)
    to_move: Files = field(default_factory=Files)
    twins: int = 0
    """Files with the same name as another one in their album."""
    renamed: int = 0
    """Files, albums and folders that cannot be stored under their exact name."""
    left_out: int = 0
    """Items excluded by the filters; not counted in ``assets``."""
    left_out_undated: int = 0
    left_out_unsized: int = 0
    """Of those: excluded because the date or the size is unknown."""
    more_files: int = 0
    """Items with more files in SmugMug Source, such as RAW, for which SmugMug was not asked. Known only with ``exact``."""
    unanswered: int = 0
    """Items for which SmugMug did not list such files, though it was asked. Known only with ``exact``."""
    components: Files = field(default_factory=Files)
    """Files in SmugMug Source that can be copied; not photos and videos. Known only with ``exact``."""
    previews: Files = field(default_factory=Files)
    """Reduced pictures to copy for viewing; not among the files."""
    previews_stored: Files = field(default_factory=Files)
    """Those that are copied already, if any are asked for."""
    component_calls: int = 0
    """Of ``sync_calls``: those that ask for such files, one for each photo or video."""
    uncounted: int = 0
    """Albums with an unknown number of items."""
    unsized: int = 0
    """Albums, or with ``exact`` items, of unknown size."""
    sync_calls: int = 0
    """Requests to SmugMug's API that a first sync needs."""
    api_calls: int = 0
    seconds: float = 0.0
    """Seconds that the plan itself took."""
    incomplete: int = 0
    """Albums or folders that could not be listed completely."""
    problems: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    """The reasons of unavailable items, with their number."""
    items: list[dict[str, str]] = field(default_factory=list)
    names: list[dict[str, str]] = field(default_factory=list)
    billed: Counter[int] = field(default_factory=Counter)
    """By least billed size: all bytes, with smaller files counted as that size."""
    children: Counter[str] = field(default_factory=Counter)
    """How many folders and albums each folder has directly in it; the root has the empty name."""
    _largest: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def folders(self) -> int:
        """Folders with an album in or below them."""
        return len(self.children.keys() - {""})

    @property
    def files(self) -> int:
        """Everything that can be stored."""
        return self.in_store.files + self.to_move.files

    @property
    def bytes(self) -> int:
        """Of all files, copied or not."""
        return self.in_store.bytes + self.to_move.bytes

    @property
    def largest(self) -> list[tuple[int, int, str]]:
        """Bytes, items and path of the largest albums, largest first."""
        return sorted(self._largest, reverse=True)

    def add_totals(self, album: AlbumTotals, stored: tuple[int, int]) -> None:
        """Add an album in SmugMug's own numbers; ``stored`` is the number of its copied files, and their bytes."""
        self.albums += 1
        self.add_place(album.folder)
        if album.locked:
            self.incomplete += 1
            self.problems.append(f"{album.path}: locked, so SmugMug does not list its contents for this sign-in")
            return
        files, size = album.assets or 0, album.bytes or 0
        kept = (min(files, stored[0]), min(size, stored[1]))
        self.assets += files
        self.uncounted += album.assets is None
        self.unsized += bool(files and not size)
        self.in_store.add(*kept)
        self.to_move.add(files - kept[0], size - kept[1])
        self._bill(files, size)
        self.add_size(album.path, files, size)

    def add_place(self, folder: str) -> None:
        """Count an album in ``folder``, a path with slashes."""
        while folder and folder not in self.children:
            self.children[folder] += 1
            folder = folder.rpartition("/")[0]
        self.children[folder] += 1

    def add_size(self, path: str, files: int, size: int) -> None:
        """Keep an album of this size if it is one of the largest."""
        put = heappush if len(self._largest) < LARGEST else heappushpop
        put(self._largest, (size, files, path))

    def add_file(self, size: int | None, *, in_store: bool) -> None:
        """Count a file that SmugMug provides, or that is in the bucket."""
        self.unsized += size is None
        (self.in_store if in_store else self.to_move).add(1, size or 0)
        self._bill(1, size or 0)

    def add_previews(self, count: int, size: int) -> None:
        """Count previews of ``size`` bytes each that are to be copied."""
        self.previews.add(count, count * size)
        self._bill(count, count * size)

    def take_stored_previews(self, count: int, size: int, *, counted: bool) -> None:
        """Previews that are in the bucket; ``counted``: whether they are among those to copy so far."""
        self.previews_stored = Files(count, size)
        if counted:
            self.previews.files = max(0, self.previews.files - count)
            self.previews.bytes = max(0, self.previews.bytes - size)
        else:
            self._bill(count, size)

    def add_unavailable(self, label: str, reason: str) -> None:
        """Count a file that SmugMug does not provide."""
        self.unavailable += 1
        self.reasons[reason] += 1
        if len(self.items) < NAMED:
            self.items.append({"key": label, "state": "unavailable", "reason": reason})

    def add_names(self, album: Album, steps: Sequence[Step], prefix: str) -> None:
        """Count changed names of an album, its folders and its items; call it before ``add_place``."""
        wanted = Counter(keys.fold(step.wanted) for step in steps)
        self.twins += sum(count for count in wanted.values() if count > 1)
        for depth, (place, directory) in enumerate(zip(_places(album), _directories(album), strict=True), 1):
            if place not in self.children:
                self._name("/".join(album.folder[:depth]), album.folder[depth - 1], directory)
        self._name(album.path, album.name, album.directory)
        for step in steps:
            if step.action is not Action.UNAVAILABLE:
                name = step.asset.filename
                self._name(f"{album.path}/{name or '(no name)'}", name, step.key.removeprefix(prefix))

    def _name(self, path: str, name: str, key: str) -> None:
        """Another Unicode form of the same name is not a change."""
        if unicodedata.normalize("NFC", name) == key.rpartition("/")[2]:
            return
        self.renamed += 1
        if len(self.names) < NAMED:
            self.names.append({"name": path, "key": key})

    def _bill(self, files: int, size: int) -> None:
        for least in self.least_sizes:
            self.billed[least] += max(size, files * least)


def place_of(album: Album) -> str:
    """The folders above an album, each by a unique name, since display names may repeat."""
    return "/".join(hashlib.sha256(record).hexdigest()[:16] for record in album.ancestors[:-1])


def _places(album: Album) -> list[str]:
    parts = place_of(album).split("/") if album.folder else []
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _directories(album: Album) -> list[str]:
    """The stored names of the folders above it; deep ones have a digest in place of the folders in between."""
    parts = album.directory.split("/")[:-1]
    whole = len(parts) == len(album.folder)
    return ["/".join(parts[:depth] if whole else parts) for depth in range(1, len(album.folder) + 1)]
