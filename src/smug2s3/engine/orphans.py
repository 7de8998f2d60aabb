"""Finds files that no album has, when the `_album.json` beside them is missing and there is no ledger."""

from __future__ import annotations

from smug2s3.errors import StoreError
from smug2s3.flow.together import together
from smug2s3.ports.store import Store
from smug2s3.rules.keys import SIDECAR, split_suffix
from smug2s3.rules.media_types import media_type
from smug2s3.rules.preview_keys import GALLERY

AT_ONCE = 16
"""Directories of which one file is looked at together."""

_MEDIA = ("image/", "video/")


class Orphans:
    """Told every key of the listing, and then every file of every album.

    The listing is read again only if a directory with photos or videos has no `_album.json`: keys are kept of such ones alone.
    """

    def __init__(self, store: Store, prefix: str) -> None:
        self._store = store
        self._prefix = prefix
        self._described: set[str] = set()
        self._with_media: set[str] = set()
        self._others: set[str] = set()
        self._named: set[str] = set()
        self._sample = ""

    def listed(self, key: str) -> None:
        """An object is there."""
        directory, _, name = key.rpartition("/")
        if name == SIDECAR:
            self._described.add(directory)
        elif _is_media(name):
            self._with_media.add(directory)

    def another_archive(self, prefix: str) -> None:
        """An archive further down keeps account of its own files."""
        self._others.add(prefix)

    def named(self, key: str) -> None:
        """An album has this file."""
        self._sample = self._sample or key
        if key.rpartition("/")[0] not in self._described:
            self._named.add(key)

    async def problems(self) -> list[str]:
        """Every directory with files of no album, in one sentence; call it only if every album was read.

        Photos that others put there are none of ours, if the store shows that.
        """
        directories = {one for one in self._with_media - self._described if self._may_be_ours(f"{one}/")}
        found = await self._unnamed(directories) if directories else {}
        wanted = sorted(found)
        tell = bool(wanted and self._sample) and await self._says_so(self._sample)
        ours: list[str] = []
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            says = await together(self._says_so(found[one][0]) for one in some) if tell else [True] * len(some)
            ours += [one for one, is_ours in zip(some, says, strict=True) if is_ours]
        return [f"{one}: it has no {SIDECAR}, and no other one names its {_files(found[one][1])}" for one in ours]

    def _may_be_ours(self, place: str) -> bool:
        return (
            len(place) > len(self._prefix)
            and not place.startswith(f"{self._prefix}{GALLERY}/")
            and not any(place.startswith(other) for other in self._others)
        )

    async def _unnamed(self, directories: set[str]) -> dict[str, tuple[str, int]]:
        """A file of each directory that has files of no album, and their number."""
        found: dict[str, tuple[str, int]] = {}
        async for page in self._store.list(self._prefix):
            for key in (one.key for one in page):
                directory = key.rpartition("/")[0]
                if directory in directories and key not in self._named and not key.endswith(".xmp"):
                    first, count = found.get(directory, (key, 0))
                    found[directory] = first, count + 1
        return found

    async def _says_so(self, key: str) -> bool:
        """Whether the object's metadata say that it is a file of an archive; one that may not be asked counts as such."""
        try:
            return "image-key" in (await self._store.head(key)).metadata
        except StoreError as error:
            if error.ends_the_run:
                raise
            return True


def _is_media(name: str) -> bool:
    return media_type(split_suffix(name)[1]).startswith(_MEDIA)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
